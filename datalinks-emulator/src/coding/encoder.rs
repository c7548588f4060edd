//! The compression of a body.

use std::io;

use bytes::{Bytes, BytesMut};
use compression_codecs::EncodeV2;
use compression_codecs::core::util::{PartialBuffer, WriteBuffer};

use super::Coding;

/// Size of the pieces in which the encoder writes, in bytes.
const PIECE: usize = 16 * 1024;

/// Compresses one body.
pub(crate) struct Encoder {
    codec: Box<dyn EncodeV2 + Send>,
    piece: Box<[u8]>,
}

impl Encoder {
    pub(crate) fn new(coding: Coding) -> Self {
        Self { codec: coding.encoder(), piece: vec![0; PIECE].into_boxed_slice() }
    }

    /// Compresses a part of the body, such that the client can decompress all of it without the next part.
    pub(crate) fn part(&mut self, content: &[u8]) -> io::Result<Bytes> {
        let mut written = self.write(content)?;
        loop {
            let mut output = WriteBuffer::new_initialized(&mut self.piece);
            let is_done = self.codec.flush(&mut output)?;
            written.extend_from_slice(output.written());
            if is_done {
                return Ok(written.freeze());
            }
        }
    }

    /// Compresses the last part of the body, and ends it.
    pub(crate) fn last(&mut self, content: &[u8]) -> io::Result<Bytes> {
        let mut written = self.write(content)?;
        loop {
            let mut output = WriteBuffer::new_initialized(&mut self.piece);
            let is_done = self.codec.finish(&mut output)?;
            written.extend_from_slice(output.written());
            if is_done {
                return Ok(written.freeze());
            }
        }
    }

    fn write(&mut self, content: &[u8]) -> io::Result<BytesMut> {
        let mut written = BytesMut::new();
        let mut input = PartialBuffer::new(content);
        while !input.unwritten().is_empty() {
            let mut output = WriteBuffer::new_initialized(&mut self.piece);
            self.codec.encode(&mut input, &mut output)?;
            written.extend_from_slice(output.written());
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Decoder;
    use super::*;

    /// Decompresses as far as `compressed` goes.
    fn decompressed(decoder: &mut Decoder, compressed: &[u8]) -> Vec<u8> {
        let mut content = BytesMut::new();
        for chunk in compressed.chunks(7) {
            let mut chunk = Bytes::copy_from_slice(chunk);
            while decoder.step(&mut chunk, &mut content).unwrap() {}
        }
        content.to_vec()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn each_part_is_decompressed_before_the_next(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..4),
            repeated in 1..200_usize,
        ) {
            for coding in Coding::ALL {
                let (mut encoder, mut decoder) = (Encoder::new(*coding), Decoder::new(*coding));
                let mut sent = 0;
                for part in &parts {
                    let part = part.repeat(repeated);
                    let compressed = encoder.part(&part).unwrap();
                    sent += compressed.len();
                    prop_assert!(decompressed(&mut decoder, &compressed) == part, "{coding:?}");
                }
                // Nothing is sent for parts without content.
                prop_assert!(decoder.finish().is_err() || sent == 0, "{coding:?}");
                let end = encoder.last(b"the end").unwrap();
                prop_assert_eq!(decompressed(&mut decoder, &end), b"the end");
                decoder.finish().unwrap();
            }
        }
    }
}
