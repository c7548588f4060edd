//! Lists whose items arrive one after the other.

use serde::Serialize;

use super::format::Format;
use super::record::Record;
use super::sink::Sink;
use super::{parquet, render, table};
use crate::failure::Result;
use crate::terminal;

/// Writes a list, item by item.
///
/// JSON and NDJSON are written as items arrive. A table needs all rows before the first line, and so does CSV unless the
/// first item has all columns. The rows of a Parquet file are kept in a temporary file. Call [`finish`](Self::finish) in any case, because JSON needs its last bracket.
pub(crate) struct RowWriter<'a> {
    sink: &'a Sink,
    /// Columns of a table. Empty for those of all rows.
    columns: Vec<String>,
    /// Rows that are not written yet.
    held: Vec<Record>,
    parquet: parquet::Rows,
    written: usize,
}

/// Length of a piece of output that is written at once, in bytes.
const PIECE: usize = 64 * 1024;

impl<'a> RowWriter<'a> {
    pub(super) fn new(sink: &'a Sink, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        Self { sink, columns, held: Vec::new(), parquet: parquet::Rows::default(), written: 0 }
    }

    /// Writes an item.
    pub(crate) fn write<T: Serialize>(&mut self, item: &T) -> Result {
        let record = Record::of(item)?;
        match self.sink.format {
            Format::Table | Format::Csv => {
                self.held.push(record);
                return Ok(());
            }
            Format::Json => {
                let before = if self.written == 0 { "[\n  " } else { ",\n  " };
                terminal::print(format!("{before}{}", record.json()).as_bytes())?;
            }
            Format::Ndjson => terminal::print(render::ndjson(&record).as_bytes())?,
            Format::Parquet => self.parquet.write(&record)?,
        }
        self.written += 1;
        Ok(())
    }

    /// Writes many rows, with few writes to the system.
    pub(crate) fn write_all(&mut self, records: Vec<Record>) -> Result {
        match self.sink.format {
            Format::Table | Format::Csv => self.held.extend(records),
            Format::Parquet => records.iter().try_for_each(|record| self.parquet.write(record))?,
            Format::Json | Format::Ndjson => {
                let mut piece = String::new();
                for record in records {
                    match (self.sink.format, self.written) {
                        (Format::Ndjson, _) => piece.push_str(&render::ndjson(&record)),
                        (_, 0) => piece.push_str(&format!("[\n  {}", record.json())),
                        _ => piece.push_str(&format!(",\n  {}", record.json())),
                    }
                    self.written += 1;
                    if piece.len() >= PIECE {
                        terminal::print(piece.as_bytes())?;
                        piece.clear();
                    }
                }
                terminal::print(piece.as_bytes())?;
            }
        }
        Ok(())
    }

    /// Writes what is left. Returns an error if the output cannot be written.
    pub(crate) fn finish(self) -> Result {
        let sink = self.sink;
        match sink.format {
            Format::Json if self.written == 0 => terminal::print(b"[]\n")?,
            Format::Json => terminal::print(b"\n]\n")?,
            Format::Ndjson => {}
            Format::Parquet => self.parquet.finish(&self.columns)?,
            Format::Csv => {
                let columns = table::columns(&self.held);
                let columns = if columns.is_empty() { self.columns } else { columns };
                let mut piece = render::csv(&columns, &[], sink.terminal.stdout)?;
                for record in &self.held {
                    piece.push_str(&render::csv_record(&columns, record, sink.terminal.stdout)?);
                    if piece.len() >= PIECE {
                        terminal::print(piece.as_bytes())?;
                        piece.clear();
                    }
                }
                terminal::print(piece.as_bytes())?;
            }
            Format::Table if self.held.is_empty() => sink.diagnostics.note("nothing found"),
            Format::Table => {
                let columns = if self.columns.is_empty() { table::columns(&self.held) } else { self.columns };
                let text = table::render(&columns, &self.held, sink.terminal.width, sink.style);
                terminal::print(text.as_bytes())?;
            }
        }
        Ok(())
    }
}
