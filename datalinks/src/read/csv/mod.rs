//! Cells with a delimiter between them.

mod delimiter;
mod infer;
mod line_ends;
mod records;
mod separator;
mod sniff;
mod split;

use std::{cell::Cell, collections::HashMap};

pub(super) use delimiter::is_delimiter;
use infer::{Column, Kind, Record, Seen};
use records::CsvRecords;

use super::{
    bad_row::Fault, input::Input, lines::Lines, raw_row::RawRow, records::Records, settings::Settings,
};
use crate::error::Error;

/// Bytes that are read at most to find out the types of columns: 16 MiB, this crate's choice.
const TYPE_SAMPLE_BYTES: usize = 16 * 1024 * 1024;
/// Characters of a cell that are shown.
const CELL_SHOWN: usize = 80;

/// Rows of delimited text; the first record names the columns.
pub(super) struct Csv {
    records: CsvRecords,
    columns: Vec<Column>,
    /// How many rows decided on the types of the columns.
    sampled: usize,
}

impl Csv {
    /// Reads the names of the columns. Before that, finds out what is not given: the delimiter, unless the format has
    /// its `own`, the encoding and the line ends. After that, finds out the types if they are asked for.
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
        // Without the names there can be no rows: a bad record here is the end.
        let columns = columns(&mut records).map_err(|fault| match fault {
            // It is about no bad record either: none of the choices about those applies to it.
            Fault::Bad(error) => Error::new(error.kind(), error.message().to_owned())
                .advice("correct the names of the columns"),
            Fault::End(error) => error,
        })?;
        let mut csv = Self { records, columns, sampled: 0 };
        if settings.infer && !csv.columns.is_empty() {
            csv.find_types(settings.type_sample);
        }
        csv.set_text(&settings.string_columns)?;
        Ok(csv)
    }

    /// Decides on the types of the columns by this many rows, which are read again afterwards.
    ///
    /// What is wrong is left for that second time, when it is reported in its order and at its place.
    fn find_types(&mut self, rows: usize) {
        let mut seen = vec![Seen::default(); self.columns.len()];
        self.records.keep(TYPE_SAMPLE_BYTES);
        while self.sampled < rows {
            match self.records.next() {
                Ok(true) => {}
                Err(Fault::Bad(_)) => continue,
                Ok(false) | Err(Fault::End(_)) => break,
            }
            let Ok(cells) = self.records.cells() else { continue };
            if cells.len() != seen.len() {
                continue;
            }
            for (position, (seen, cell)) in seen.iter_mut().zip(cells).enumerate() {
                seen.see(cell, self.records.is_quoted(position));
            }
            self.sampled += 1;
        }
        self.records.rewind();
        for (column, seen) in self.columns.iter_mut().zip(seen) {
            column.kind = seen.kind();
        }
    }

    /// Leaves the cells of these columns as they are.
    fn set_text(&mut self, names: &[String]) -> Result<(), Error> {
        // An empty file has no columns, and no rows that could be read wrongly.
        if self.columns.is_empty() {
            return Ok(());
        }
        for name in names {
            let Some(column) = self.columns.iter_mut().find(|column| column.name == *name) else {
                let columns: Vec<_> = self.columns.iter().map(|column| &column.name).collect();
                let file = self.records.name();
                return Err(Error::invalid(format!(
                    "{file} has no column {name:?} to read as text; its columns are {columns:?}"
                ))
                .advice("correct Reader::string_columns"));
            };
            column.kind = Kind::AsItIs;
        }
        Ok(())
    }

    /// The record is bad because a cell is not of its column's type.
    fn misfit(&self, position: usize) -> Fault {
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
                 {rows} rows; to read it as text name it in Reader::string_columns or raise Reader::type_sample"
            ),
        )
    }
}

/// The names of the columns; none in an empty file.
fn columns(records: &mut CsvRecords) -> Result<Vec<Column>, Fault> {
    if !records.next()? {
        return Ok(Vec::new());
    }
    let mut columns = Vec::new();
    let mut seen = HashMap::new();
    for (position, name) in records.cells()?.enumerate() {
        // An object would keep one of the two.
        if let Some(first) = seen.insert(name, position) {
            let message = format!("the columns {} and {} are both named {name:?}", first + 1, position + 1);
            return Err(records.bad_cell(position, message));
        }
        if name.contains('\0') {
            let message = "a zero byte in the name of a column; save the file as UTF-8 if it is UTF-16";
            return Err(records.bad_cell(position, message));
        }
        columns.push(Column { name: name.to_owned(), kind: Kind::AsItIs });
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
        let record =
            Record { columns: &self.columns, cells, records: &self.records, misfit: Cell::new(None) };
        let raw = serde_json::value::to_raw_value(&record);
        let raw = raw.map_err(|error| match record.misfit.get() {
            Some(position) => self.misfit(position),
            None => self.records.bad(0, error),
        })?;
        let row = RawRow::from_raw(raw).map_err(|no_row| self.records.bad(0, no_row))?;
        Ok(Some(row.at(self.records.origin(self.sampled > 0))))
    }

    fn blank_lines(&self) -> u64 {
        self.records.blank_lines()
    }
}

#[cfg(test)]
mod tests;
