//! The decompression of one body, in pieces of bounded size.

use std::{fmt, io};

use bytes::{Buf as _, Bytes, BytesMut};

use super::{
    coding::Coding,
    step::{Decode, Step},
};

/// Maximum number of bytes that one step decompresses.
const PIECE: usize = 32 * 1024;

/// A body that cannot be decompressed.
#[derive(Debug)]
pub(crate) enum DecodeError {
    /// The data is not valid.
    Corrupt { coding: Coding, source: io::Error },
    /// The body ended before the end of the compressed data.
    Cut { coding: Coding },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt { coding, source } => {
                write!(f, "the body of the response is not valid {}: {source}", coding.name())
            }
            Self::Cut { coding } => {
                write!(f, "the body of the response ended before the end of its {} data", coding.name())
            }
        }
    }
}

impl std::error::Error for DecodeError {}

/// Decompresses one body. The caller decides how much is decompressed before it checks a limit.
pub(crate) struct Decoder {
    coding: Coding,
    codec: Box<dyn Decode>,
    /// The output of one step.
    piece: Box<[u8]>,
    read: u64,
    written: u64,
    /// The compressed data has ended. Data that follows is another part.
    is_end: bool,
    /// The last step filled its output, so there may be more without input.
    is_full: bool,
}

impl Decoder {
    pub(super) fn new(coding: Coding, codec: Box<dyn Decode>) -> Self {
        let piece = vec![0; PIECE].into_boxed_slice();
        Self { coding, codec, piece, read: 0, written: 0, is_end: false, is_full: false }
    }

    pub(crate) fn coding(&self) -> Coding {
        self.coding
    }

    /// Returns the number of compressed bytes that were read.
    pub(crate) fn read(&self) -> u64 {
        self.read
    }

    /// Returns the number of bytes that were decompressed.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Decompresses a part of `input`, which it removes there, and appends a piece of bounded size to `output`. Returns `false`
    /// if it needs more input.
    pub(crate) fn step(&mut self, input: &mut Bytes, output: &mut BytesMut) -> Result<bool, DecodeError> {
        if input.is_empty() && !self.is_full {
            return Ok(false);
        }
        if self.is_end {
            if input.is_empty() {
                return Ok(false);
            }
            // The data of brotli has one part.
            if self.coding == Coding::Brotli {
                return Err(self.corrupt(io::Error::other("other data follows its end")));
            }
            self.codec.restart().map_err(|error| self.corrupt(error))?;
            self.is_end = false;
        }
        let step = self.codec.decode(input, &mut self.piece);
        let Step { read, written, is_end } = step.map_err(|error| self.corrupt(error))?;
        if read == 0 && written == 0 && !is_end && !input.is_empty() {
            return Err(self.corrupt(io::Error::other("the decoder makes no progress")));
        }
        input.advance(read);
        self.read += read as u64;
        self.written += written as u64;
        output.extend_from_slice(&self.piece[..written]);
        self.is_end = is_end;
        self.is_full = written == self.piece.len();
        Ok(!input.is_empty() || self.is_full)
    }

    /// Checks that the compressed data has ended with its body. A body without any byte has no content.
    pub(crate) fn finish(&self) -> Result<(), DecodeError> {
        if self.is_end || self.read == 0 { Ok(()) } else { Err(DecodeError::Cut { coding: self.coding }) }
    }

    fn corrupt(&self, source: io::Error) -> DecodeError {
        DecodeError::Corrupt { coding: self.coding, source }
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("coding", &self.coding())
            .field("read", &self.read)
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}
