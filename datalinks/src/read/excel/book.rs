//! A workbook as a file, and why it cannot be read.

use std::io::{self, Read, Seek};

use crate::{
    error::Error,
    read::{input::unreadable, position::Position},
};

/// Maximum size of a file that is not read in place: 1 GiB, this crate's choice.
pub(super) const IN_MEMORY: u64 = 1024 * 1024 * 1024;

/// Bytes that can be read at any position.
pub(super) trait Seekable: Read + Seek + Send {}

impl<T: Read + Seek + Send> Seekable for T {}

/// A workbook as a file.
pub(super) type Book = Box<dyn Seekable>;

/// The file cannot be read as a workbook.
pub(super) fn broken(name: &str, error: impl Into<calamine::Error>) -> Error {
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

pub(super) fn protected(name: &str) -> Error {
    Error::invalid(format!("{name} is encrypted with a password"))
        .advice("save it without a password in a spreadsheet program")
}

/// The sheets have more cells than memory should hold.
pub(super) fn too_large(name: &str, what: impl std::fmt::Display) -> Error {
    Error::invalid(format!("{name} would need too much memory: {what}"))
        .advice("remove what the table does not need, or save the file as .xlsx, which is read row by row")
}

pub(super) fn io_error(name: &str, error: io::Error) -> Error {
    unreadable(name, Position::START, error)
}
