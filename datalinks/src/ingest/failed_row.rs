//! A row that was not acknowledged.

use serde::Serialize;

use crate::error::Error;

/// A row that the service did not acknowledge.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FailedRow<T> {
    /// Index of the row in the input, from 0.
    pub index: usize,
    /// The row.
    pub row: T,
    /// Reason for the failure. Rows of one batch may share it.
    pub error: Error,
}

impl<T> FailedRow<T> {
    /// Creates a failed row. `index` is the index of the row in the input, from 0.
    pub fn new(index: usize, row: T, error: Error) -> Self {
        Self { index, row, error }
    }

    /// Returns `true` if the row may be stored nevertheless. Check the dataset before you send it again.
    pub fn is_ambiguous(&self) -> bool {
        self.error.is_ambiguous()
    }
}
