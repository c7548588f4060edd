//! Parquet files.
//!
//! 1. [`batches`] decodes some rows of the selected columns into arrays.
//! 2. [`json`] writes a row of them as JSON, or reports the value that JSON cannot hold.
//! 3. [`Parquet`] makes rows and bad rows of that, one at a time.

mod batches;
mod footer;
mod json;
mod leaf;
mod options;
mod reader;
mod schema;
mod time;
mod value;

use std::{fs::File, io::Read, ops::Range, sync::Arc};

use bytes::Bytes;

use super::{
    bad_row::{Fault, bad},
    input::unreadable,
    ndjson::object,
    origin::Origin,
    position::Position,
    raw_row::RawRow,
    records::Records,
};
use crate::error::Error;
use batches::{Batches, Contents};
use json::Rows;
use value::Style;

pub(super) use options::Options;

/// Rows of a Parquet file.
pub(super) struct Parquet {
    name: String,
    style: Style,
    batches: Batches,
    /// The rows decoded last, and which of them are left.
    decoded: Rows,
    left: Range<usize>,
    /// The number of the row handed out last, from 1.
    row: u64,
    line: Vec<u8>,
}

impl Parquet {
    /// Reads a file in place.
    pub(super) fn of_file(name: &str, file: File, options: &Options) -> Result<Self, Error> {
        Self::new(name, Contents::File(Arc::new(file)), options)
    }

    /// Reads all bytes first: the format begins at the end.
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

    /// Decodes more rows; false at the end.
    fn decode(&mut self) -> Result<bool, Error> {
        let (batch, coarse) = match self.batches.next() {
            Ok(Some(batch)) => batch,
            Ok(None) => return Ok(false),
            Err(error) => {
                let column = self.batches.culprit(self.row);
                let column = column.map(|name| format!(", column {name:?}")).unwrap_or_default();
                let message = format!("{} cannot be read past row {}{column}: {error}", self.name, self.row);
                let advice =
                    "see that the file is whole, or leave the column out with Reader::without_columns";
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
        .advice("leave it out with Reader::without_columns, or select others with Reader::columns")
}

impl Records for Parquet {
    fn next(&mut self) -> Result<Option<RawRow>, Fault> {
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
