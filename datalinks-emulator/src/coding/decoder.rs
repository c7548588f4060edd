//! The decompression of a body, in pieces of bounded size.

use std::io;

use bytes::{Buf as _, Bytes, BytesMut};
use compression_codecs::DecodeV2;
use compression_codecs::core::util::{PartialBuffer, WriteBuffer};

use super::Coding;

/// Maximum number of bytes that one step decompresses.
const PIECE: usize = 32 * 1024;

/// Decompresses one body.
pub(crate) struct Decoder {
    coding: Coding,
    codec: Box<dyn DecodeV2 + Send>,
    piece: Box<[u8]>,
    /// The compressed data has ended. Data that follows is another part.
    is_end: bool,
    /// The last step filled its output, so there may be more without input.
    is_full: bool,
    is_empty: bool,
}

impl Decoder {
    pub(crate) fn new(coding: Coding) -> Self {
        let piece = vec![0; PIECE].into_boxed_slice();
        Self { coding, codec: coding.decoder(), piece, is_end: false, is_full: false, is_empty: true }
    }

    /// Decompresses a part of `input`, which it removes there, and appends a piece of bounded size to `output`. Returns
    /// `false` if it needs more input.
    pub(crate) fn step(&mut self, input: &mut Bytes, output: &mut BytesMut) -> io::Result<bool> {
        if input.is_empty() && (self.is_end || !self.is_full) {
            return Ok(false);
        }
        if self.is_end {
            if !self.coding.has_parts() {
                return Err(io::Error::other("other data follows its end"));
            }
            self.codec.reinit()?;
            self.is_end = false;
        }
        if self.is_empty && input.first().is_some_and(|first| self.coding.rejects_start(*first)) {
            return Err(io::Error::other("its window is larger than 16 MiB"));
        }
        let mut compressed = PartialBuffer::new(&input[..]);
        let mut content = WriteBuffer::new_initialized(&mut self.piece);
        if input.is_empty() && self.coding == Coding::Gzip {
            // This decoder rejects an empty input.
            self.codec.flush(&mut content)?;
        } else {
            self.is_end = self.codec.decode(&mut compressed, &mut content)?;
        }
        let (read, written) = (compressed.written_len(), content.written_len());
        if read == 0 && written == 0 && !self.is_end && !input.is_empty() {
            return Err(io::Error::other("the decoder makes no progress"));
        }
        output.extend_from_slice(content.written());
        self.is_empty &= read == 0;
        self.is_full = written == PIECE;
        input.advance(read);
        Ok(!input.is_empty() || self.is_full)
    }

    /// Checks that the compressed data has ended with its body. A body without any byte has no content.
    pub(crate) fn finish(&self) -> io::Result<()> {
        match self.is_end || self.is_empty {
            true => Ok(()),
            false => Err(io::Error::other("it ends too early")),
        }
    }
}
