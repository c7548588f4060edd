//! A pipeline run, followed through cuts.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use datalinks_gen::{PathSegment, Row, proxy::types};
use futures::{Stream, StreamExt, future::BoxFuture, stream::FusedStream};
use http::{HeaderMap, header::CONTENT_TYPE};
use tokio::time::{Sleep, sleep};

use super::{
    event::{JsonObject, PipelineEvent},
    progress::Progress,
    reconnect::ReconnectPolicy,
    replay::{Replay, hash, is_identified},
};
use crate::{
    client::IngestProxy,
    error::{Error, ErrorKind},
    secrets::Redactor,
    stream::ndjson,
    transport::{CallContext, Chunks},
};

/// Longest time that an event is held back because it equals the first one of the run. A proxy that sends a run from
/// its start has all of these events at hand, so the next one follows at once.
const HOLD: Duration = Duration::from_secs(1);

/// A pipeline run and its events, in order and each once. It connects again by itself when its stream
/// is cut, and ends with [`Complete`](PipelineEvent::Complete) or [`Error`](PipelineEvent::Error), or
/// with an `Err` when it cannot be followed any longer; the run itself goes on then.
///
/// Nothing is read ahead: events are pulled by [`next`](Self::next), which may be dropped at any point
/// without losing one. Dropping the run closes its connection.
pub struct PipelineRun {
    proxy: IngestProxy,
    id: PathSegment,
    cursor: u64,
    policy: ReconnectPolicy,
    progress: Progress,
    replay: Replay<PipelineEvent>,
    /// Runs while an event is held back.
    hold: Option<Pin<Box<Sleep>>>,
    state: State,
}

/// Where the run stands between two polls.
enum State {
    /// About to connect.
    Parted,
    /// Waiting before it connects again, after this error.
    Pausing(Pin<Box<Sleep>>),
    Connecting(BoxFuture<'static, Result<Chunks, Error>>),
    Reading(Chunks, Box<ndjson::Decoder>),
    Ended,
}

impl PipelineRun {
    pub(super) fn new(proxy: IngestProxy, id: PathSegment, cursor: u64) -> Self {
        Self {
            proxy,
            id,
            cursor,
            policy: ReconnectPolicy::default(),
            progress: Progress::default(),
            replay: Replay::default(),
            hold: None,
            state: State::Parted,
        }
    }

    /// How the run is followed through cuts.
    pub fn reconnect(mut self, policy: ReconnectPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The id of the run.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// How many events were handed out: what [`IngestProxy::follow`] takes to go on from here, in this
    /// process or another.
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// The next event; nothing after the last.
    ///
    /// # Errors
    ///
    /// When the run cannot be followed any longer: the proxy refuses (401, 403, 404 and other lasting
    /// refusals), it asks for a longer wait than [`RetryPolicy::max_retry_after`](crate::RetryPolicy::max_retry_after) allows,
    /// too many reconnects in a row brought nothing, or a line is too long. It ends then.
    pub async fn next(&mut self) -> Option<Result<PipelineEvent, Error>> {
        StreamExt::next(self).await
    }

    /// Reads to the end of the run and answers its last event.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next); and [`Reported`](ErrorKind::Reported) when the run ends with an error.
    pub async fn finish(mut self) -> Result<JsonObject, Error> {
        while let Some(event) = self.next().await {
            match event? {
                PipelineEvent::Complete(object) => return Ok(object),
                PipelineEvent::Error(object) => {
                    let what = object.get("message").and_then(serde_json::Value::as_str);
                    let what =
                        format!("run {} failed: {}", self.id, what.unwrap_or("the event says no more"));
                    return Err(Error::new(ErrorKind::Reported, what).redacted(self.redactor()));
                }
                PipelineEvent::Other(_) | PipelineEvent::Unreadable(_) => {}
            }
        }
        Err(Error::new(ErrorKind::PrematureEnd, format!("run {} was read to its end before", self.id)))
    }

    /// Answers what the run asks for: a clarification, the review of a schema (approve, edit or reject) or a
    /// fresh token. The service does not document the fields of the payload.
    ///
    /// # Errors
    ///
    /// As any call. It is not repeated after an ambiguous outcome, so that nothing is answered twice.
    pub async fn resume_hook(&self, payload: JsonObject) -> Result<JsonObject, Error> {
        let call = self.proxy.call();
        let payload = types::PipelineHookRequest(payload);
        let result = call.client().resume_pipeline_hook(&self.id, &payload).await;
        call.finish(result).map(|answer| answer.0)
    }

    /// Returns the trace of the run so far: start and end, the duration of each step, each model call with its
    /// input and output tokens, the number of evaluations, and a summary. The trace is kept after every step,
    /// so a failed run has a partial one. The service documents the name of one field, `runId`.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn trace(&self) -> Result<Row, Error> {
        let call = self.proxy.call();
        let result = call.client().get_pipeline_trace(&self.id).await;
        call.finish(result).map(|answer| answer.0)
    }

