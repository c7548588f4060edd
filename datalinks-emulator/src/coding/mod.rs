//! Content codings of bodies: gzip, and with their features brotli and zstd.

mod decoder;
mod encoder;
mod negotiation;

use compression_codecs::core::Level;
use compression_codecs::{DecodeV2, EncodeV2};

pub(crate) use decoder::Decoder;
pub(crate) use encoder::Encoder;
pub(crate) use negotiation::{Unknown, accepted, names, of_body};

/// Maximum window of zstd, as a power of two: 8 MiB, which RFC 9659 prescribes for the coding in HTTP.
#[cfg(feature = "zstd")]
const ZSTD_WINDOW: u32 = 23;

/// The quality at which brotli compresses responses. Its default takes a hundred times as long as gzip.
#[cfg(feature = "brotli")]
const BROTLI_QUALITY: i32 = 4;

/// A content coding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Coding {
    #[cfg(feature = "brotli")]
    Brotli,
    Gzip,
    #[cfg(feature = "zstd")]
    Zstd,
}

impl Coding {
    /// All codings. If a client accepts several equally, the first of them is used.
    pub(crate) const ALL: &[Self] = &[
        #[cfg(feature = "zstd")]
        Self::Zstd,
        #[cfg(feature = "brotli")]
        Self::Brotli,
        Self::Gzip,
    ];

    /// Returns the name in headers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "brotli")]
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            #[cfg(feature = "zstd")]
            Self::Zstd => "zstd",
        }
    }

    /// Returns `true` if several compressed parts may follow each other in one body.
    fn has_parts(self) -> bool {
        match self {
            #[cfg(feature = "brotli")]
            Self::Brotli => false,
            Self::Gzip => true,
            #[cfg(feature = "zstd")]
            Self::Zstd => true,
        }
    }

    /// Returns `true` for the first byte of brotli with a large window, which RFC 7932 does not have. Its decoder keeps up to
    /// 1 GiB of the content.
    fn rejects_start(self, first: u8) -> bool {
        match self {
            #[cfg(feature = "brotli")]
            Self::Brotli => first & 0x7f == 0x11,
            Self::Gzip => {
                let _ = first;
                false
            }
            #[cfg(feature = "zstd")]
            Self::Zstd => false,
        }
    }

    fn decoder(self) -> Box<dyn DecodeV2 + Send> {
        match self {
            #[cfg(feature = "brotli")]
            Self::Brotli => Box::new(compression_codecs::BrotliDecoder::new()),
            Self::Gzip => Box::new(compression_codecs::GzipDecoder::new()),
            #[cfg(feature = "zstd")]
            Self::Zstd => {
                let window = compression_codecs::zstd::params::DParameter::window_log_max(ZSTD_WINDOW);
                Box::new(compression_codecs::ZstdDecoder::new_with_params(&[window]))
            }
        }
    }

    fn encoder(self) -> Box<dyn EncodeV2 + Send> {
        match self {
            #[cfg(feature = "brotli")]
            Self::Brotli => {
                let params = compression_codecs::brotli::params::EncoderParams::default();
                let params = params.quality(Level::Precise(BROTLI_QUALITY)).text_mode();
                Box::new(compression_codecs::BrotliEncoder::new(params))
            }
            Self::Gzip => Box::new(compression_codecs::GzipEncoder::new(Level::Default.into())),
            #[cfg(feature = "zstd")]
            Self::Zstd => {
                let level = compression_codecs::zstd::params::CParameter::quality(Level::Default);
                Box::new(compression_codecs::ZstdEncoder::new(level))
            }
        }
    }
}
