//! Reading and decompression of request bodies.

use std::io::{self, Write};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use flate2::write::MultiGzDecoder;
use futures::StreamExt;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::response::Problem;

/// Number of compressed bytes to decompress before other requests are served.
const CHUNK: usize = 4 * 1024;

/// Maximum number of characters of an unknown content coding in a message.
const SHOWN: usize = 40;

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

/// Reads a body like [`collect`] and decompresses it if it has the content coding gzip. The limit applies to the content.
pub(crate) async fn content(body: Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, Problem> {
    match Coding::of(headers) {
        Ok(Coding::Identity) => collect(body, limit).await,
        Ok(Coding::Gzip) => decompress(body, limit).await,
        Err(problem) => {
            discard(body).await;
            Err(problem)
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

/// The content coding of a body.
#[derive(Debug, Eq, PartialEq)]
enum Coding {
    Identity,
    Gzip,
}

impl Coding {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let values = headers.get_all(header::CONTENT_ENCODING).iter();
        let named: Vec<String> = values
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .map(|name| String::from_utf8_lossy(name.trim_ascii()).to_ascii_lowercase())
            .filter(|name| !matches!(name.as_str(), "" | "identity"))
            .collect();
        match named.as_slice() {
            [] => Ok(Self::Identity),
            [name] if matches!(name.as_str(), "gzip" | "x-gzip") => Ok(Self::Gzip),
            _ => Err(unknown(&named.join(", "))),
        }
    }
}

fn unknown(named: &str) -> Problem {
    let shown: String = named.chars().take(SHOWN).collect();
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        format!(
            "content-encoding: {shown:?} is not accepted; send the body with gzip only, or without a content-encoding"
        ),
    )
    .with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"))
}

/// Reads a body with any number of gzip members. An empty body has no content.
async fn decompress(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut chunks = body.into_data_stream();
    let mut decoder = MultiGzDecoder::new(Limited { content: BytesMut::new(), limit, is_over: false });
    let (mut is_empty, mut broken) = (true, None);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| ended_early())?;
        is_empty &= chunk.is_empty();
        for compressed in chunk.chunks(CHUNK) {
            // After an error, the rest of the body is only read.
            if broken.is_some() {
                break;
            }
            broken = decoder.write_all(compressed).err();
            tokio::task::yield_now().await;
        }
    }
    if is_empty {
        return Ok(Bytes::new());
    }
    let broken = broken.or_else(|| decoder.try_finish().err());
    let Limited { content, is_over, .. } = decoder.get_mut();
    match broken {
        _ if *is_over => Err(Problem::too_large_decompressed(limit)),
        Some(error) => Err(Problem::malformed(format!(
            "the body is not valid gzip, although its content-encoding is gzip: {error}; compress it again"
        ))),
        None => Ok(std::mem::take(content).freeze()),
    }
}

/// A buffer that fails if its content exceeds a limit.
struct Limited {
    content: BytesMut,
    limit: usize,
    is_over: bool,
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.limit.saturating_sub(self.content.len()) {
            self.is_over = true;
            self.content = BytesMut::new();
            return Err(io::Error::other("the content is too large"));
        }
        self.content.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn compressed(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    async fn read(body: Vec<u8>, limit: usize) -> Result<Bytes, u16> {
        // The size of chunks splits headers and trailers.
        let chunks: Vec<io::Result<Bytes>> =
            body.chunks(7).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        let body = Body::from_stream(futures::stream::iter(chunks));
        decompress(body, limit).await.map_err(|problem| problem.status.as_u16())
    }

    #[test]
    fn content_coding_is_read_from_the_headers() {
        let of = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(value));
            }
            Coding::of(&headers)
        };
        for identity in [&[][..], &["identity"], &["", " identity , "]] {
            assert_eq!(of(identity).unwrap(), Coding::Identity, "{identity:?}");
        }
        for gzip in [&["gzip"][..], &["X-GZip"], &["identity", "gzip"]] {
            assert_eq!(of(gzip).unwrap(), Coding::Gzip, "{gzip:?}");
        }
        for other in [&["br"][..], &["gzip, gzip"], &["zstd", "gzip"], &["gzip;q=1"]] {
            assert_eq!(of(other).unwrap_err().status, 415, "{other:?}");
        }
        let message = of(&["zstd"]).unwrap_err().message;
        assert!(message.contains("\"zstd\" is not accepted; send the body with gzip"), "{message}");
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
}
