//! Rows as JSON in one buffer.

mod check;

pub(crate) use check::write as write_strictly;

use std::ops::Range;

use serde::Serialize;

use crate::error::{Error, ErrorKind};

/// An encoded row: its index among the caller's rows, and its range in the buffer.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    pub(crate) index: usize,
    pub(crate) bytes: Range<usize>,
}

/// Rows that are encoded one after the other into one buffer.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) rows: Vec<Encoded>,
}

impl Buffer {
    /// Appends a row, or returns the error for a row that cannot be encoded.
    pub(crate) fn add<T: Serialize>(&mut self, index: usize, row: &T) -> Result<(), Error> {
        let start = self.bytes.len();
        let written = check::write(&mut self.bytes, row);
        let bytes = start..self.bytes.len();
        let error = match written {
            Ok(()) if self.bytes.get(start) == Some(&b'{') => {
                self.rows.push(Encoded { index, bytes });
                return Ok(());
            }
            Ok(()) => Error::new(ErrorKind::Encode, format!("row {index} is not a JSON object")),
            Err(error) => {
                Error::new(ErrorKind::Encode, format!("row {index} cannot be written as JSON: {error}"))
                    .caused_by(error)
            }
        };
        // A partly written row is removed.
        self.bytes.truncate(start);
        Err(error)
    }
}
