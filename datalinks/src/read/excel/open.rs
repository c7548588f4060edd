//! Opening a workbook of any kind.

use std::io::{Read, Seek, SeekFrom};

use calamine::{Ods, Reader as _, Sheets, Xls, Xlsb, Xlsx};

use super::{book::Book, book::broken, book::io_error, book::protected, book::too_large, package, xls};
use crate::error::Error;

/// The first bytes of a zip file, of an empty one, and of a compound file.
const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Returns whether a file with these first bytes may be a workbook.
pub(super) fn is_workbook(start: &[u8]) -> bool {
    start.starts_with(ZIP) || start.starts_with(COMPOUND)
}

/// Opens a workbook by what it holds, not by its name.
///
/// The library reads some parts of a file as a whole. They are measured before.
pub(super) fn open(name: &str, mut book: Book) -> Result<Sheets<Book>, Error> {
    let mut start = Vec::new();
    let unreadable = |error| io_error(name, error);
    Read::by_ref(&mut book).take(512).read_to_end(&mut start).map_err(unreadable)?;
    book.rewind().map_err(unreadable)?;
    if start.starts_with(COMPOUND) {
        let length = book.seek(SeekFrom::End(0)).map_err(unreadable)?;
        book.rewind().map_err(unreadable)?;
        if length > super::book::IN_MEMORY {
            return Err(too_large(name, "files of its kind are held in memory, and it has more than 1 GiB"));
        }
        let mut bytes = Vec::new();
        book.read_to_end(&mut bytes).map_err(unreadable)?;
        book.rewind().map_err(unreadable)?;
        return match xls::check(name, &bytes)? {
            xls::Kind::Encrypted => Err(protected(name)),
            xls::Kind::Workbook => Xls::new(book).map(Sheets::Xls).map_err(|error| broken(name, error)),
        };
    }
    if !start.starts_with(ZIP) && !start.starts_with(EMPTY_ZIP) {
        return Err(no_workbook(name, &start));
    }
    let kind = package::check(name, &mut book)?;
    book.rewind().map_err(unreadable)?;
    match kind {
        package::Kind::Xlsx => Xlsx::new(book).map(Sheets::Xlsx).map_err(|error| broken(name, error)),
        package::Kind::Xlsb => Xlsb::new(book).map(Sheets::Xlsb).map_err(|error| broken(name, error)),
        package::Kind::Ods => Ods::new(book).map(Sheets::Ods).map_err(|error| broken(name, error)),
    }
}

/// Many programs give an ending of spreadsheets to tables in HTML or text.
fn no_workbook(name: &str, start: &[u8]) -> Error {
    let shown = String::from_utf8_lossy(start).trim().chars().take(20).collect::<String>();
    let (what, advice) = if start.is_empty() {
        ("it is empty".to_owned(), "see that the file was written to its end")
    } else if start.iter().all(|byte| !matches!(byte, 0..=8 | 14..=31)) {
        (
            format!("it is text that begins with {shown:?}"),
            "if it is CSV or TSV, set Reader::format; else open it in a spreadsheet program and save it as .xlsx",
        )
    } else {
        ("it does not begin as one".to_owned(), "open it in a spreadsheet program and save it as .xlsx")
    };
    Error::invalid(format!("{name} is no spreadsheet that can be read: {what}")).advice(advice)
}
