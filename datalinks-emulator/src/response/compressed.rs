//! The compression of responses.

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use http::{HeaderValue, header};

use super::api_response::{ApiResponse, Content, EventBytes};
use crate::coding::{Coding, Encoder};
use crate::concurrency::work::{LARGE, background};

/// Size of the smallest body that is compressed, in bytes. Events of streams are always compressed.
const MIN_SIZE: usize = 1024;

impl ApiResponse {
    /// Compresses the body. A small body stays as it is, and so does one that would not become smaller.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no state changes.
    pub(crate) async fn compressed(mut self, coding: Coding) -> Self {
        match self.content {
            Content::Events(kind, events) => {
                self.content = Content::Events(kind, compressed_events(coding, events));
                self.coded(coding)
            }
            content => match content.whole() {
                Ok((media_type, body)) => {
                    let smaller = compressed_body(coding, body.clone()).await;
                    self.content = Content::Other(media_type, smaller.clone().unwrap_or(body));
                    if smaller.is_some() { self.coded(coding) } else { self }
                }
                Err(content) => Self { content, ..self },
            },
        }
    }

    fn coded(self, coding: Coding) -> Self {
        self.header(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()))
            .header(header::VARY, HeaderValue::from_static("accept-encoding"))
    }
}

/// Compresses a whole body. Returns `None` if it is small, or would not become smaller.
async fn compressed_body(coding: Coding, body: Bytes) -> Option<Bytes> {
    let length = body.len();
    if length < MIN_SIZE {
        return None;
    }
    let compress = move || Encoder::new(coding).last(&body);
    let compressed = if length < LARGE { compress() } else { background(compress).await };
    // An encoder in memory has no reason to fail. If it does, the body is sent as it is.
    compressed.ok().filter(|compressed| compressed.len() < length)
}

/// Compresses a stream of events, each of which the client can decompress when it arrives.
fn compressed_events(
    coding: Coding,
    events: BoxStream<'static, EventBytes>,
) -> BoxStream<'static, EventBytes> {
    let encoder = Some(Encoder::new(coding));
    let compressed = stream::unfold((events, encoder), |(mut events, mut encoder)| async move {
        let codec = encoder.as_mut()?;
        let (part, is_last) = match events.next().await {
            Some(event) => (codec.part(&event), false),
            None => (codec.last(&[]), true),
        };
        // After a failure, the compressed data has no end, so the client does not take the stream for complete.
        let part = part.inspect_err(|error| tracing::error!(%error, "cannot compress an event")).ok()?;
        Some((part, (events, encoder.filter(|_| !is_last))))
    });
    compressed.boxed()
}
