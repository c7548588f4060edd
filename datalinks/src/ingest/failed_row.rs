//! Rows that are not known to be stored.

use serde::Serialize;

use crate::error::Error;

/// A row that is not known to be stored.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FailedRow<T> {
    /// Its place among the rows given, from 0.
    pub index: usize,
    /// The row.
    pub row: T,
    /// Why it failed; the rows of one batch share it.
    pub error: Error,
}

impl<T> FailedRow<T> {
    /// Creates a failed row. `index` is that of the row among all rows, from 0.
    pub fn new(index: usize, row: T, error: Error) -> Self {
        Self { index, row, error }
    }

    /// Whether the row may be stored all the same. Look before you send it again.
    pub fn is_ambiguous(&self) -> bool {
        self.error.is_ambiguous()
    }
}
