//! The bytes of one file, with a look ahead and a way back.

use std::{
    io::{self, BufRead, BufReader, Read},
    sync::Arc,
};

use super::place::Place;
use crate::{Error, ErrorKind};

/// Bytes read at once.
pub(super) const BUFFER: usize = 64 * 1024;

/// Text that is read once, front to back.
pub(super) struct Input {
    name: Arc<str>,
    /// What was looked at or given back, and is read before the rest.
    front: Vec<u8>,
    /// How much of `front` is read again.
    read: usize,
    rest: BufReader<Box<dyn Read + Send>>,
}

impl Input {
    /// Drops a byte order mark.
    pub(super) fn new(name: Arc<str>, rest: Box<dyn Read + Send>) -> Result<Self, Error> {
        let mut input =
            Self { name, front: Vec::new(), read: 0, rest: BufReader::with_capacity(BUFFER, rest) };
        match input.look_ahead(3)? {
            [0xEF, 0xBB, 0xBF, ..] => input.consume(3),
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
                return Err(Error::invalid(format!("{} is UTF-16", input.name))
                    .advice("save the file as UTF-8 and read that"));
            }
            _ => {}
        }
        Ok(input)
    }

    /// The file's name for messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The next bytes; none at the end.
    pub(super) fn fill(&mut self, place: Place) -> Result<&[u8], Error> {
        if self.read < self.front.len() {
            return Ok(&self.front[self.read..]);
        }
        // Once to fill, and once to borrow: a borrow that is returned cannot also be retried.
        loop {
            match self.rest.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(unreadable(&self.name, place, error)),
            }
        }
        Ok(self.rest.buffer())
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
    pub(super) fn look_ahead(&mut self, count: usize) -> Result<&[u8], Error> {
        self.front.drain(..self.read);
        self.read = 0;
        if let Some(missing) = count.checked_sub(self.front.len()) {
            let read = (&mut self.rest).take(missing as u64).read_to_end(&mut self.front);
            read.map_err(|error| unreadable(&self.name, Place::START, error))?;
        }
        Ok(&self.front)
    }

    /// Gives bytes back: they are read again.
    pub(super) fn give_back(&mut self, bytes: &[u8]) {
        self.front.splice(..self.read, bytes.iter().copied());
        self.read = 0;
    }
}

/// The bytes past a place cannot be had.
pub(super) fn unreadable(name: &str, place: Place, error: io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("{name} cannot be read past {place}: {error}"))
        .advice("what came before is whole; check the file")
        .caused_by(error)
}
