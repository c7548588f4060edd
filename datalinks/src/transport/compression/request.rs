//! The compression of request bodies.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header::CONTENT_ENCODING};

use super::coding::Coding;

/// Advice for a server that rejects the coding of a request.
pub(crate) const UNSUPPORTED_ADVICE: &str = "the server does not take this compression: create the client without compress_requests, or with \
                                      another coding; nothing was sent again without compression";

/// Advice for a server that rejects the content of a compressed request.
pub(crate) const UNREAD_ADVICE: &str = "the request was compressed, and a server that does not decompress requests rejects them like \
                                 this: if other requests fail, too, create the client without compress_requests";

/// Default of the smallest body that is compressed, in bytes.
#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
const MIN_SIZE: usize = 1024;

/// Size of a body from which it is compressed on a thread for blocking work, in bytes.
const LARGE: usize = 64 * 1024;

/// The compression of request bodies ([`DataLinksBuilder::compress_requests`](crate::DataLinksBuilder::compress_requests)).
///
/// Each constructor needs the feature of its name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RequestCompression {
    coding: Coding,
    min_size: usize,
}

impl RequestCompression {
    /// Compresses bodies with gzip, the coding that most servers know.
    #[cfg(feature = "gzip")]
    pub fn gzip() -> Self {
        Self { coding: Coding::Gzip, min_size: MIN_SIZE }
    }

    /// Compresses bodies with brotli, at quality 5.
    #[cfg(feature = "brotli")]
    pub fn brotli() -> Self {
        Self { coding: Coding::Brotli, min_size: MIN_SIZE }
    }

    /// Compresses bodies with zstd, which takes the least time.
    #[cfg(feature = "zstd")]
    pub fn zstd() -> Self {
        Self { coding: Coding::Zstd, min_size: MIN_SIZE }
    }

    /// Sets the size of the smallest body that is compressed, in bytes. Defaults to 1024.
    pub fn min_size(mut self, bytes: usize) -> Self {
        self.min_size = bytes;
        self
    }
}

/// Compresses the body of a request, and sets its `Content-Encoding`. Returns `None` if the body is sent as it is: it is small, it
/// would not become smaller, or the application has set the header.
///
/// # Cancel safety
///
/// This function is cancel safe: nothing is sent.
pub(crate) async fn compressed(
    compression: Option<&RequestCompression>,
    headers: &mut HeaderMap,
    body: &Bytes,
) -> Option<Bytes> {
    let RequestCompression { coding, min_size } = compression?;
    let coding = *coding;
    if body.is_empty() || body.len() < *min_size || headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    let smaller = if body.len() < LARGE {
        compress(coding, body)
    } else {
        let body = body.clone();
        // If the thread fails, the body is sent as it is.
        tokio::task::spawn_blocking(move || compress(coding, &body)).await.ok().flatten()
    }?;
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    Some(smaller)
}

/// Compresses `body`. Returns `None` if the result is not smaller, or if this build does not have the coding.
fn compress(coding: Coding, body: &[u8]) -> Option<Bytes> {
    let smaller = match coding {
        #[cfg(feature = "brotli")]
        Coding::Brotli => super::codec::encode(super::codec::brotli_encoder(), body),
        #[cfg(feature = "gzip")]
        Coding::Gzip => super::codec::encode(super::codec::gzip_encoder(), body),
        #[cfg(feature = "zstd")]
        Coding::Zstd => super::codec::encode(super::codec::zstd_encoder(), body),
        #[cfg(not(all(feature = "brotli", feature = "gzip", feature = "zstd")))]
        _ => {
            let _ = body;
            Ok::<Option<Vec<u8>>, std::io::Error>(None)
        }
    };
    // An encoder in memory has no reason to fail. If it does, the body is sent as it is.
    smaller.ok().flatten().map(Bytes::from)
}
