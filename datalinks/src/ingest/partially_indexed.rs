//! Batches of which the service indexed fewer rows than were sent.

use std::ops::Range;

use serde::Serialize;

/// A batch of which the service indexed fewer rows than were sent. Which rows are missing it does not
/// say: they all count as successful, because it acknowledged the batch.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PartiallyIndexedBatch {
    /// The places of the first and the last of its rows (rows between that could not be written were not
    /// part of it).
    pub rows: Range<usize>,
    /// Rows sent.
    pub sent: u64,
    /// Rows indexed, as the service says.
    pub indexed: u64,
}

impl PartiallyIndexedBatch {
    /// Creates the report of a batch with these rows, of which the service indexed fewer than were `sent`.
    pub fn new(rows: Range<usize>, sent: u64, indexed: u64) -> Self {
        Self { rows, sent, indexed }
    }
}
