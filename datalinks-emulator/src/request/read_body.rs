//! Reading and decompression of request bodies.

use std::io;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::coding::{Coding, Decoder, Unknown, names, of_body};
use crate::response::Problem;

/// Reads a body up to a limit. A larger body is read to its end, so that the client can receive the error response.
pub(crate) async fn collect(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut chunks = body.into_data_stream();
    let mut collected = BytesMut::new();
    let mut too_large = false;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| ended_early())?;
        too_large |= collected.len() + chunk.len() > limit;
        if too_large {
            collected.clear();
        } else {
            collected.extend_from_slice(&chunk);
        }
    }
    if too_large { Err(Problem::too_large(limit)) } else { Ok(collected.freeze()) }
}

/// Reads a body like [`collect`] and decompresses it by its content coding. The limit applies to the content.
pub(crate) async fn content(body: Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, Problem> {
    match of_body(headers) {
        Ok(None) => collect(body, limit).await,
        Ok(Some(coding)) => decompress(body, coding, limit).await,
        Err(unknown) => {
            discard(body).await;
            Err(not_accepted(unknown))
        }
    }
}

/// Reads a body to its end and discards it, so that the client can receive an error response.
pub(crate) async fn discard(body: Body) {
    let mut chunks = body.into_data_stream();
    while let Some(Ok(_)) = chunks.next().await {}
}

fn ended_early() -> Problem {
    Problem::malformed("the body ended too early; send it again")
}

fn not_accepted(Unknown(named): Unknown) -> Problem {
    let (known, list) = (names().join(" or "), names().join(", "));
    let problem = Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        format!(
            "content-encoding: {named:?} is not accepted; send the body with {known} only, or without a content-encoding"
        ),
    );
    match HeaderValue::from_str(&list) {
        Ok(list) => problem.with_header(header::ACCEPT_ENCODING, list),
        Err(_) => problem,
    }
}

/// Reads a compressed body. An empty body has no content.
async fn decompress(body: Body, coding: Coding, limit: usize) -> Result<Bytes, Problem> {
    let mut chunks = body.into_data_stream();
    let mut decoder = Decoder::new(coding);
    let mut content = BytesMut::new();
    let mut failed = None;
    while let Some(chunk) = chunks.next().await {
        let mut chunk = chunk.map_err(|_| ended_early())?;
        // After an error, the rest of the body is only read.
        while failed.is_none() {
            match decoder.step(&mut chunk, &mut content) {
                Ok(_) if content.len() > limit => failed = Some(Problem::too_large_decompressed(limit)),
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => break,
                Err(error) => failed = Some(not_valid(coding, &error)),
            }
        }
        if failed.is_some() {
            content = BytesMut::new();
        }
    }
    match failed {
        Some(problem) => Err(problem),
        None => decoder.finish().map(|()| content.freeze()).map_err(|error| not_valid(coding, &error)),
    }
}

fn not_valid(coding: Coding, error: &io::Error) -> Problem {
    let name = coding.name();
    Problem::malformed(format!(
        "the body is not valid {name}, although its content-encoding is {name}: {error}; compress it again"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::Encoder;

    fn compressed_by(coding: Coding, content: &[u8]) -> Vec<u8> {
        Encoder::new(coding).last(content).unwrap().to_vec()
    }

    fn compressed(content: &[u8]) -> Vec<u8> {
        compressed_by(Coding::Gzip, content)
    }

    async fn read(body: Vec<u8>, limit: usize) -> Result<Bytes, u16> {
        read_by(Coding::Gzip, body, limit).await
    }

    async fn read_by(coding: Coding, body: Vec<u8>, limit: usize) -> Result<Bytes, u16> {
        // The size of chunks splits headers and trailers.
        let chunks: Vec<io::Result<Bytes>> =
            body.chunks(7).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        let body = Body::from_stream(futures::stream::iter(chunks));
        decompress(body, coding, limit).await.map_err(|problem| problem.status.as_u16())
    }

    #[tokio::test]
    async fn gzip_is_decompressed_up_to_the_limit() {
        let content = b"a line of text\n".repeat(1000);
        let whole = compressed(&content);
        assert_eq!(read(whole.clone(), content.len()).await.unwrap(), content);
        assert_eq!(read(whole.clone(), content.len() - 1).await, Err(413));
        assert_eq!(read(compressed(&vec![0; 1 << 24]), 1000).await, Err(413));
        let two = [compressed(b"one, "), compressed(b"two")].concat();
        assert_eq!(read(two, 8).await.unwrap(), "one, two");
        assert_eq!(read(compressed(b""), 0).await.unwrap(), "");
        assert_eq!(read(Vec::new(), 0).await.unwrap(), "");
        for broken in [&whole[..whole.len() - 1], &whole[..20], b"no gzip", &[&whole[..], b"more"].concat()] {
            assert_eq!(read(broken.to_vec(), usize::MAX).await, Err(400));
        }
        let mut flipped = whole;
        let at = flipped.len() - 6;
        flipped[at] ^= 1;
        assert_eq!(read(flipped, usize::MAX).await, Err(400), "its checksum");
    }

    #[tokio::test]
    async fn every_coding_is_decompressed_up_to_the_limit() {
        let content = b"a line of text\n".repeat(100_000);
        for coding in Coding::ALL {
            let whole = compressed_by(*coding, &content);
            assert!(whole.len() < 10_000, "{coding:?}");
            assert_eq!(read_by(*coding, whole.clone(), content.len()).await.unwrap(), content);
            assert_eq!(read_by(*coding, whole.clone(), content.len() - 1).await, Err(413));
            assert_eq!(read_by(*coding, compressed_by(*coding, &vec![0; 1 << 24]), 1000).await, Err(413));
            assert_eq!(read_by(*coding, Vec::new(), 0).await.unwrap(), "");
            for broken in
                [&whole[..whole.len() - 1], &whole[..20], b"not compressed", &[&whole[..], b"more"].concat()]
            {
                assert_eq!(read_by(*coding, broken.to_vec(), usize::MAX).await, Err(400), "{coding:?}");
            }
        }
    }

    /// The decoder of a long body kept up to 1 GiB of its content, beside the body itself.
    #[cfg(feature = "brotli")]
    #[tokio::test]
    async fn large_window_of_brotli_is_rejected() {
        // The window has 2^30 bytes. An uncompressed part of 5 bytes follows, and the end.
        let large = b"\x11\x1e\x08\x00\x02hello\x03".to_vec();
        assert_eq!(read_by(Coding::Brotli, large, 100).await, Err(400));
        // The largest window of RFC 7932 has 2^24 bytes.
        let allowed = b"\x0f\x02\x80hello\x03".to_vec();
        assert_eq!(read_by(Coding::Brotli, allowed, 100).await.unwrap(), "hello");
    }
}
