//! The body of a response as server-sent events.

use std::{
    borrow::Cow,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use http::{HeaderMap, header::CONTENT_TYPE};

use super::{call::Facts, chunks::Chunks, context::CallContext};
use crate::{
    error::{Error, ErrorKind},
    stream::sse,
};

/// Reads events from a body, under an idle limit and with a maximum length per event. Does not read ahead.
pub(crate) struct SseReader {
    chunks: Chunks,
    decoder: Box<sse::Decoder>,
}

impl SseReader {
    /// Creates a reader for the body of a response.
    ///
    /// # Errors
    ///
    /// Fails if the media type of the response is not `text/event-stream`.
    pub(crate) fn open(
        parts: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
        facts: &Facts,
        idle: Duration,
        event_limit: usize,
    ) -> Result<Self, Error> {
        let media_type = media_type(&facts.headers);
        if !media_type.eq_ignore_ascii_case("text/event-stream") {
            let found = if media_type.is_empty() { "has no content type" } else { media_type };
            return Err(facts.unexpected(format!("the response is not an event stream ({found})"), b""));
        }
        let chunks = Chunks::new(parts, idle, facts.context.clone());
        Ok(Self { chunks, decoder: Box::new(sse::Decoder::new().limit(event_limit)) })
    }

    /// Polls until there is an event, which [`event`](Self::event) then returns. `false` is the end of the body.
    ///
    /// The caller must not poll again after an error.
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Error>> {
        loop {
            match self.decoder.read() {
                Ok(true) => return Poll::Ready(Ok(true)),
                Ok(false) => match ready!(self.chunks.poll_next_unpin(cx)) {
                    Some(Ok(part)) => self.decoder.push(part),
                    Some(Err(error)) => return Poll::Ready(Err(error)),
                    None => return Poll::Ready(Ok(false)),
                },
                Err(error) => {
                    let error = Error::new(ErrorKind::LimitExceeded, error.to_string()).caused_by(error);
                    return Poll::Ready(Err(self.context().annotate(error)));
                }
            }
        }
    }

    /// Returns the event that was read last.
    pub(crate) fn event(&self) -> sse::Event<'_> {
        self.decoder.event()
    }

    /// Returns the name of the event that was read last, before decoding, and its data.
    pub(crate) fn name_and_data(&self) -> (&[u8], Cow<'_, str>) {
        (self.decoder.name(), self.decoder.data())
    }

    /// Returns the last event if the body ended before its line end or its blank line. Call it after the end of the body.
    pub(crate) fn pending(&mut self) -> Option<sse::Event<'_>> {
        self.decoder.pending().ok().flatten()
    }

    /// Returns the context of the call, for errors in the content of the stream.
    pub(crate) fn context(&self) -> &CallContext {
        self.chunks.context()
    }
}

/// Returns the media type of a response without parameters, or an empty string if there is none.
pub(crate) fn media_type(headers: &HeaderMap) -> &str {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim()
}
