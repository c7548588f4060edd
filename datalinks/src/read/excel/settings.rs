//! The options of a spreadsheet.

use super::sheets::WantedSheet;
use crate::error::Error;

/// The options of a spreadsheet.
#[derive(Clone, Debug, Default)]
pub(in crate::read) struct ExcelSettings {
    pub(in crate::read) sheet: WantedSheet,
    /// Row of the column names, counted from 1. `None` means the first row with a value.
    pub(in crate::read) header_row: Option<u32>,
    /// Set if a formula without a stored result is `null`.
    pub(in crate::read) uncalculated_as_null: bool,
}

impl ExcelSettings {
    /// Validates the options.
    pub(in crate::read) fn check(&self) -> Result<(), Error> {
        if self.header_row == Some(0) || matches!(self.sheet, WantedSheet::Number(0)) {
            return Err(Error::invalid("a spreadsheet has no row or sheet with number 0")
                .advice("count rows and sheets from 1, as a spreadsheet program shows them"));
        }
        Ok(())
    }
}
