//! The codecs of the library, without I/O.

use std::io;

use compression_codecs::{
    DecodeV2, EncodeV2,
    core::{
        Level,
        util::{PartialBuffer, WriteBuffer},
    },
};

use super::step::{Decode, Step};

/// Maximum window of zstd, as a power of two: 8 MiB, which RFC 9659 prescribes for the coding in HTTP.
#[cfg(feature = "zstd")]
const ZSTD_WINDOW: u32 = 23;

/// The quality at which brotli compresses requests. Its default takes a hundred times as long as gzip.
#[cfg(feature = "brotli")]
const BROTLI_QUALITY: i32 = 5;

/// Size of the pieces in which an encoder writes, in bytes.
const PIECE: usize = 16 * 1024;

#[cfg(feature = "brotli")]
pub(super) fn brotli_decoder() -> Box<dyn Decode> {
    Box::new(Library { decoder: compression_codecs::BrotliDecoder::new(), rejects_empty_input: false })
}

#[cfg(feature = "gzip")]
pub(super) fn gzip_decoder() -> Box<dyn Decode> {
    Box::new(Library { decoder: compression_codecs::GzipDecoder::new(), rejects_empty_input: true })
}

#[cfg(feature = "zstd")]
pub(super) fn zstd_decoder() -> Box<dyn Decode> {
    let window = compression_codecs::zstd::params::DParameter::window_log_max(ZSTD_WINDOW);
    let decoder = compression_codecs::ZstdDecoder::new_with_params(&[window]);
    Box::new(Library { decoder, rejects_empty_input: false })
}

#[cfg(feature = "brotli")]
pub(super) fn brotli_encoder() -> impl EncodeV2 {
    let params = compression_codecs::brotli::params::EncoderParams::default();
    compression_codecs::BrotliEncoder::new(params.quality(Level::Precise(BROTLI_QUALITY)).text_mode())
}

#[cfg(feature = "gzip")]
pub(super) fn gzip_encoder() -> impl EncodeV2 {
    compression_codecs::GzipEncoder::new(Level::Default.into())
}

#[cfg(feature = "zstd")]
pub(super) fn zstd_encoder() -> impl EncodeV2 {
    compression_codecs::ZstdEncoder::new(compression_codecs::zstd::params::CParameter::quality(
        Level::Default,
    ))
}

/// Compresses `body`. Returns `None` if the result is not smaller than `body`.
pub(super) fn encode(mut encoder: impl EncodeV2, body: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut written = Vec::new();
    let mut piece = vec![0; PIECE];
    let mut input = PartialBuffer::new(body);
    loop {
        let mut output = WriteBuffer::new_initialized(&mut piece);
        let is_end = if input.unwritten().is_empty() {
            encoder.finish(&mut output)?
        } else {
            encoder.encode(&mut input, &mut output)?;
            false
        };
        written.extend_from_slice(output.written());
        if written.len() >= body.len() {
            return Ok(None);
        }
        if is_end {
            return Ok(Some(written));
        }
    }
}

/// A decoder of the library.
struct Library<D> {
    decoder: D,
    /// Rejects an empty input, so the rest of the output comes by flushing.
    rejects_empty_input: bool,
}

impl<D: DecodeV2 + Send> Decode for Library<D> {
    fn decode(&mut self, input: &[u8], output: &mut [u8]) -> io::Result<Step> {
        let mut input = PartialBuffer::new(input);
        let mut output = WriteBuffer::new_initialized(output);
        let is_end = if self.rejects_empty_input && input.unwritten().is_empty() {
            self.decoder.flush(&mut output)?;
            false
        } else {
            self.decoder.decode(&mut input, &mut output)?
        };
        Ok(Step { read: input.written_len(), written: output.written_len(), is_end })
    }

    fn restart(&mut self) -> io::Result<()> {
        self.decoder.reinit()
    }
}
