//! Decompressing gzip.

use std::io::{self, BufRead, BufReader, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status, bufread::GzDecoder};

use super::patient::Patient;
use crate::read::utf16::BUFFER;

const ENDS_EARLY: &str = "the gzip data ends before its last member does";

/// The members of a gzip file as one text.
///
/// The library has readers of its own. They discard what a call has decompressed when the same call finds the data
/// broken, which would take rows that are whole, and they take zeros behind the last member for a broken one.
pub(super) struct Gzip<R> {
    source: BufReader<Patient<R>>,
    inflate: Decompress,
    crc: Crc,
    at: At,
    /// Why the data cannot be read on. It is reported once what was decompressed before has been read.
    failed: Option<io::Error>,
}

#[derive(Clone, Copy)]
enum At {
    /// The header of a member.
    Header,
    /// Compressed data.
    Body,
    /// The checksum and the length behind it.
    Trailer,
    /// Behind a member: another one, zeros, or the end.
    Between,
    End,
}

impl<R: Read> Gzip<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source: BufReader::with_capacity(BUFFER, Patient(source)),
            inflate: Decompress::new(false),
            crc: Crc::new(),
            at: At::Header,
            failed: None,
        }
    }

    fn read_header(&mut self) -> io::Result<()> {
        // The library reads a header when it makes a decoder, and nothing behind it.
        let mut decoder = GzDecoder::new(&mut self.source);
        if decoder.header().is_none() {
            decoder.read_exact(&mut [0])?;
            return Err(io::Error::new(io::ErrorKind::InvalidData, "invalid gzip header"));
        }
        self.inflate.reset(false);
        self.crc.reset();
        Ok(())
    }

    /// Decompresses more. Nothing is left of the member if nothing was written.
    fn inflate(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // Even if no more can be read, the decompressor may still hold output.
            let unreadable = self.source.fill_buf().err();
            let input = self.source.buffer();
            let ends = input.is_empty();
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(input, buffer, FlushDecompress::None);
            let read = (self.inflate.total_in() - read) as usize;
            let written = (self.inflate.total_out() - written) as usize;
            self.source.consume(read);
            self.crc.update(&buffer[..written]);
            let failed = match status {
                Ok(Status::StreamEnd) => {
                    self.at = At::Trailer;
                    return Ok(written);
                }
                Ok(_) if written > 0 => None,
                Ok(_) if !ends => continue,
                Ok(_) => Some(
                    unreadable.unwrap_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, ENDS_EARLY)),
                ),
                Err(error) => {
                    let message = format!("the gzip data is damaged: {error}");
                    Some(io::Error::new(io::ErrorKind::InvalidData, message))
                }
            };
            return match failed {
                Some(error) if written == 0 => Err(error),
                failed => {
                    self.failed = failed;
                    Ok(written)
                }
            };
        }
    }

    fn read_trailer(&mut self) -> io::Result<()> {
        let mut trailer = [0; 8];
        self.source.read_exact(&mut trailer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), ENDS_EARLY),
            _ => error,
        })?;
        let [crc @ .., _, _, _, _] = trailer;
        let [_, _, _, _, length @ ..] = trailer;
        if u32::from_le_bytes(crc) != self.crc.sum() || u32::from_le_bytes(length) != self.crc.amount() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum of the gzip data is wrong"));
        }
        Ok(())
    }

    /// Goes to the next member. Zeros behind a member are padding, which tapes and archives add to fill a block.
    fn find_member(&mut self) -> io::Result<At> {
        loop {
            let buffer = self.source.fill_buf()?;
            let (Some(_), zeros) = (buffer.first(), buffer.iter().take_while(|byte| **byte == 0).count())
            else {
                return Ok(At::End);
            };
            let next = buffer.get(zeros).copied();
            self.source.consume(zeros);
            match next {
                Some(0x1F) => return Ok(At::Header),
                Some(_) => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "bytes that are neither gzip nor zeros follow the gzip data",
                    ));
                }
                None => {}
            }
        }
    }
}

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        loop {
            self.at = match self.at {
                At::Header => {
                    self.read_header()?;
                    At::Body
                }
                At::Body => match self.inflate(buffer)? {
                    0 => continue,
                    written => return Ok(written),
                },
                At::Trailer => {
                    self.read_trailer()?;
                    At::Between
                }
                At::Between => self.find_member()?,
                At::End => return Ok(0),
            };
        }
    }
}
