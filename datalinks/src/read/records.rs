//! The records of one file.

use super::{bad_row::Fault, raw_row::RawRow};

/// The records of one file.
pub(super) trait Records: Send {
    /// The next row; none at the end.
    fn next(&mut self) -> Result<Option<RawRow>, Fault>;

    /// Blank lines left out so far.
    fn blank_lines(&self) -> u64 {
        0
    }

    /// Formulas without a stored result that became `null` so far.
    fn uncalculated(&self) -> u64 {
        0
    }
}
