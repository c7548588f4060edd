//! Spreadsheets.
//!
//! 1. [`open`] detects the kind of file and rejects files that would not fit into memory.
//! 2. [`cells`] reads the cells of one sheet.
//! 3. [`table`] converts them to rows.

mod address;
mod book;
mod cells;
mod errors;
mod markup;
mod ods;
mod open;
mod output;
mod package;
mod settings;
mod sheets;
mod table;
mod value;
mod xls;

use std::{
    io::{BufReader, Cursor, Read, Seek},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use futures::{FutureExt as _, future::BoxFuture};

use super::{
    bad_row::RowError, input::unreadable, position::Position, raw_row::RawRow, records::Records,
    settings::Settings,
};
use crate::{error::Error, platform::files::File};
use book::{Book, IN_MEMORY};
use output::Output;

pub(super) use settings::ExcelSettings;
pub(super) use sheets::WantedSheet;

/// A reader of the rows of a sheet.
///
/// The library's reader of cells borrows the workbook. A future can hold both, so a future produces the rows. It never
/// waits: each poll runs until the next row.
pub(super) struct Excel {
    name: Arc<str>,
    rows: Option<BoxFuture<'static, Result<(), RowError>>>,
    out: Arc<Output>,
}

impl Excel {
    /// Returns `true` if a file begins like a spreadsheet, and can therefore be read in place.
    pub(super) fn is_at_start_of(file: &mut File) -> bool {
        if !file.metadata().is_ok_and(|facts| facts.is_file()) {
            return false;
        }
        let mut start = Vec::new();
        let read = Read::by_ref(file).take(8).read_to_end(&mut start);
        read.is_ok() && file.rewind().is_ok() && open::is_workbook(&start)
    }

    /// Creates a reader of a file, which is read in place.
    pub(super) fn of_file(name: &str, file: File, settings: &Settings) -> Self {
        Self::new(name, Box::new(BufReader::new(file)), settings)
    }

    /// Creates a reader of bytes. All of them are read first, because the directory of the format is at its end.
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
                .advice("read an uncompressed file by its path, which is read in place"));
        }
        Ok(Self::new(name, Box::new(Cursor::new(bytes)), settings))
    }

    fn new(name: &str, book: Book, settings: &Settings) -> Self {
        let name: Arc<str> = Arc::from(name);
        let out = Arc::<Output>::default();
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
    fn next(&mut self) -> Result<Option<RawRow>, RowError> {
        let Some(rows) = &mut self.rows else { return Ok(None) };
        // The library panics on some damaged files.
        match catch_unwind(AssertUnwindSafe(|| rows.now_or_never())) {
            Ok(None) => self.out.lock().row.take().transpose(),
            Ok(Some(end)) => {
                self.rows = None;
                end.map(|()| None)
            }
            Err(_) => {
                self.rows = None;
                Err(RowError::End(
                    Error::invalid(format!("{} is damaged, and the spreadsheet library failed", self.name))
                        .advice("rows may be missing; save the file again in a spreadsheet program"),
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
