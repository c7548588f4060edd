//! The outcome of one batch.

use std::ops::Range;

use serde::Serialize;

use super::{counts::IngestionCounts, failed_row::FailedRow, partially_indexed::PartiallyIndexedBatch};
use crate::error::Error;

/// The outcome of one batch. Every row is in `successful` or in `failed` exactly once, in input order.
///
/// An outcome may have no rows and only [`bad_records`](Self::bad_records).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "rows that failed are reported here and nowhere else"]
#[non_exhaustive]
pub struct BatchOutcome<T> {
    /// Index range of the rows of the batch in the input, from 0.
    pub rows: Range<usize>,
    /// Rows that the service acknowledged.
    pub successful: Vec<T>,
    /// Rows that were rejected, could not be encoded, were not sent, or whose outcome is ambiguous.
    pub failed: Vec<FailedRow<T>>,
    /// Index ranges of rows that may be stored twice. These rows are also in `successful` or in `failed`.
    pub possibly_duplicated: Vec<Range<usize>>,
    /// Records of a file that could not be read as rows and were written to the dead-letter file. They have no
    /// index and are not in `failed`. See
    /// [`bad_records_to_dead_letters`](crate::ingest::Ingest#method.bad_records_to_dead_letters).
    pub bad_records: Vec<Error>,
    /// Requests of which the service reports that it indexed fewer rows than were sent.
    pub partially_indexed: Vec<PartiallyIndexedBatch>,
    /// Counts of the rows and requests of the batch.
    pub counts: IngestionCounts,
}

impl<T> BatchOutcome<T> {
    /// Creates the outcome of a batch that was sent in one request, and whose first row has the index `first`. The
    /// counts match the rows.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::{Error, ErrorKind, FailedRow, ingest::BatchOutcome};
    ///
    /// let failed = FailedRow::new(8, "row 8", Error::new(ErrorKind::Rejected, "year is not a number"));
    /// let outcome = BatchOutcome::new(7, vec!["row 7"], vec![failed]);
    /// assert_eq!(outcome.rows, 7..9);
    /// assert_eq!((outcome.counts.stored, outcome.counts.failed), (1, 1));
    /// ```
    pub fn new(first: usize, successful: Vec<T>, failed: Vec<FailedRow<T>>) -> Self {
        let mut outcome = Self::of_rows(first..first + successful.len() + failed.len());
        (outcome.successful, outcome.failed) = (successful, failed);
        outcome.counts.requests = usize::from(!outcome.rows.is_empty());
        outcome.counted()
    }

    /// Creates an outcome for these row indexes, without any row decided.
    pub(super) fn of_rows(rows: Range<usize>) -> Self {
        Self {
            rows,
            successful: Vec::new(),
            failed: Vec::new(),
            possibly_duplicated: Vec::new(),
            bad_records: Vec::new(),
            partially_indexed: Vec::new(),
            counts: IngestionCounts::default(),
        }
    }

    /// Sets the counts of rows and bad records. The counts of requests stay unchanged.
    pub(super) fn counted(mut self) -> Self {
        let counts = &mut self.counts;
        counts.count_rows(&self.successful, &self.failed);
        counts.count_warnings(&self.possibly_duplicated, &self.partially_indexed);
        counts.bad_records = self.bad_records.len();
        // An outcome that contains only bad records does not count as a batch.
        counts.batches = usize::from(!self.rows.is_empty());
        self
    }
}
