//! Decompression of gzip.

use std::io::{self, BufRead, BufReader, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status, bufread::GzDecoder};

use super::interrupted::RetryInterrupted;
use crate::read::input::BUFFER;

const ENDS_EARLY: &str = "the gzip data ends before its last member does";

/// A reader that concatenates the members of a gzip file.
///
/// The library's own readers do not fit. They discard the bytes that a call has decompressed if the same call finds
/// invalid data, which would lose complete rows. They also reject zeros after the last member.
pub(super) struct Gzip<R> {
    source: BufReader<RetryInterrupted<R>>,
    inflate: Decompress,
    crc: Crc,
    state: State,
    /// The failure that ended the data. It is reported after all bytes that were decompressed before it.
    failed: Option<io::Error>,
}

#[derive(Clone, Copy)]
enum State {
    /// Before the header of a member.
    Header,
    /// Inside the compressed data.
    Body,
    /// Before the checksum and length at the end of a member.
    Trailer,
    /// After a member: another member, zeros, or the end follows.
    Between,
    End,
}

impl<R: Read> Gzip<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source: BufReader::with_capacity(BUFFER, RetryInterrupted(source)),
            inflate: Decompress::new(false),
            crc: Crc::new(),
            state: State::Header,
            failed: None,
        }
    }

    fn read_header(&mut self) -> io::Result<()> {
        // Creating a decoder reads the header, and no bytes after it.
        let mut decoder = GzDecoder::new(&mut self.source);
        if decoder.header().is_none() {
            decoder.read_exact(&mut [0])?;
            return Err(io::Error::new(io::ErrorKind::InvalidData, "invalid gzip header"));
        }
        self.inflate.reset(false);
        self.crc.reset();
        Ok(())
    }

    /// Decompresses more data. The member has ended if no bytes are written.
    fn inflate(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // The decompressor may still hold output if no more input can be read.
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
                    self.state = State::Trailer;
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

    /// Moves to the next member. Zeros after a member are padding, which tapes and archives add to fill a block.
    fn find_member(&mut self) -> io::Result<State> {
        loop {
            let buffer = self.source.fill_buf()?;
            let (Some(_), zeros) = (buffer.first(), buffer.iter().take_while(|byte| **byte == 0).count())
            else {
                return Ok(State::End);
            };
            let next = buffer.get(zeros).copied();
            self.source.consume(zeros);
            match next {
                Some(0x1F) => return Ok(State::Header),
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
            self.state = match self.state {
                State::Header => {
                    self.read_header()?;
                    State::Body
                }
                State::Body => match self.inflate(buffer)? {
                    0 => continue,
                    written => return Ok(written),
                },
                State::Trailer => {
                    self.read_trailer()?;
                    State::Between
                }
                State::Between => self.find_member()?,
                State::End => return Ok(0),
            };
        }
    }
}
