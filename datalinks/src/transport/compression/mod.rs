//! Content codings: gzip, brotli and zstd, each behind the feature of its name.
//!
//! - [`coding`]: the names in headers, and the codings that this build has.
//! - [`codec`]: their codecs, without I/O.
//! - [`step`]: what a codec does at once.
//! - [`decoder`]: the decompression of a body, in pieces of bounded size.
//! - [`response`]: the decoder for a response.
//! - [`opened`]: the decompression of a stream while it is read.
//! - [`request`]: the compression of request bodies.
//!
//! The HTTP client decompresses nothing, even if another crate of the application enables such a feature of reqwest. It would
//! hide how many compressed bytes were received, and a limit on the expansion needs that number.

#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
mod codec;
mod coding;
mod decoder;
mod opened;
mod request;
mod response;
mod step;

pub(super) use coding::accept;
pub(super) use decoder::{DECODED_AT_ONCE, DecodeError, Decoder};
pub(super) use opened::{decode_error, opened};
pub use request::RequestCompression;
pub(super) use request::{UNREAD_ADVICE, UNSUPPORTED_ADVICE, compressed};
pub(super) use response::{Unsupported, of_response};
