//! Sheets of spreadsheets.
//!
//! [`open`] finds out what kind of file it is and refuses what would not fit into memory. [`cells`] reads the cells of
//! one sheet, and [`table`] makes rows of them.

mod address;
mod book;
mod cells;
mod markup;
mod ods;
mod open;
mod out;
mod package;
mod settings;
mod sheets;
mod table;
mod value;
mod xls;

use std::{
    fs::File,
    io::{BufReader, Cursor, Read, Seek},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use futures::{FutureExt as _, future::BoxFuture};

use super::{
    bad_row::Fault, input::unreadable, position::Position, raw_row::RawRow, records::Records,
    settings::Settings,
};
use crate::error::Error;

use book::{Book, IN_MEMORY};
use out::Out;
pub(super) use settings::ExcelSettings;
pub(super) use sheets::WantedSheet;

/// Rows of a sheet.
///
/// The library's reader of cells borrows the workbook. A future is the one value of Rust that may hold both, so the rows
/// are made by a future that never waits: each time it is polled, it runs up to the next row.
pub(super) struct Excel {
    name: Arc<str>,
    rows: Option<BoxFuture<'static, Result<(), Fault>>>,
    out: Arc<Out>,
}

impl Excel {
    /// Returns whether a file begins as a spreadsheet does, and so can be read in place.
    pub(super) fn is_at_start_of(file: &mut File) -> bool {
        if !file.metadata().is_ok_and(|facts| facts.is_file()) {
            return false;
        }
        let mut start = Vec::new();
        let read = Read::by_ref(file).take(8).read_to_end(&mut start);
        read.is_ok() && file.rewind().is_ok() && open::is_workbook(&start)
    }

    /// Reads a file in place.
    pub(super) fn of_file(name: &str, file: File, settings: &Settings) -> Self {
        Self::new(name, Box::new(BufReader::new(file)), settings)
    }

    /// Reads all bytes first: the format begins at the end.
    pub(super) fn of_reader(
        name: &str,
        reader: Box<dyn Read + Send>,
        settings: &Settings,
    ) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        let mut reader = reader.take(IN_MEMORY + 1);
        reader.read_to_end(&mut bytes).map_err(|error| unreadable(name, Position::START, error))?;
        if bytes.len() as u64 > IN_MEMORY {
            return Err(Error::invalid(format!("{name} has more than 1 GiB and would be held in memory"))
                .advice("read it as a file that is not compressed: it is read in place"));
        }
        Ok(Self::new(name, Box::new(Cursor::new(bytes)), settings))
    }

    fn new(name: &str, book: Book, settings: &Settings) -> Self {
        let name: Arc<str> = Arc::from(name);
        let out = Arc::<Out>::default();
        let layout = table::Layout {
            header_row: settings.excel.header_row,
            uncalculated_as_null: settings.excel.uncalculated_as_null,
            string_columns: settings.string_columns.clone(),
            record_limit: settings.record_limit,
        };
        let rows =
            cells::rows(Arc::clone(&name), book, settings.excel.sheet.clone(), layout, Arc::clone(&out));
        Self { name, rows: Some(Box::pin(rows)), out }
    }
}

impl Records for Excel {
    fn next(&mut self) -> Result<Option<RawRow>, Fault> {
        let Some(rows) = &mut self.rows else { return Ok(None) };
        // The library panics over some files that are damaged.
        match catch_unwind(AssertUnwindSafe(|| rows.now_or_never())) {
            Ok(None) => self.out.lock().row.take().transpose(),
            Ok(Some(end)) => {
                self.rows = None;
                end.map(|()| None)
            }
            Err(_) => {
                self.rows = None;
                Err(Fault::End(
                    Error::invalid(format!(
                        "{} is damaged in a way that the reader does not understand",
                        self.name
                    ))
                    .advice("rows may be missing: save the file anew in a spreadsheet program"),
                ))
            }
        }
    }

    fn uncalculated(&self) -> u64 {
        self.out.lock().uncalculated
    }
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
