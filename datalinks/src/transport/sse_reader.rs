//! The body of a response as server-sent events.

use std::{
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

/// Reads events from a body, under an idle clock and with a limit on their length. Nothing is read ahead.
pub(crate) struct SseReader {
    chunks: Chunks,
    decoder: Box<sse::Decoder>,
}

impl SseReader {
    /// Begins to read the body of a response, which has to be an event stream.
    pub(crate) fn open(
        parts: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
        facts: &Facts,
        idle: Duration,
        event_limit: usize,
    ) -> Result<Self, Error> {
        let media_type = media_type(&facts.headers);
        if !media_type.eq_ignore_ascii_case("text/event-stream") {
            let found = if media_type.is_empty() { "has no content type" } else { media_type };
            return Err(facts.unexpected(format!("the answer is no event stream ({found})"), b""));
        }
        let chunks = Chunks::new(parts, idle, facts.context.clone());
        Ok(Self { chunks, decoder: Box::new(sse::Decoder::new().limit(event_limit)) })
    }

    /// Reads the next event with `read`; `None` at the end of the body.
    ///
    /// An error of the connection, or an event over the limit, is the last thing that comes.
    pub(crate) fn poll_event<T>(
        &mut self,
        cx: &mut Context<'_>,
        read: impl FnOnce(&sse::Event<'_>) -> T,
    ) -> Poll<Option<Result<T, Error>>> {
        loop {
            match self.decoder.next() {
                Ok(Some(event)) => return Poll::Ready(Some(Ok(read(&event)))),
                Ok(None) => match ready!(self.chunks.poll_next_unpin(cx)) {
                    Some(Ok(part)) => self.decoder.push(part),
                    Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                    None => return Poll::Ready(None),
                },
                Err(error) => {
                    let error = Error::new(ErrorKind::LimitExceeded, error.to_string()).caused_by(error);
                    return Poll::Ready(Some(Err(self.context().annotate(error))));
                }
            }
        }
    }

    /// Returns the event that lacks its last line end or its blank line, after a body that ended cleanly.
    pub(crate) fn pending(&mut self) -> Option<sse::Event<'_>> {
        self.decoder.pending().ok().flatten()
    }

    /// Where the stream comes from, for errors found in its content.
    pub(crate) fn context(&self) -> &CallContext {
        self.chunks.context()
    }
}

/// Returns the media type of a response without parameters; empty if there is none.
pub(crate) fn media_type(headers: &HeaderMap) -> &str {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim()
}
