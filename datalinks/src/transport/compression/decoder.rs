//! The decompression of one body, in pieces of bounded size.

use std::{fmt, io};

use bytes::{Buf as _, Bytes, BytesMut};

use super::{
    coding::Coding,
    step::{Decode, Step},
};

/// Maximum number of bytes that one step decompresses.
const PIECE: usize = 32 * 1024;

/// Number of bytes that are decompressed before other tasks run.
pub(crate) const DECODED_AT_ONCE: u64 = 1024 * 1024;

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
        if self.read == 0 && self.coding == Coding::Brotli && input.first().is_some_and(begins_large_window) {
            return Err(self.corrupt(io::Error::other("its window is larger than 16 MiB")));
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

/// Returns `true` for the first byte of brotli with a large window, which RFC 7932 does not have. Its decoder keeps up to 1 GiB
/// of the content.
fn begins_large_window(first: &u8) -> bool {
    first & 0x7f == 0x11
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

#[cfg(test)]
#[cfg(all(feature = "brotli", feature = "gzip", feature = "zstd"))]
mod tests {
    use proptest::prelude::*;

    use super::{super::codec, *};

    fn decoder(coding: Coding) -> Decoder {
        Decoder::new(coding, coding.decoder().unwrap())
    }

    /// Decompresses what arrives in chunks of these lengths, repeated.
    fn decompressed(coding: Coding, body: &[u8], chunks: &[usize]) -> Result<Vec<u8>, DecodeError> {
        let (mut decoder, mut output) = (decoder(coding), BytesMut::new());
        let (mut rest, mut lengths) = (body, chunks.iter().cycle());
        while !rest.is_empty() {
            let (chunk, later) = rest.split_at(rest.len().min(*lengths.next().unwrap()));
            rest = later;
            let mut input = Bytes::copy_from_slice(chunk);
            while decoder.step(&mut input, &mut output)? {}
            assert!(input.is_empty());
        }
        decoder.finish()?;
        assert_eq!((decoder.read(), decoder.written()), (body.len() as u64, output.len() as u64));
        Ok(output.to_vec())
    }

    fn compressed(coding: Coding, content: &[u8]) -> Vec<u8> {
        let encoded = match coding {
            Coding::Brotli => codec::encode(codec::brotli_encoder(), content),
            Coding::Gzip => codec::encode(codec::gzip_encoder(), content),
            Coding::Zstd => codec::encode(codec::zstd_encoder(), content),
        };
        encoded.unwrap().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// The content fills pieces exactly or not, and the chunks cut headers, trailers and the ends of parts.
        #[test]
        fn parts_are_decompressed_however_they_are_cut(
            parts in prop::collection::vec((0..3_usize, -2..3_isize, any::<u8>()), 1..4),
            chunks in prop::collection::vec(prop_oneof![1..20_usize, Just(100_000)], 1..5),
            is_skipped: bool,
        ) {
            for coding in Coding::ALL {
                let parts = if coding == Coding::Brotli { &parts[..1] } else { &parts[..] };
                let (mut body, mut content) = (Vec::new(), Vec::new());
                for (pieces, more, byte) in parts {
                    let length = (pieces * PIECE + 300).saturating_add_signed(*more);
                    let length = if *pieces > 0 { length - 300 } else { length };
                    let part: Vec<u8> = (0..length).map(|at| byte.wrapping_add((at / 100) as u8)).collect();
                    body.extend(compressed(coding, &part));
                    content.extend(part);
                    if coding == Coding::Zstd && is_skipped {
                        body.extend(b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc");
                    }
                }
                let found = decompressed(coding, &body, &chunks).unwrap();
                prop_assert!(found == content, "{coding:?}: {} of {} bytes", found.len(), content.len());
                // Every proper start is incomplete, except one that ends with a part.
                let cut = decompressed(coding, &body[..body.len() - 1], &chunks);
                prop_assert!(matches!(cut, Err(DecodeError::Cut { .. })), "{coding:?}: {cut:?}");
            }
        }
    }

    /// The decoder of a long stream kept up to 1 GiB of its content.
    #[test]
    fn large_window_of_brotli_is_rejected() {
        // The window has 2^30 bytes. An uncompressed part of 5 bytes follows, and the end.
        let large = decompressed(Coding::Brotli, b"\x11\x1e\x08\x00\x02hello\x03", &[1]);
        assert!(matches!(large, Err(DecodeError::Corrupt { .. })), "{large:?}");
        // The largest window of RFC 7932 has 2^24 bytes.
        let allowed = decompressed(Coding::Brotli, b"\x0f\x02\x80hello\x03", &[1]);
        assert_eq!(allowed.unwrap(), b"hello");
    }
}
