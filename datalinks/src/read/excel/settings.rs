//! How a spreadsheet is read.

use super::sheets::WantedSheet;
use crate::error::Error;

/// How a spreadsheet is read.
#[derive(Clone, Debug, Default)]
pub(in crate::read) struct ExcelSettings {
    pub(in crate::read) sheet: WantedSheet,
    /// Row of the column names, counted from 1. The first row with a value if unset.
    pub(in crate::read) header_row: Option<u32>,
    /// Whether a formula whose result is not in the file is `null`.
    pub(in crate::read) uncalculated_as_null: bool,
}

impl ExcelSettings {
    /// Whether a sheet can be read so.
    pub(in crate::read) fn check(&self) -> Result<(), Error> {
        if self.header_row == Some(0) || matches!(self.sheet, WantedSheet::Number(0)) {
            return Err(Error::invalid("a spreadsheet has no row and no sheet of the number 0")
                .advice("count rows and sheets from 1, as a spreadsheet program shows them"));
        }
        Ok(())
    }
}
