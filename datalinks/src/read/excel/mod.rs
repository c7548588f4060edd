//! Sheets of spreadsheets.
//!
//! [`open`] finds out what kind of file it is and refuses what would not fit into memory. [`cells`] reads the cells of
//! one sheet, and [`table`] makes rows of them.

mod address;
mod cells;
mod markup;
mod ods;
mod open;
mod package;
mod sheets;
mod table;
mod value;
mod xls;

use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read, Seek},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
};

use futures::{FutureExt as _, future::BoxFuture};

use super::{
    bad_row::Fault, input::unreadable, position::Position, raw_row::RawRow, rows::Records, source::Settings,
};
use crate::error::Error;

pub(super) use sheets::WantedSheet;

/// Maximum size of a file that is not read in place: 1 GiB, this crate's choice.
const IN_MEMORY: u64 = 1024 * 1024 * 1024;

/// How a spreadsheet is read.
#[derive(Clone, Debug, Default)]
pub(super) struct ExcelSettings {
    pub(super) sheet: WantedSheet,
    /// Row of the column names, counted from 1. The first row with a value if unset.
    pub(super) header_row: Option<u32>,
    /// Whether a formula whose result is not in the file is `null`.
    pub(super) uncalculated_as_null: bool,
}

impl ExcelSettings {
    /// Whether a sheet can be read so.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.header_row == Some(0) || matches!(self.sheet, WantedSheet::Number(0)) {
            return Err(Error::invalid("a spreadsheet has no row and no sheet of the number 0")
                .advice("count rows and sheets from 1, as a spreadsheet program shows them"));
        }
        Ok(())
    }
}

/// Bytes that can be read at any position.
trait Seekable: Read + Seek + Send {}

impl<T: Read + Seek + Send> Seekable for T {}

/// A workbook as a file.
type Book = Box<dyn Seekable>;

/// Rows of a sheet.
///
/// The library's reader of cells borrows the workbook. A future is the one value of Rust that may hold both, so the rows
/// are made by a future that never waits: each time it is polled, it runs up to the next row.
pub(super) struct Excel {
    name: Arc<str>,
    rows: Option<BoxFuture<'static, Result<(), Fault>>>,
    out: Arc<Out>,
}

/// Where the future leaves a row.
#[derive(Default)]
struct Out(Mutex<Ready>);

#[derive(Default)]
struct Ready {
    row: Option<Result<RawRow, Fault>>,
    uncalculated: u64,
}

impl Out {
    fn lock(&self) -> std::sync::MutexGuard<'_, Ready> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves a row, and waits for the next poll.
    async fn put(&self, row: Result<RawRow, Fault>, uncalculated: u64) {
        {
            let mut ready = self.lock();
            ready.row = Some(row);
            ready.uncalculated += uncalculated;
        }
        futures::pending!();
    }
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

/// The file cannot be read as a workbook.
fn broken(name: &str, error: impl Into<calamine::Error>) -> Error {
    use calamine::{OdsError, XlsError, XlsbError, XlsxError};
    let error = error.into();
    if let calamine::Error::Xlsx(XlsxError::Password)
    | calamine::Error::Xls(XlsError::Password)
    | calamine::Error::Xlsb(XlsbError::Password)
    | calamine::Error::Ods(OdsError::Password) = error
    {
        return protected(name);
    }
    Error::invalid(format!("{name} is no spreadsheet that can be read: {error}"))
        .advice("open it in a spreadsheet program and save it anew")
        .caused_by(error)
}

fn protected(name: &str) -> Error {
    Error::invalid(format!("{name} is encrypted with a password"))
        .advice("save it without a password in a spreadsheet program")
}

/// The sheets have more cells than memory should hold.
fn too_large(name: &str, what: impl std::fmt::Display) -> Error {
    Error::invalid(format!("{name} would need too much memory: {what}"))
        .advice("remove what the table does not need, or save the file as .xlsx, which is read row by row")
}

fn io_error(name: &str, error: io::Error) -> Error {
    unreadable(name, Position::START, error)
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
