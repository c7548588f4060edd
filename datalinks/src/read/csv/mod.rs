//! CSV and TSV: cells with a delimiter between them.

mod infer;
mod line_ends;
mod records;
mod separator;
mod sniff;
mod split;

use std::{cell::Cell, collections::HashMap};

use infer::{Column, Kind, Observed, Record};
use records::CsvRecords;

pub(super) use separator::is_delimiter;

use super::{
    bad_row::RowError, input::Input, lines::Lines, raw_row::RawRow, records::Records, settings::Settings,
};
use crate::error::Error;

/// Maximum number of bytes that are read to infer the types of columns: 16 MiB, this crate's choice.
const TYPE_SAMPLE_BYTES: usize = 16 * 1024 * 1024;
/// Maximum number of characters of a cell in a message.
const CELL_SHOWN: usize = 80;

/// A reader of delimited text. The first record contains the column names.
pub(super) struct Csv {
    records: CsvRecords,
    columns: Vec<Column>,
    /// Number of rows that decided the types of the columns.
    sampled: usize,
    /// Number of these rows that are read again.
    ahead: usize,
}

impl Csv {
    /// Reads the column names. First detects the encoding, the line ends and the delimiter, unless the option or `own`,
    /// the delimiter of the format, defines it. Afterwards infers the types, if the option is set.
    pub(super) fn new(mut input: Input, own: Option<u8>, settings: &Settings) -> Result<Self, Error> {
        let known = settings.delimiter.or(own);
        if known.is_none() {
            input = input.decode_unmarked(sniff::SAMPLE);
        }
        let limit = settings.record_limit;
        let ends = line_ends::find(&mut input, settings.delimiter, limit);
        let mut lines = Lines::new(input, ends, limit);
        let declared = separator::read(&mut lines)?;
        let delimiter = match settings.delimiter.or(declared).or(own) {
            Some(delimiter) => delimiter,
            None => sniff::delimiter(lines.look_ahead(sniff::SAMPLE), ends),
        };
        let mut records = CsvRecords::new(lines, delimiter, limit);
        // Without column names there are no rows, so a bad header ends the file.
        let columns = columns(&mut records).map_err(|fault| match fault {
            // The error is not about a bad record, so the choices for bad records do not apply to it.
            RowError::Bad(error) => Error::new(error.kind(), error.message().to_owned())
                .advice("correct the names of the columns"),
            RowError::End(error) => error,
        })?;
        let mut csv = Self { records, columns, sampled: 0, ahead: 0 };
        if settings.infer && !csv.columns.is_empty() {
            csv.infer_types(settings.type_sample);
        }
        csv.keep_strings(&settings.string_columns)?;
        Ok(csv)
    }

    /// Infers the types of the columns from this many rows. The rows are read again afterwards.
    ///
    /// Errors are ignored here. The second reading reports them, in order and with their position.
    fn infer_types(&mut self, rows: usize) {
        let mut seen = vec![Observed::default(); self.columns.len()];
        self.records.keep(TYPE_SAMPLE_BYTES);
        while self.sampled < rows {
            match self.records.next() {
                Ok(true) => {}
                Err(RowError::Bad(_)) => continue,
                Ok(false) | Err(RowError::End(_)) => break,
            }
            let Ok(cells) = self.records.cells() else { continue };
            if cells.len() != seen.len() {
                continue;
            }
            for (position, (seen, cell)) in seen.iter_mut().zip(cells).enumerate() {
                seen.add(cell, self.records.is_quoted(position));
            }
            self.sampled += 1;
        }
        self.records.rewind();
        self.ahead = self.sampled;
        for (column, seen) in self.columns.iter_mut().zip(seen) {
            column.kind = seen.kind();
        }
    }

    /// Makes these columns keep the text of their cells.
    fn keep_strings(&mut self, names: &[String]) -> Result<(), Error> {
        // An empty file has no columns, and no rows that could be read incorrectly.
        if self.columns.is_empty() {
            return Ok(());
        }
        for name in names {
            let Some(column) = self.columns.iter_mut().find(|column| column.name == *name) else {
                let columns: Vec<_> = self.columns.iter().map(|column| &column.name).collect();
                let file = self.records.name();
                return Err(Error::invalid(format!(
                    "{file} has no column {name:?} to read as strings; its columns are {columns:?}"
                ))
                .advice("correct Reader::string_columns"));
            };
            column.kind = Kind::Verbatim;
        }
        Ok(())
    }

    /// Creates the error for a cell that does not have the type of its column.
    fn misfit(&self, position: usize) -> RowError {
        let cell = self.records.cells().ok().and_then(|mut cells| cells.nth(position)).unwrap_or_default();
        let shown: String = cell.chars().take(CELL_SHOWN).collect();
        let more = if shown.len() < cell.len() { "..." } else { "" };
        let Column { name, kind } = &self.columns[position];
        let quoted = if self.records.is_quoted(position) { " in quotes" } else { "" };
        let rows = self.sampled;
        self.records.bad_cell(
            position,
            format_args!(
                "{shown:?}{more}{quoted} does not fit the column {name:?}, which has {kind} only in its first \
                 {rows} rows; to read it as strings, name it in Reader::string_columns or raise Reader::type_sample"
            ),
        )
    }
}

/// Reads the column names, or none in an empty file.
fn columns(records: &mut CsvRecords) -> Result<Vec<Column>, RowError> {
    if !records.next()? {
        return Ok(Vec::new());
    }
    let mut columns = Vec::new();
    let mut seen = HashMap::new();
    for (position, name) in records.cells()?.enumerate() {
        // A JSON object would keep only one of the two.
        if let Some(first) = seen.insert(name, position) {
            let message = format!("the columns {} and {} are both named {name:?}", first + 1, position + 1);
            return Err(records.bad_cell(position, message));
        }
        if name.contains('\0') {
            let message = "a zero byte in the name of a column; save the file as UTF-8 if it is UTF-16";
            return Err(records.bad_cell(position, message));
        }
        columns.push(Column { name: name.to_owned(), kind: Kind::Verbatim });
    }
    Ok(columns)
}

impl Records for Csv {
    fn next(&mut self) -> Result<Option<RawRow>, RowError> {
        if !self.records.next()? {
            return Ok(None);
        }
        self.ahead = self.ahead.saturating_sub(1);
        let cells = self.records.cells()?;
        if cells.len() != self.columns.len() {
            return Err(self.records.wrong_count(self.columns.len()));
        }
        let record =
            Record { columns: &self.columns, cells, records: &self.records, misfit: Cell::new(None) };
        let raw = serde_json::value::to_raw_value(&record);
        let raw = raw.map_err(|error| match record.misfit.get() {
            Some(position) => self.misfit(position),
            None => self.records.bad(0, error),
        })?;
        let row = RawRow::from_raw(raw).map_err(|not_a_row| self.records.bad(0, not_a_row))?;
        Ok(Some(row.at(self.records.origin(self.sampled > 0))))
    }

    fn blank_lines(&self) -> u64 {
        self.records.blank_lines()
    }

    fn rows_ahead(&self) -> u64 {
        self.ahead as u64
    }
}

#[cfg(test)]
mod tests;