    fn redactor(&self) -> &Redactor {
        &self.proxy.connection().transport.redactor
    }

    /// A connection that begins at the cursor. One attempt: this run has its own count of them.
    fn connect(&self) -> BoxFuture<'static, Result<Chunks, Error>> {
        let (proxy, id) = (self.proxy.clone(), self.id.clone());
        let cursor = i64::try_from(self.cursor).unwrap_or(i64::MAX);
        Box::pin(async move {
            let call = proxy.call_with(&proxy.options().clone().attempts(1));
            let result = call.client().stream_pipeline(&id, Some(cursor)).await;
            let (bytes, facts) = call.finish_with_facts(result)?;
            if let Some(found) = unfit(&facts.headers) {
                let what = format!("the response is not a stream of JSON lines ({found})");
                return Err(facts.unexpected(what, b"").advice(format!(
                    "check the host of the ingest proxy (DL_INGEST_PROXY); the run may go on: follow it later from event \
                     {cursor} with IngestProxy::follow"
                )));
            }
            let idle = proxy.connection().transport.idle.of("streamPipeline");
            Ok(Chunks::new(bytes.into_inner(), idle, facts.context))
        })
    }

    /// What follows an end that is not the end of the run: a pause, or giving up with `error`.
    fn handle_disconnect(&mut self, error: Error) -> Result<State, Error> {
        if !error.is_retryable() {
            return Err(error);
        }
        let wait = error.retry_after();
        if wait.is_some_and(|wait| wait > self.proxy.retry_policy().max_retry_after) {
            return Err(error.advice(format!(
                "the server asks for a longer wait than is allowed (RetryPolicy::max_retry_after); the run may go on: {}",
                self.later()
            )));
        }
        let without_progress = self.progress.disconnected();
        if without_progress >= self.policy.max_reconnects_without_progress {
            let why = match without_progress {
                0 => "the policy allows no attempt to reconnect".to_owned(),
                1 => "reconnecting once brought nothing".to_owned(),
                times => format!("reconnecting {times} times brought nothing"),
            };
            return Err(error.advice(format!("{why}; the run may go on: {}", self.later())));
        }
        let pause = wait.unwrap_or_else(|| {
            self.policy
                .backoff
                .pause(without_progress.saturating_add(1), self.proxy.connection().transport.jitter())
        });
        tracing::info!(run = %self.id, cursor = self.cursor, delay_ms = pause.as_millis() as u64, %error, "reconnecting to run");
        Ok(State::Pausing(Box::pin(sleep(pause))))
    }

    /// Says how to go on after the run could not be followed any longer.
    fn later(&self) -> String {
        format!("follow it later from event {} with IngestProxy::follow", self.cursor)
    }

    /// The next new event of the stream that is open, without waiting.
    fn event(&mut self) -> Result<Option<PipelineEvent>, Error> {
        let State::Reading(chunks, decoder) = &mut self.state else { return Ok(None) };
        loop {
            if let Some(event) = self.replay.next() {
                return Ok(Some(event));
            }
            match decoder.next() {
                Ok(Some(line)) => {
                    let hash = hash(line.bytes());
                    self.progress.line(hash);
                    // The method would borrow the decoder, too.
                    let event = event(line).cleaned(&self.proxy.connection().transport.redactor);
                    let identified = is_identified(&event);
                    if let Some(event) = self.replay.line(hash, identified, event, self.cursor) {
                        return Ok(Some(event));
                    }
                }
                Ok(None) => return Ok(None),
                Err(error) => return Err(too_long(chunks.context(), error)),
            }
        }
    }
}

