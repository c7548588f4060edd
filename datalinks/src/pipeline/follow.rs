//! The lines of a pipeline run, over as many connections as it takes.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use datalinks_gen::PathSegment;
use futures::{StreamExt, future::BoxFuture};
use http::{HeaderMap, header::CONTENT_TYPE};

use super::{
    progress::Progress,
    reconnect::ReconnectPolicy,
    replay::{Replay, hash, is_identified_line},
};
use crate::{
    client::IngestProxy,
    error::{Error, ErrorKind},
    platform::clock::{Sleep, sleep},
    stream::ndjson,
    transport::{CallContext, Chunks},
};

/// Maximum time for which an event is held back because it equals the first event of the run. A proxy that sends a run from its
/// start has all these events already, so the next one follows immediately.
const HOLD: Duration = Duration::from_secs(1);

/// Follows a run: connects at the cursor, yields each line once, and reconnects after an interruption, as the policy
/// allows.
pub(super) struct Follower {
    pub(super) proxy: IngestProxy,
    pub(super) id: PathSegment,
    /// Number of lines that were yielded.
    pub(super) cursor: u64,
    pub(super) policy: ReconnectPolicy,
    progress: Progress,
    replay: Replay<Vec<u8>>,
    /// The line read last, if it was held back.
    released: Option<Vec<u8>>,
    /// Timer that runs while a line is held back.
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

impl Follower {
    pub(super) fn new(proxy: IngestProxy, id: PathSegment, cursor: u64) -> Self {
        Self {
            proxy,
            id,
            cursor,
            policy: ReconnectPolicy::default(),
            progress: Progress::default(),
            replay: Replay::default(),
            released: None,
            hold: None,
            state: State::Disconnected,
        }
    }

    /// Returns `true` after the end.
    pub(super) fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// Ends the stream and closes the connection.
    pub(super) fn end(&mut self) {
        self.state = State::Ended;
    }

    /// Reads the next new line of the open connection, which [`line`](Self::line) then returns. Returns `false` if there is no
    /// line yet. Never waits. The caller yields the line at once and moves the cursor.
    pub(super) fn next_line(&mut self) -> Result<bool, Error> {
        let State::Reading(chunks, decoder) = &mut self.state else { return Ok(false) };
        loop {
            self.released = self.replay.next();
            if self.released.is_some() {
                return Ok(true);
            }
            if !decoder.advance().map_err(|error| too_long(chunks.context(), error))? {
                return Ok(false);
            }
            let line = decoder.line();
            let is_sampled = self.progress.is_sampled();
            if is_sampled && self.replay.is_settled(self.cursor) {
                self.progress.line(line.len() as u64);
                return Ok(true);
            }
            let hash = hash(line);
            // The same lines must count the same on every connection, whether they are compared or not.
            self.progress.line(if is_sampled { line.len() as u64 } else { hash });
            if self.replay.trusts(hash, self.cursor) {
                return Ok(true);
            }
            let identified = self.replay.is_comparing() && is_identified_line(line);
            self.released = self.replay.line(hash, identified, line.to_vec(), self.cursor);
            if self.released.is_some() {
                return Ok(true);
            }
        }
    }

    /// Returns the line that [`next_line`](Self::next_line) has read.
    pub(super) fn line(&self) -> &[u8] {
        match (&self.released, &self.state) {
            (Some(line), _) => line,
            (None, State::Reading(_, decoder)) => decoder.line(),
            (None, _) => &[],
        }
    }

    /// Completes when there may be another line: after a chunk, a connection, a delay, or the release of a held line.
    pub(super) fn poll_advance(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        match &mut self.state {
            State::Ended => {}
            State::Disconnected => self.state = State::Connecting(self.connect()),
            State::Waiting(pause) => {
                ready!(pause.as_mut().poll(cx));
                self.state = State::Disconnected;
            }
            State::Connecting(connecting) => match ready!(connecting.as_mut().poll(cx)) {
                Ok(chunks) => {
                    self.replay.connected(self.cursor, self.policy.detect_replays);
                    self.hold = None;
                    let decoder = ndjson::Decoder::new().limit(self.policy.line_limit);
                    self.state = State::Reading(chunks, Box::new(decoder));
                }
                Err(error) => return Poll::Ready(self.handle_disconnect(error)),
            },
            State::Reading(..) => match self.read(cx) {
                Poll::Pending => ready!(self.poll_hold(cx)),
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(self.handle_disconnect(error)),
            },
        }
        Poll::Ready(Ok(()))
    }

    /// Waits for a reconnect after an interruption, or returns the error that ends the stream.
    pub(super) fn handle_disconnect(&mut self, error: Error) -> Result<(), Error> {
        let next = self.after_disconnect(error);
        self.state = State::Ended;
        self.state = next?;
        Ok(())
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
    fn after_disconnect(&mut self, error: Error) -> Result<State, Error> {
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

fn too_long(context: &CallContext, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    context.annotate(Error::new(ErrorKind::LimitExceeded, error.to_string()).caused_by(error))
}
