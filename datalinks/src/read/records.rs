//! The interface of the formats.

use super::{bad_row::RowError, raw_row::RawRow};

/// The records of one file.
pub(super) trait Records: Send {
    /// Returns the next row, or `None` at the end.
    fn next(&mut self) -> Result<Option<RawRow>, RowError>;

    /// Returns the number of blank lines skipped so far.
    fn blank_lines(&self) -> u64 {
        0
    }

    /// Returns the number of rows that were read and will be read again.
    fn rows_ahead(&self) -> u64 {
        0
    }

    /// Returns the number of formulas without a stored result that became `null` so far.
    fn uncalculated(&self) -> u64 {
        0
    }
}
