//! Buffered bytes of one file, with lookahead and push-back.

use std::{
    io::{self, BufRead, BufReader, Read},
    sync::Arc,
};

use super::{
    position::Position,
    utf16::{Unmarked, Utf16},
};
use crate::error::{Error, ErrorKind};

/// Size of the read buffer in bytes.
pub(super) const BUFFER: usize = 64 * 1024;

/// A text that is read sequentially, with lookahead and push-back.
///
/// A failure of the source is reported after all bytes before it, in every way of reading, and again when these bytes
/// are pushed back and read once more.
pub(super) struct Input {
    name: Arc<str>,
    /// Bytes that were peeked or pushed back. They are read before `rest`.
    front: Vec<u8>,
    /// Number of bytes of `front` that were consumed.
    read: usize,
    rest: BufReader<Box<dyn Read + Send>>,
    /// The failure that ended the source.
    failed: Option<Arc<io::Error>>,
}

impl Input {
    /// Creates an input that drops a byte order mark and decodes UTF-16.
    ///
    /// UTF-16 without a mark is recognized by its first two characters: if both are from Latin-1, every other byte is
    /// zero. The text of every JSON file begins with such characters.
    pub(super) fn new(name: Arc<str>, rest: Box<dyn Read + Send>) -> Result<Self, Error> {
        let mut input = Self::of_utf8(name, rest);
        // The lookahead is as short as possible, because the next bytes of a connection may arrive much later.
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
                return Err(
                    Error::invalid(format!("{} is UTF-32", input.name)).advice("save the file as UTF-8")
                );
            }
            [b'P', b'K', 3, 4] | [0xD0, 0xCF, 0x11, 0xE0] => {
                return Err(Error::invalid(format!(
                    "{} is not text: it begins like a spreadsheet or a ZIP file",
                    input.name
                ))
                .advice("if it is a spreadsheet, set Reader::format (feature excel); otherwise unpack it"));
            }
            // A column name may begin with these letters, but is not followed by a control character.
            [b'P', b'A', b'R', b'1', 0..=8 | 0x0E..=0x1F] => {
                return Err(Error::invalid(format!(
                    "{} is not text: it begins like a Parquet file",
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

    /// Creates an input that does not decode the bytes.
    pub(super) fn of_utf8(name: Arc<str>, rest: Box<dyn Read + Send>) -> Self {
        Self { name, front: Vec::new(), read: 0, rest: BufReader::with_capacity(BUFFER, rest), failed: None }
    }

    /// Decodes UTF-16 without a mark if this many bytes indicate it, even if the first characters do not.
    pub(super) fn decode_unmarked(mut self, sample: usize) -> Self {
        match Unmarked::of(self.look_ahead(sample)) {
            Some(Unmarked::BigEndian) => self.decoded(u16::from_be_bytes, 0),
            Some(Unmarked::LittleEndian) => self.decoded(u16::from_le_bytes, 0),
            None => self,
        }
    }

    /// Decodes the input from UTF-16. The byte order mark before it had `mark` bytes.
    fn decoded(self, unit: fn([u8; 2]) -> u16, mark: u64) -> Self {
        let name = Arc::clone(&self.name);
        Self::of_utf8(name, Box::new(Utf16::new(self, unit, mark)))
    }

    /// Returns the name of the file for messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the next bytes, which are empty at the end.
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

    /// Reads from the source if the buffer is empty.
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

    /// Returns the next `count` bytes, or fewer at the end, without consuming them.
    pub(super) fn look_ahead(&mut self, count: usize) -> &[u8] {
        let bytes = self.peek(count);
        &bytes[..bytes.len().min(count)]
    }

    /// Returns the buffered bytes without consuming them: at least `count`, or all that are left.
    pub(super) fn peek(&mut self, count: usize) -> &[u8] {
        self.front.drain(..self.read);
        self.read = 0;
        while self.front.len() < count && self.fill_rest().is_ok() && !self.rest.buffer().is_empty() {
            self.front.extend_from_slice(self.rest.buffer());
            self.rest.consume(self.rest.buffer().len());
        }
        &self.front
    }

    /// Pushes back the bytes read last, so that they are read again.
    pub(super) fn give_back(&mut self, bytes: &[u8]) {
        match self.read.checked_sub(bytes.len()) {
            // The bytes are still in the buffer. Moving the bytes after them would cost as much as their number.
            Some(start) if self.front[start..self.read] == *bytes => self.read = start,
            _ => {
                self.front.splice(..self.read, bytes.iter().copied());
                self.read = 0;
            }
        }
    }

    /// Pushes back many bytes, some of which may differ from those that were read.
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

/// Creates the error for a source that fails after a position.
pub(super) fn unreadable(name: &str, position: Position, error: impl Into<Arc<io::Error>>) -> Error {
    let error = error.into();
    let advice = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the rows before are complete; get the rest of the file",
        io::ErrorKind::InvalidData => "get the file again; rows before this line may be damaged",
        _ => "the rows before are complete; check the file",
    };
    Error::new(ErrorKind::Io, format!("{name} cannot be read past {position}: {error}"))
        .advice(advice)
        .caused_by_shared(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(length: usize) -> Input {
        Input::of_utf8("a".into(), Box::new(io::repeat(b'a').take(length as u64)))
    }

    /// Reads all bytes, and returns how much memory the lookahead keeps then.
    fn kept(mut input: Input) -> usize {
        let mut read = 0;
        loop {
            let count = input.fill(Position::START).unwrap().len();
            if count == 0 {
                assert_eq!(read, 4 * BUFFER);
                return input.front.capacity();
            }
            input.consume(count);
            read += count;
        }
    }

    #[test]
    fn large_lookahead_is_freed_when_it_was_read() {
        let looked_ahead = |count: usize| {
            let mut input = input(4 * BUFFER);
            assert_eq!(input.look_ahead(count).len(), count);
            kept(input)
        };
        assert_eq!(looked_ahead(3 * BUFFER), 0);
        assert_eq!(looked_ahead(BUFFER + 1), 0);
        // One buffer is kept for the next lookahead.
        assert_eq!(looked_ahead(BUFFER), BUFFER);
        let mut again = input(3 * BUFFER);
        again.read_again(vec![b'a'; BUFFER]);
        assert_eq!(kept(again), BUFFER);
    }
}
