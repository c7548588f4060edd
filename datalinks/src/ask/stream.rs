//! The stream of an answer.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};

use super::{Answer, AskEvent};
use crate::{
    Error, ErrorKind,
    call::Facts,
    stream::sse,
    transport::{Chunks, request_id},
};

/// The events of an answer, as they come. It ends after [`Answer`](AskEvent::Answer) or
/// [`Error`](AskEvent::Error); any other end is an `Err` of kind
/// [`PrematureEnd`](ErrorKind::PrematureEnd).
///
/// Nothing is read ahead: events are pulled by [`next`](Self::next), which may be dropped at any point
/// without losing one. Dropping the stream, or [`close`](Self::close), closes its connection.
pub struct AskStream {
    chunks: Chunks,
    decoder: Box<sse::Decoder>,
    status: StatusCode,
    headers: HeaderMap,
    run_id: Option<String>,
    conversation_id: Option<String>,
    /// An event that was not read from the connection.
    ready: Option<AskEvent>,
    ended: bool,
}

impl AskStream {
    pub(crate) fn open(
        parts: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
        facts: Facts,
        idle: Duration,
        event_limit: usize,
    ) -> Result<Self, Error> {
        let content_type =
            facts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("text/event-stream") {
            let found = if media_type.is_empty() { "has no content type" } else { media_type };
            return Err(facts.unexpected(format!("the answer is no event stream ({found})"), b""));
        }
        Ok(Self {
            chunks: Chunks::new(parts, idle, facts.effort),
            decoder: Box::new(sse::Decoder::new().limit(event_limit)),
            status: facts.status,
            headers: facts.headers,
            run_id: None,
            conversation_id: None,
            ready: None,
            ended: false,
        })
    }

    /// A stream of one event, made of an answer that is no stream.
    pub(crate) fn only(event: AskEvent, status: StatusCode, headers: HeaderMap) -> Self {
        Self {
            chunks: Chunks::none(),
            decoder: Box::default(),
            status,
            headers,
            run_id: None,
            conversation_id: None,
            ready: Some(event),
            ended: false,
        }
    }

    /// The next event; nothing after the last.
    ///
    /// # Errors
    ///
    /// When the connection is lost, is silent for too long, or ends without a last event; when a known
    /// event has an unreadable payload, or an event is too long. The stream ends then.
    pub async fn next(&mut self) -> Option<Result<AskEvent, Error>> {
        StreamExt::next(self).await
    }

    /// Reads to the end and answers what the agent answered.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next); and [`Reported`](ErrorKind::Reported) when the stream ends with an error.
    pub async fn answer(mut self) -> Result<Answer, Error> {
        while let Some(event) = self.next().await {
            match event? {
                AskEvent::Answer(answer) => return Ok(answer),
                AskEvent::Error(failure) => {
                    let error = Error::new(ErrorKind::Reported, failure.message)
                        .with_request_id(request_id(&self.headers));
                    return Err(self.chunks.effort().tell(error));
                }
                event @ (AskEvent::NoCheckpoint(_) | AskEvent::Terminal(_)) => {
                    let what = format!("there is nothing to resume ({})", event.name());
                    return Err(Error::new(ErrorKind::Reported, what).advice("look at the status of the run"));
                }
                _ => {}
            }
        }
        Err(self.premature())
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The id of the run, once `run-started` told it. Whether it does is not certain.
    pub fn run_id(&self) -> Option<&str> {
        self.run_id.as_deref()
    }

    /// The id of the conversation, once `run-started` told it: what
    /// [`Ask::conversation`](super::Ask::conversation) takes to go on with it.
    pub fn conversation_id(&self) -> Option<&str> {
        self.conversation_id.as_deref()
    }

    /// Drops the connection now; the stream ends.
    pub fn close(&mut self) {
        self.ended = true;
        self.chunks.close();
    }

    fn premature(&self) -> Error {
        let what = "the stream ended without an answer or an error";
        let error = Error::new(ErrorKind::PrematureEnd, what).with_request_id(request_id(&self.headers));
        self.chunks.effort().tell(error)
    }

    /// The next event among the bytes that are here.
    fn decode(&mut self) -> Result<Option<AskEvent>, Error> {
        let effort = self.chunks.effort();
        let event = match self.decoder.next() {
            Ok(Some(event)) => event,
            Ok(None) => return Ok(None),
            Err(error) => {
                return Err(
                    effort.tell(Error::new(ErrorKind::LimitExceeded, error.to_string()).caused_by(error))
                );
            }
        };
        let decoded = AskEvent::decode(event.name(), event.data()).map_err(|error| {
            let what = format!("the event {} is not what it should be: {error}", event.name());
            let error = Error::new(ErrorKind::UnexpectedAnswer, what)
                .with_body(event.data().as_bytes())
                .caused_by(error)
                .advice("a newer version of this crate may know it");
            effort.tell(error)
        })?;
        if let AskEvent::RunStarted(started) = &decoded {
            self.run_id = started.run_id.as_ref().map(ToString::to_string);
            self.conversation_id = started.conversation_id.clone();
        }
        Ok(Some(decoded))
    }
}

impl Stream for AskStream {
    type Item = Result<AskEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = &mut *self;
        while !stream.ended {
            if let Some(event) = stream.ready.take() {
                stream.close();
                return Poll::Ready(Some(Ok(event)));
            }
            let failed = match stream.decode() {
                Ok(Some(event)) => {
                    if event.is_last() {
                        stream.close();
                    }
                    return Poll::Ready(Some(Ok(event)));
                }
                Ok(None) => match ready!(stream.chunks.poll_next_unpin(cx)) {
                    Some(Ok(part)) => {
                        stream.decoder.push(part);
                        continue;
                    }
                    Some(Err(error)) => error,
                    None => stream.premature(),
                },
                Err(error) => error,
            };
            stream.close();
            return Poll::Ready(Some(Err(failed)));
        }
        Poll::Ready(None)
    }
}

impl std::fmt::Debug for AskStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AskStream")
            .field("status", &self.status)
            .field("run_id", &self.run_id)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
