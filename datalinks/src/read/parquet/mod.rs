//! Parquet.
//!
//! 1. [`footer`] rejects a schema that is nested too deeply.
//! 2. [`batches`] decodes some rows of the selected columns into arrays.
//! 3. [`json`] writes a row of them as JSON, or reports a value that JSON cannot represent.
//! 4. [`Parquet`] yields the rows and bad rows, one at a time.

mod batches;
mod footer;
mod json;
mod leaf;
mod options;
mod schema;
mod time;
mod write;

use std::{io::Read, ops::Range, sync::Arc};

use bytes::Bytes;

use super::{
    bad_row::{RowError, bad},
    input::unreadable,
    ndjson::object,
    origin::Origin,
    position::Position,
    raw_row::RawRow,
    records::Records,
};
use crate::{error::Error, platform::files::File};
use batches::{Batches, Contents};
use json::Rows;
use write::Style;

pub(super) use options::Options;

/// A reader of a Parquet file.
pub(super) struct Parquet {
    name: String,
    style: Style,
    batches: Batches,
    /// The rows of the current batch, and the range of those that are left.
    decoded: Rows,
    left: Range<usize>,
    /// Number of the last row that was yielded, from 1.
    row: u64,
    line: Vec<u8>,
}

impl Parquet {
    /// Creates a reader of a file, which is read in place.
    pub(super) fn of_file(name: &str, file: File, options: &Options) -> Result<Self, Error> {
        Self::new(name, Contents::File(Arc::new(file)), options)
    }

    /// Creates a reader of bytes. All of them are read first, because the footer is at the end.
    pub(super) fn of_reader(
        name: &str,
        mut reader: Box<dyn Read + Send>,
        options: &Options,
    ) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(|error| unreadable(name, Position::START, error))?;
        Self::new(name, Contents::Bytes(Bytes::from(bytes)), options)
    }

    fn new(name: &str, contents: Contents, options: &Options) -> Result<Self, Error> {
        let style = Style { binary_as_string: options.binary_as_string };
        let batches = Batches::new(name, contents, options)?;
        // A column that cannot be written is an error before the first row.
        let (none, coarse) = batches.empty();
        let decoded = Rows::new(&none, &coarse, style).map_err(|column| unwritable(name, column))?;
        Ok(Self { name: name.to_owned(), style, batches, decoded, left: 0..0, row: 0, line: Vec::new() })
    }

    /// Decodes the next batch. Returns `false` at the end.
    fn decode(&mut self) -> Result<bool, Error> {
        let (batch, coarse) = match self.batches.next() {
            Ok(Some(batch)) => batch,
            Ok(None) => return Ok(false),
            Err(error) => {
                let column = self.batches.undecodable_column(self.row);
                let column = column.map(|name| format!(", column {name:?}")).unwrap_or_default();
                let message = format!("{} cannot be read past row {}{column}: {error}", self.name, self.row);
                let advice =
                    "check that the file is complete, or skip the column with Reader::without_columns";
                return Err(Error::invalid(message).advice(advice).caused_by(error));
            }
        };
        self.decoded =
            Rows::new(&batch, &coarse, self.style).map_err(|column| unwritable(&self.name, column))?;
        self.left = 0..batch.num_rows();
        Ok(true)
    }
}

fn unwritable(file: &str, json::Unwritable { column, reason }: json::Unwritable) -> Error {
    Error::invalid(format!("the column {column:?} of {file} cannot be written as JSON: {reason}"))
        .advice("skip it with Reader::without_columns, or select others with Reader::columns")
}

impl Records for Parquet {
    fn next(&mut self) -> Result<Option<RawRow>, RowError> {
        let row = loop {
            match self.left.next() {
                Some(row) => break row,
                None if self.decode()? => {}
                None => return Ok(None),
            }
        };
        self.row += 1;
        self.line.clear();
        if let Some(problem) = self.decoded.write(row, &mut self.line) {
            let position = Position { line: self.row, column: problem.column as u64 + 1 };
            return Err(bad(&self.name, position, problem, &self.line));
        }
        let row = object(&self.name, Position::of_line(self.row), &self.line)?;
        Ok(Some(row.at(Origin::of_row(self.row))))
    }
}

#[cfg(test)]
mod tests;
