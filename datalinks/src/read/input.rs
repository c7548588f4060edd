//! The bytes of one file, with a look ahead and a way back.

use std::{
    io::{self, BufRead, BufReader, Read},
    sync::Arc,
};

use super::{
    position::Position,
    utf16::{BUFFER, Unmarked, Utf16},
};
use crate::error::{Error, ErrorKind};

/// Text that is read once, front to back.
///
/// A failure of the source is reported behind all bytes that came before it, however they were asked for, and again
/// each time when they are given back and read once more.
pub(super) struct Input {
    name: Arc<str>,
    /// What was looked at or given back, and is read before the rest.
    front: Vec<u8>,
    /// How much of `front` was read already.
    read: usize,
    rest: BufReader<Box<dyn Read + Send>>,
    /// Why nothing follows.
    failed: Option<Arc<io::Error>>,
}

impl Input {
    /// Drops a byte order mark, and decodes UTF-16.
    ///
    /// UTF-16 without a mark is known by its first two characters: when both are of Latin-1, every other byte is zero.
    /// The text of every JSON file begins so.
    pub(super) fn new(name: Arc<str>, rest: Box<dyn Read + Send>) -> Result<Self, Error> {
        let mut input = Self::of_utf8(name, rest);
        // No more is waited for than is needed: the next bytes of a connection may come much later.
        let needed = match input.look_ahead(2) {
            [0xEF, _] => 3,
            [0, _] | [_, 0] | [0xFE, 0xFF] | [0xFF, 0xFE] => 4,
            b"PK" | [0xD0, 0xCF] => 4,
            b"PA" => 5,
            _ => return Ok(input),
        };
        match *input.look_ahead(needed) {
            [0xEF, 0xBB, 0xBF] => input.consume(3),
            [0, 0, 0xFE, 0xFF] | [0xFF, 0xFE, 0, 0] | [0, 0, 0, 1..=255] | [1..=255, 0, 0, 0] => {
                return Err(Error::invalid(format!("{} is UTF-32", input.name))
                    .advice("save the file as UTF-8 and read that"));
            }
            [b'P', b'K', 3, 4] | [0xD0, 0xCF, 0x11, 0xE0] => {
                return Err(Error::invalid(format!(
                    "{} is no text: it begins as a spreadsheet or a ZIP file does",
                    input.name
                ))
                .advice("set Reader::format (feature excel) if it is a spreadsheet; else unpack it"));
            }
            // The name of a column may begin so, and is not followed by a control character.
            [b'P', b'A', b'R', b'1', 0..=8 | 0x0E..=0x1F] => {
                return Err(Error::invalid(format!(
                    "{} is no text: it begins as a Parquet file does",
                    input.name
                ))
                .advice("set Reader::format (feature parquet)"));
            }
            [0xFE, 0xFF, ..] => {
                input.consume(2);
                return Ok(input.decoded(u16::from_be_bytes, 2));
            }
            [0xFF, 0xFE, ..] => {
                input.consume(2);
                return Ok(input.decoded(u16::from_le_bytes, 2));
            }
            [0, 1..=255, 0, 1..=255] => return Ok(input.decoded(u16::from_be_bytes, 0)),
            [1..=255, 0, 1..=255, 0] => return Ok(input.decoded(u16::from_le_bytes, 0)),
            _ => {}
        }
        Ok(input)
    }

    /// Takes the bytes as they are.
    pub(super) fn of_utf8(name: Arc<str>, rest: Box<dyn Read + Send>) -> Self {
        Self { name, front: Vec::new(), read: 0, rest: BufReader::with_capacity(BUFFER, rest), failed: None }
    }

    /// Decodes UTF-16 without a mark whose first characters do not show it, if this many bytes do.
    pub(super) fn decode_unmarked(mut self, sample: usize) -> Self {
        match Unmarked::of(self.look_ahead(sample)) {
            Some(Unmarked::BigEndian) => self.decoded(u16::from_be_bytes, 0),
            Some(Unmarked::LittleEndian) => self.decoded(u16::from_le_bytes, 0),
            None => self,
        }
    }

    /// The same text out of UTF-16. The mark before it has `mark` bytes.
    fn decoded(self, unit: fn([u8; 2]) -> u16, mark: u64) -> Self {
        let name = Arc::clone(&self.name);
        Self::of_utf8(name, Box::new(Utf16::new(self, unit, mark)))
    }

    /// The file's name for messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The next bytes; none at the end.
    pub(super) fn fill(&mut self, position: Position) -> Result<&[u8], Error> {
        if self.read < self.front.len() {
            return Ok(&self.front[self.read..]);
        }
        if self.front.capacity() > BUFFER {
            self.front = Vec::new();
            self.read = 0;
        }
        match self.fill_rest() {
            Ok(()) => Ok(self.rest.buffer()),
            Err(error) => Err(unreadable(&self.name, position, error)),
        }
    }

    /// Reads from the source if nothing is left of what was read before.
    fn fill_rest(&mut self) -> Result<(), Arc<io::Error>> {
        loop {
            if let Some(error) = &self.failed {
                return Err(Arc::clone(error));
            }
            match self.rest.fill_buf() {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.failed = Some(Arc::new(error)),
            }
        }
    }

    /// Marks bytes of [`fill`](Self::fill) as read.
    pub(super) fn consume(&mut self, count: usize) {
        if self.read < self.front.len() {
            self.read += count;
        } else {
            self.rest.consume(count);
        }
    }

    /// The next `count` bytes, or all there are, without reading them.
    pub(super) fn look_ahead(&mut self, count: usize) -> &[u8] {
        let bytes = self.peek(count);
        &bytes[..bytes.len().min(count)]
    }

    /// The bytes at hand, without reading them: at least `count`, or all there are.
    pub(super) fn peek(&mut self, count: usize) -> &[u8] {
        self.front.drain(..self.read);
        self.read = 0;
        while self.front.len() < count && self.fill_rest().is_ok() && !self.rest.buffer().is_empty() {
            self.front.extend_from_slice(self.rest.buffer());
            self.rest.consume(self.rest.buffer().len());
        }
        &self.front
    }

    /// Gives bytes back that were read last: they are read again.
    pub(super) fn give_back(&mut self, bytes: &[u8]) {
        match self.read.checked_sub(bytes.len()) {
            // They still stand there. Moving what follows would cost as much as that is.
            Some(start) if self.front[start..self.read] == *bytes => self.read = start,
            _ => {
                self.front.splice(..self.read, bytes.iter().copied());
                self.read = 0;
            }
        }
    }

    /// The same for many bytes, of which some may have been left out meanwhile.
    pub(super) fn read_again(&mut self, mut bytes: Vec<u8>) {
        bytes.extend_from_slice(&self.front[self.read..]);
        self.front = bytes;
        self.read = 0;
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.front.len() {
            self.fill_rest().map_err(|error| io::Error::new(error.kind(), error))?;
        }
        let bytes = if self.read < self.front.len() { &self.front[self.read..] } else { self.rest.buffer() };
        let count = bytes.len().min(buffer.len());
        buffer[..count].copy_from_slice(&bytes[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// The bytes past a place cannot be had.
pub(super) fn unreadable(name: &str, position: Position, error: impl Into<Arc<io::Error>>) -> Error {
    let error = error.into();
    let advice = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the rows before are whole; get the rest of the file",
        io::ErrorKind::InvalidData => {
            "get the file again; rows before this line may have been damaged without a trace"
        }
        _ => "what came before is whole; check the file",
    };
    Error::new(ErrorKind::Io, format!("{name} cannot be read past {position}: {error}"))
        .advice(advice)
        .caused_by_shared(error)
}
