//! Errors about a workbook.

use std::{fmt, io};

use crate::{
    error::Error,
    read::{input::unreadable, position::Position},
};

/// Creates the error for a file that cannot be read as a workbook.
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
    Error::invalid(format!("{name} is not a readable spreadsheet: {error}"))
        .advice("open it in a spreadsheet program and save it again")
        .caused_by(error)
}

pub(super) fn protected(name: &str) -> Error {
    Error::invalid(format!("{name} is encrypted with a password"))
        .advice("save it without a password in a spreadsheet program")
}

/// Creates the error for sheets that would need too much memory.
pub(super) fn too_large(name: &str, what: impl fmt::Display) -> Error {
    Error::invalid(format!("{name} would need too much memory: {what}"))
        .advice("remove what the table does not need, or save the file as .xlsx, which is read row by row")
}

pub(super) fn io_error(name: &str, error: io::Error) -> Error {
    unreadable(name, Position::START, error)
}
