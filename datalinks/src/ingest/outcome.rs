//! What became of one batch.

use std::ops::Range;

use crate::error::Error;

/// What became of one batch: each of its rows is in `successful` or in `failed`, once, in the order it was given.
///
/// An outcome may have no rows and only [`bad_records`](Self::bad_records).
#[derive(Clone, Debug)]
#[must_use = "rows that failed are told here and nowhere else"]
#[non_exhaustive]
pub struct BatchOutcome<T> {
    /// The places of its rows among all, from 0.
    pub rows: Range<usize>,
    /// Rows that the service acknowledged.
    pub successful: Vec<T>,
    /// Rows that were refused, could not be written, were not sent, or whose end is unknown.
    pub failed: Vec<FailedRow<T>>,
    /// Rows that may be stored twice, as ranges of indexes. They are in `successful` or in `failed` as well.
    pub possibly_duplicated: Vec<Range<usize>>,
    /// Records of a file that could not be read as rows, and that were written to the dead-letter file. They have no
    /// index, and are no rows of the batch. See
    /// [`bad_records_to_dead_letters`](crate::ingest::Ingest#method.bad_records_to_dead_letters).
    pub bad_records: Vec<Error>,
    /// Requests of which the service says it indexed fewer rows than were sent.
    pub partially_indexed: Vec<PartiallyIndexedBatch>,
    /// Rows that the service says it indexed; nothing when it did not say so for every request.
    pub indexed: Option<u64>,
    /// Rows that an earlier run stored, as its journal says: they are in `successful`, and were not sent.
    pub skipped: usize,
    /// Requests made, repetitions by the transport not counted.
    pub requests: usize,
    /// Repetitions by the transport.
    pub retries: usize,
    /// Bytes of request bodies.
    pub bytes: u64,
}

impl<T> BatchOutcome<T> {
    pub(super) fn new(rows: Range<usize>) -> Self {
        Self {
            rows,
            successful: Vec::new(),
            failed: Vec::new(),
            possibly_duplicated: Vec::new(),
            bad_records: Vec::new(),
            partially_indexed: Vec::new(),
            indexed: Some(0),
            skipped: 0,
            requests: 0,
            retries: 0,
            bytes: 0,
        }
    }
}

/// A row that is not known to be stored.
#[derive(Clone, Debug)]
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
    /// Whether the row may be stored all the same. Look before you send it again.
    pub fn is_ambiguous(&self) -> bool {
        self.error.is_ambiguous()
    }
}

/// A batch of which the service indexed fewer rows than were sent. Which rows are missing it does not
/// say: they all count as successful, because it acknowledged the batch.
#[derive(Clone, Debug, Eq, PartialEq)]
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
