//! A pipeline run as a stream of events that reconnects.

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

/// Maximum time for which an event is held back because it equals the first event of the run. A proxy that sends a run from its
/// start has all these events already, so the next one follows immediately.
const HOLD: Duration = Duration::from_secs(1);

/// A pipeline run, as a stream of its events in order, each once.
///
/// The stream reconnects by itself after an interruption, as its [`ReconnectPolicy`] allows. It ends with
/// [`Complete`](PipelineEvent::Complete), with [`Error`](PipelineEvent::Error), or with an `Err` if the run cannot be followed
/// any longer. The run itself continues on the service then.
///
/// Events are read when [`next`](Self::next) is awaited, not ahead. Dropping the value closes the connection.
pub struct PipelineRun {
    proxy: IngestProxy,
    id: PathSegment,
    cursor: u64,
    policy: ReconnectPolicy,
    progress: Progress,
    replay: Replay<PipelineEvent>,
    /// Timer that runs while an event is held back.
    hold: Option<Pin<Box<Sleep>>>,
    state: State,
}

/// State of the stream between two polls.
enum State {
    /// Before connecting.
    Disconnected,
    /// Waiting before a reconnect.
    Waiting(Pin<Box<Sleep>>),
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
            state: State::Disconnected,
        }
    }

    /// Sets how the run is followed after interruptions. Defaults to [`ReconnectPolicy::default`].
    pub fn reconnect(mut self, policy: ReconnectPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Returns the id of the run.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// Returns the number of events that were yielded, from which [`IngestProxy::follow`] continues, in this process or another.
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Waits for the next event and returns it, or `None` after the last event.
    ///
    /// # Errors
    ///
    /// Returns an error, and ends the stream, if the run cannot be followed any longer:
    ///
    /// - The proxy rejects the request permanently (401, 403, 404 and others).
    /// - The proxy requests a longer delay than [`RetryPolicy::max_retry_after`](crate::RetryPolicy::max_retry_after) allows.
    /// - Too many consecutive reconnects delivered no new event.
    /// - A line exceeds the limit of the [`ReconnectPolicy`].
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If the future is dropped before it completes, no event is lost.
    pub async fn next(&mut self) -> Option<Result<PipelineEvent, Error>> {
        StreamExt::next(self).await
    }

    /// Reads the stream to the end of the run and returns the `complete` event.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`next`](Self::next), and [`Reported`](ErrorKind::Reported) if the run ends with an error event.
    pub async fn finish(mut self) -> Result<JsonObject, Error> {
        while let Some(event) = self.next().await {
            match event? {
                PipelineEvent::Complete(object) => return Ok(object),
                PipelineEvent::Error(object) => {
                    let what = object.get("message").and_then(serde_json::Value::as_str);
                    let what =
                        format!("run {} failed: {}", self.id, what.unwrap_or("the event has no message"));
                    return Err(Error::new(ErrorKind::Reported, what).redacted(self.redactor()));
                }
                PipelineEvent::Other(_) | PipelineEvent::Unreadable(_) => {}
            }
        }
        Err(Error::new(ErrorKind::PrematureEnd, format!("run {} was read to its end before", self.id)))
    }

    /// Answers a question of the run: a clarification, the review of a schema (approve, edit or reject) or a fresh token. The
    /// service does not document the fields of the payload.
    ///
    /// # Errors
    ///
    /// Returns the [errors of every call](crate::error#errors-of-every-call). The call is not retried after an ambiguous outcome,
    /// so that a question is not answered twice.
    pub async fn resume_hook(&self, payload: JsonObject) -> Result<JsonObject, Error> {
        let call = self.proxy.call();
        let payload = types::PipelineHookRequest(payload);
        let result = call.client().resume_pipeline_hook(&self.id, &payload).await;
        call.finish(result).map(|answer| answer.0)
    }

    /// Returns the trace of the run so far: start and end, the duration of each step, each model call with its
    /// input and output tokens, the number of evaluations, and a summary. The service stores the trace after every step, so a
    /// failed run has a partial trace. The service documents the name of one field, `runId`.
    ///
    /// # Errors
    ///
    /// - [`NotFound`](ErrorKind::NotFound) if the run does not exist.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn trace(&self) -> Result<Row, Error> {
        let call = self.proxy.call();
        let result = call.client().get_pipeline_trace(&self.id).await;
        call.finish(result).map(|answer| answer.0)
    }

    fn redactor(&self) -> &Redactor {
        &self.proxy.connection().transport.redactor
    }

    /// Returns a future that connects at the cursor, in one attempt, because the run counts attempts itself.
    fn connect(&self) -> BoxFuture<'static, Result<Chunks, Error>> {
        let (proxy, id) = (self.proxy.clone(), self.id.clone());
        let cursor = i64::try_from(self.cursor).unwrap_or(i64::MAX);
        Box::pin(async move {
            let call = proxy.call_with(&proxy.options().clone().max_attempts(1));
            let result = call.client().stream_pipeline(&id, Some(cursor)).await;
            let (bytes, facts) = call.finish_with_facts(result)?;
            if let Some(found) = unexpected_media_type(&facts.headers) {
                let what = format!("the response is not a stream of JSON lines ({found})");
                return Err(facts.unexpected(what, b"").advice(format!(
                    "check the host of the ingest proxy (DL_INGEST_PROXY); the run may continue: follow it later from event \
                     {cursor} with IngestProxy::follow"
                )));
            }
            let idle = proxy.connection().transport.idle.of("streamPipeline");
            Ok(Chunks::new(bytes.into_inner(), idle, facts.context))
        })
    }

    /// Returns the state after an interruption, or the error that ends the stream.
    fn handle_disconnect(&mut self, error: Error) -> Result<State, Error> {
        if !error.is_retryable() {
            return Err(error);
        }
        let wait = error.retry_after();
        if wait.is_some_and(|wait| wait > self.proxy.retry_policy().max_retry_after) {
            return Err(error.advice(format!(
                "the server requests a longer delay than RetryPolicy::max_retry_after allows; the run may continue: {}",
                self.later()
            )));
        }
        let reconnects = self.progress.disconnected();
        if reconnects >= self.policy.max_reconnects_without_progress {
            let why = match reconnects {
                0 => "the policy allows no attempt to reconnect".to_owned(),
                1 => "1 reconnect delivered no new event".to_owned(),
                times => format!("{times} reconnects delivered no new event"),
            };
            return Err(error.advice(format!("{why}; the run may continue: {}", self.later())));
        }
        let pause = wait.unwrap_or_else(|| {
            self.policy
                .backoff
                .pause(reconnects.saturating_add(1), self.proxy.connection().transport.jitter())
        });
        tracing::info!(run = %self.id, cursor = self.cursor, delay_ms = pause.as_millis() as u64, %error, "reconnecting to run");
        Ok(State::Waiting(Box::pin(sleep(pause))))
    }

    /// Returns the advice for a run that cannot be followed any longer.
    fn later(&self) -> String {
        format!("follow it later from event {} with IngestProxy::follow", self.cursor)
    }

    /// Returns the next new event of the open connection, without waiting.
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
                State::Disconnected => {
                    run.state = State::Connecting(run.connect());
                    continue;
                }
                State::Waiting(pause) => {
                    ready!(pause.as_mut().poll(cx));
                    run.state = State::Disconnected;
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
                        // The event is yielded in this poll, so the cursor cannot get ahead of it.
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
    /// Waits until a held event was held back for [`HOLD`], and releases it. Pending if no event is held back.
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

    /// Reads the next chunk into the decoder. The end of the body is an error, because the last event is missing.
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

/// Returns the media type of a response that cannot be a stream of JSON lines, or `None` if it can be one.
///
/// The service does not document the media type of its stream. Types that may carry JSON or plain text are accepted, and a
/// response without a type.
fn unexpected_media_type(headers: &HeaderMap) -> Option<&str> {
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