impl Stream for PipelineRun {
    type Item = Result<PipelineEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let run = &mut *self;
        loop {
            let failed = match &mut run.state {
                State::Ended => return Poll::Ready(None),
                State::Parted => {
                    run.state = State::Connecting(run.connect());
                    continue;
                }
                State::Pausing(pause) => {
                    ready!(pause.as_mut().poll(cx));
                    run.state = State::Parted;
                    continue;
                }
                State::Connecting(connecting) => match ready!(connecting.as_mut().poll(cx)) {
                    Ok(chunks) => {
                        run.replay.connected(run.cursor, run.policy.detect_replays);
                        run.hold = None;
                        let decoder = ndjson::Decoder::new().limit(run.policy.line_limit);
                        run.state = State::Reading(chunks, Box::new(decoder));
                        continue;
                    }
                    Err(error) => error,
                },
                State::Reading(..) => match run.event() {
                    Ok(Some(event)) => {
                        // The event leaves in this very poll: the cursor cannot run ahead of it.
                        run.cursor += 1;
                        if event.is_final() {
                            run.state = State::Ended;
                        }
                        return Poll::Ready(Some(Ok(event)));
                    }
                    Ok(None) => match run.read(cx) {
                        Poll::Pending => {
                            ready!(run.poll_hold(cx));
                            continue;
                        }
                        Poll::Ready(Ok(())) => continue,
                        Poll::Ready(Err(error)) => error,
                    },
                    Err(error) => error,
                },
            };
            match run.handle_disconnect(failed) {
                Ok(state) => run.state = state,
                Err(error) => {
                    run.state = State::Ended;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl FusedStream for PipelineRun {
    /// Returns `true` after the last item.
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Ended)
    }
}

impl PipelineRun {
    /// Waits until an event was held back for long enough, and releases it. Pending if none is held back.
    fn poll_hold(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.replay.is_holding() {
            self.hold = None;
            return Poll::Pending;
        }
        ready!(self.hold.get_or_insert_with(|| Box::pin(sleep(HOLD))).as_mut().poll(cx));
        self.hold = None;
        self.replay.release();
        Poll::Ready(())
    }

    /// Feeds the decoder; a stream that ends here ended too early.
    fn read(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let State::Reading(chunks, decoder) = &mut self.state else { return Poll::Ready(Ok(())) };
        match ready!(chunks.poll_next_unpin(cx)) {
            Some(Ok(part)) => {
                decoder.push(part);
                Poll::Ready(Ok(()))
            }
            Some(Err(error)) => Poll::Ready(Err(error)),
            None => {
                let what = format!("the stream of run {} ended without its last event", self.id);
                Poll::Ready(Err(chunks.context().annotate(Error::new(ErrorKind::PrematureEnd, what))))
            }
        }
    }
}

impl std::fmt::Debug for PipelineRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PipelineRun")
            .field("id", &self.id.as_str())
            .field("cursor", &self.cursor)
            .finish_non_exhaustive()
    }
}

/// The content type of a response that cannot be a stream of JSON lines. The service does not document the content type
/// of its stream, so every type that may carry JSON or plain text is accepted, and a response without one.
fn unfit(headers: &HeaderMap) -> Option<&str> {
    let media_type = headers.get(CONTENT_TYPE)?.to_str().unwrap_or("unreadable");
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let lower = media_type.to_ascii_lowercase();
    let carries_lines = lower.contains("json")
        || ["", "text/plain", "text/event-stream", "application/octet-stream"].contains(&lower.as_str());
    (!carries_lines).then_some(media_type)
}

fn event(line: ndjson::Line<'_>) -> PipelineEvent {
    match line.json() {
        Ok(object) => PipelineEvent::from_object(object),
        Err(_) => PipelineEvent::Unreadable(String::from_utf8_lossy(line.bytes()).into_owned()),
    }
}

fn too_long(context: &CallContext, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    context.annotate(Error::new(ErrorKind::LimitExceeded, error.to_string()).caused_by(error))
}

crate::client::builder_options!(PipelineRun, proxy);
