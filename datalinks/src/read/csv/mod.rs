//! Cells with a delimiter between them.

mod infer;
mod records;
mod sniff;
mod split;

use std::collections::HashMap;

use infer::Record;
use records::CsvRecords;

use super::{
    RawRow,
    bad_row::Fault,
    input::Input,
    lines::{Ends, Lines},
    rows::Records,
};
use crate::Error;

/// Rows of delimited text; the first record names the columns.
pub(super) struct Csv {
    records: CsvRecords,
    columns: Vec<String>,
    infer: bool,
}

impl Csv {
    /// Reads the names of the columns, and finds out the delimiter if it is not given.
    pub(super) fn new(
        mut input: Input,
        delimiter: Option<u8>,
        infer: bool,
        limit: usize,
    ) -> Result<Self, Error> {
        let delimiter = match delimiter {
            Some(delimiter) => delimiter,
            None => sniff::delimiter(&mut input)?,
        };
        let mut records = CsvRecords::new(Lines::new(input, Ends::Any, limit), delimiter, limit);
        // Without the names there can be no rows: a bad record here is the end.
        let columns = columns(&mut records).map_err(|fault| match fault {
            Fault::Bad(error) | Fault::End(error) => error.advice("correct the names of the columns"),
        })?;
        Ok(Self { records, columns, infer })
    }
}

/// The names of the columns; none in an empty file.
fn columns(records: &mut CsvRecords) -> Result<Vec<String>, Fault> {
    if !records.next()? {
        return Ok(Vec::new());
    }
    let columns: Vec<String> = records.cells()?.map(str::to_owned).collect();
    let mut seen = HashMap::new();
    for (place, name) in columns.iter().enumerate() {
        // An object would keep one of the two.
        if let Some(first) = seen.insert(name, place) {
            let message = format!("the columns {} and {} are both named {name:?}", first + 1, place + 1);
            return Err(records.bad_cell(place, message));
        }
    }
    Ok(columns)
}

impl Records for Csv {
    fn next(&mut self) -> Result<Option<RawRow>, Fault> {
        if !self.records.next()? {
            return Ok(None);
        }
        let cells = self.records.cells()?;
        if cells.len() != self.columns.len() {
            return Err(self.records.wrong_count(self.columns.len()));
        }
        let record = Record { columns: &self.columns, cells, infer: self.infer };
        let raw = serde_json::value::to_raw_value(&record);
        let raw = raw.map_err(|error| self.records.bad(0, error))?;
        let row = RawRow::from_raw(raw).map_err(|no_row| self.records.bad(0, no_row))?;
        Ok(Some(row.at(self.records.origin(self.infer))))
    }
}

#[cfg(test)]
mod tests;
