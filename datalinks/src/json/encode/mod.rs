//! Rows as JSON in one buffer.

mod check;
#[cfg(test)]
mod tests;

pub(crate) use check::write as write_strictly;

use std::ops::{Deref, Range};

use bytes::Bytes;
use serde::Serialize;

use crate::error::{Error, ErrorKind};

/// An encoded row: its index among the caller's rows, and its range in the buffer.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    pub(crate) index: usize,
    pub(crate) bytes: Range<usize>,
}

/// A text that contains encoded rows, separated by commas. It begins before the first row, so that
/// [`seal`](Self::seal) completes it without a copy of the rows.
#[derive(Debug)]
pub(crate) struct Buffer<B = Vec<u8>> {
    pub(crate) bytes: B,
    pub(crate) rows: Vec<Encoded>,
    /// Length of the text before the rows.
    start: usize,
}

/// Encoded rows in a text that is complete.
pub(crate) type SealedBuffer = Buffer<Bytes>;

impl<B: Deref<Target = [u8]>> Buffer<B> {
    /// Returns the number of bytes of the rows, with the separators between them.
    pub(crate) fn size(&self) -> usize {
        self.end() - self.start
    }

    /// Returns the end of the last row.
    fn end(&self) -> usize {
        self.rows.last().map_or(self.start, |last| last.bytes.end)
    }
}

impl Buffer {
    /// Creates a buffer with this text before the rows.
    pub(crate) fn new(start: &[u8]) -> Self {
        Self { bytes: start.to_vec(), rows: Vec::new(), start: start.len() }
    }

    /// Reserves memory for as many rows as in `other`, which may be slightly longer than those.
    pub(crate) fn reserve_as(&mut self, other: &Self) {
        self.rows.reserve(other.rows.len());
        self.bytes.reserve(other.bytes.len() + other.bytes.len() / 8);
    }

    /// Appends a row, or returns the error for a row that cannot be encoded.
    pub(crate) fn add<T: Serialize>(&mut self, index: usize, row: &T) -> Result<(), Error> {
        let start = self.next();
        let written = check::write(&mut self.bytes, row);
        let error = match written {
            Ok(()) if self.bytes.get(start) == Some(&b'{') => {
                self.rows.push(Encoded { index, bytes: start..self.bytes.len() });
                return Ok(());
            }
            Ok(()) => Error::new(ErrorKind::Encode, format!("row {index} is not a JSON object")),
            Err(error) => {
                Error::new(ErrorKind::Encode, format!("row {index} cannot be written as JSON: {error}"))
                    .caused_by(error)
            }
        };
        self.truncate();
        Err(error)
    }

    /// Appends a row that is encoded already.
    pub(crate) fn add_encoded(&mut self, index: usize, row: &[u8]) {
        let start = self.next();
        self.bytes.extend_from_slice(row);
        self.rows.push(Encoded { index, bytes: start..self.bytes.len() });
    }

    /// Removes the last row and returns its encoded bytes.
    pub(crate) fn pop(&mut self) -> Option<Vec<u8>> {
        let row = self.bytes.split_off(self.rows.pop()?.bytes.start);
        self.truncate();
        Some(row)
    }

    /// Appends the text after the rows.
    pub(crate) fn seal(mut self, end: &[u8]) -> SealedBuffer {
        self.truncate();
        self.bytes.extend_from_slice(end);
        Buffer { bytes: self.bytes.into(), rows: self.rows, start: self.start }
    }

    /// Appends the separator before the next row, and returns the start of that row.
    fn next(&mut self) -> usize {
        self.truncate();
        if !self.rows.is_empty() {
            self.bytes.push(b',');
        }
        self.bytes.len()
    }

    /// Removes what was written after the last row, such as a part of a row that failed or panicked.
    fn truncate(&mut self) {
        self.bytes.truncate(self.end());
    }
}
