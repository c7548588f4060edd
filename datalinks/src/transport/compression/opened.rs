//! The decompression of a stream while it is read.

use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, stream};
use http::HeaderMap;
use reqwest::{Body, Response, ResponseBuilderExt as _};

use super::decoder::{DECODED_AT_ONCE, DecodeError, Decoder};

/// The error of a body, which reqwest wraps.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Returns a response whose body is decompressed as it is read, with `headers`.
///
/// A chunk without content shows that compressed bytes arrived, so that the idle limit sees the progress of the server.
pub(crate) fn opened(response: Response, headers: &HeaderMap, decoder: Decoder) -> Response {
    let mut head = http::Response::builder().url(response.url().clone()).status(response.status());
    if let Some(own) = head.headers_mut() {
        own.clone_from(headers);
    }
    let parts = Box::pin(response.bytes_stream());
    let decoded = stream::try_unfold(
        (parts, decoder, Bytes::new(), DECODED_AT_ONCE),
        |(mut parts, mut decoder, mut input, mut pause)| async move {
            let mut output = BytesMut::new();
            // A reader that skips the content would poll without end.
            if decoder.written() > pause {
                pause = decoder.written() + DECODED_AT_ONCE;
                tokio::task::yield_now().await;
            }
            // What is left of the input comes first.
            if !decoder.step(&mut input, &mut output)? && output.is_empty() {
                match parts.next().await {
                    None => {
                        decoder.finish()?;
                        return Ok(None);
                    }
                    Some(part) => input = part?,
                }
                decoder.step(&mut input, &mut output)?;
            }
            Ok::<_, BoxError>(Some((output.freeze(), (parts, decoder, input, pause))))
        },
    );
    // The builder fails only on invalid input, and its values are those of a response.
    let head = head.body(()).unwrap_or_default();
    Response::from(head.map(|()| Body::wrap_stream(decoded)))
}

/// Returns the error of a decoder in the chain of causes of `error`.
pub(crate) fn decode_error(error: &reqwest::Error) -> Option<&DecodeError> {
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        if let Some(found) = next.downcast_ref() {
            return Some(found);
        }
        cause = next.source();
    }
    None
}
