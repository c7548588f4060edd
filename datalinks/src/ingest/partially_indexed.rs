//! A batch of which not every row was indexed.

use std::ops::Range;

use serde::Serialize;

/// A batch of which the service indexed fewer rows than were sent.
///
/// The service does not report which rows are missing. All rows of the batch count as successful, because the
/// service acknowledged the batch.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PartiallyIndexedBatch {
    /// Index range from the first to the last row of the batch. Rows in between that could not be encoded were not
    /// sent.
    pub rows: Range<usize>,
    /// Number of rows that were sent.
    pub sent: u64,
    /// Number of rows that the service reports as indexed.
    pub indexed: u64,
}

impl PartiallyIndexedBatch {
    /// Creates a report for a batch of which `indexed` of `sent` rows were indexed.
    pub fn new(rows: Range<usize>, sent: u64, indexed: u64) -> Self {
        Self { rows, sent, indexed }
    }
}
