//! Decompressing Zstandard.

use std::{
    error::Error as StdError,
    io::{self, BufRead, BufReader, Read},
};

use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

use super::patient::Patient;
use crate::read::utf16::BUFFER;

/// A last block without content, and room for a checksum behind it.
const LAST_BLOCK: &[u8] = &[1, 0, 0, 0, 0, 0, 0];

/// The frames of a file as one text; the library reads one.
pub(super) struct Zstd<R> {
    source: BufReader<Patient<R>>,
    decoder: FrameDecoder,
    in_frame: bool,
    /// Why the frame cannot be read on. It is reported once the blocks before have been read.
    failed: Option<io::Error>,
}

impl<R: Read> Zstd<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source: BufReader::with_capacity(BUFFER, Patient(source)),
            decoder: FrameDecoder::new(),
            in_frame: false,
            failed: None,
        }
    }

    /// Begins the next frame; false at the end of the source.
    fn begin(&mut self) -> io::Result<bool> {
        loop {
            if self.source.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    if io::copy(&mut (&mut self.source).take(length), &mut io::sink())? < length {
                        return Err(io::Error::new(
                            io::ErrorKind::UnexpectedEof,
                            "the zstd data ends before a frame does",
                        ));
                    }
                }
                Err(error) => return Err(unreadable(error)),
            }
        }
    }

    /// Decodes the next block. A failure ends the frame after the blocks before it.
    ///
    /// The decoder keeps the window of an unfinished frame back, which is often the whole file. It releases the window
    /// with the last block, so one without content takes the place of what cannot be read.
    fn decode_block(&mut self) -> io::Result<()> {
        let one = || BlockDecodingStrategy::UptoBlocks(1);
        let Err(error) = self.decoder.decode_blocks(&mut self.source, one()) else { return Ok(()) };
        let error = unreadable(error);
        match self.decoder.decode_blocks(LAST_BLOCK, one()) {
            Ok(_) => self.failed = Some(error),
            Err(_) => return Err(error),
        }
        Ok(())
    }

    /// The frame has been read: is it what was written?
    fn check(&self) -> io::Result<()> {
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(written), Some(read)) if written != read => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum of the zstd data is wrong"))
            }
            _ => Ok(()),
        }
    }
}

/// Keeps the kind of a failure of the source. Any other failure is one of the data.
fn unreadable(error: FrameDecoderError) -> io::Error {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(&error);
    let mut kind = io::ErrorKind::InvalidData;
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            kind = error.kind();
        }
        cause = error.source();
    }
    io::Error::new(kind, error)
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame {
                self.in_frame = self.begin()?;
                if !self.in_frame {
                    return Ok(0);
                }
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decode_block()?;
            }
            match self.decoder.read(buffer)? {
                0 => {
                    if let Some(error) = self.failed.take() {
                        return Err(error);
                    }
                    self.check()?;
                    self.in_frame = false;
                }
                count => return Ok(count),
            }
        }
    }
}
