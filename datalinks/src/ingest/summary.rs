//! Counts of an ingestion.

use std::time::Duration;

use super::BatchOutcome;
use crate::Error;

/// What became of the rows of an ingestion, in numbers.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct IngestionSummary {
    /// Rows that the service acknowledged, now or in an earlier run of the same journal.
    pub stored: usize,
    /// Rows that failed.
    pub failed: usize,
    /// Rows among them that may be stored all the same.
    pub outcome_unknown: usize,
    /// Rows that may be stored twice.
    pub possibly_twice: usize,
    /// Rows that were sent and, by the service's count, not indexed.
    pub short: u64,
    /// Rows that an earlier run stored, and that were not sent again.
    pub skipped: usize,
    /// Batches decided.
    pub batches: usize,
    /// Requests made, repetitions by the transport not counted.
    pub requests: usize,
    /// Repetitions by the transport.
    pub retries: usize,
    /// Bytes of request bodies.
    pub bytes: u64,
    /// From the start to now.
    pub elapsed: Duration,
    /// The error that stopped the run, or `None` if the run was not stopped. Rows that are still in the source were not
    /// sent.
    ///
    /// A run is stopped by the first of these errors, and by nothing else:
    ///
    /// - 401, 403 or 404 in response to a request of the run: the rows themselves, or the row count or the keys that
    ///   [`Delivery::Reconciled`](crate::Delivery::Reconciled) reads.
    /// - [`max_batches_without_success`](crate::Ingest::max_batches_without_success) batches in a row without a success.
    ///   The error is that of the last of them.
    /// - The journal belongs to other rows, or cannot be written.
    /// - The file for failed rows cannot be written.
    ///
    /// Requests in flight at this moment are completed. A source that fails ends the run as well: see
    /// [`source_error`](Self::source_error).
    pub stopped: Option<Error>,
    /// Why the source of the rows failed, if it did: the rows before are decided.
    pub source_error: Option<Error>,
}

impl IngestionSummary {
    pub(super) fn add<T>(&mut self, outcome: &BatchOutcome<T>) {
        self.stored += outcome.successful.len();
        self.failed += outcome.failed.len();
        self.outcome_unknown += outcome.failed.iter().filter(|row| row.outcome_unknown()).count();
        self.possibly_twice += outcome.possibly_twice.iter().map(|rows| rows.len()).sum::<usize>();
        self.short += outcome.short.iter().map(|short| short.sent - short.indexed).sum::<u64>();
        self.skipped += outcome.skipped;
        self.batches += 1;
        self.requests += outcome.requests;
        self.retries += outcome.retries;
        self.bytes += outcome.bytes;
    }

    /// Every row of the source is stored, once, as far as the service says.
    pub fn is_complete(&self) -> bool {
        self.failed == 0
            && self.possibly_twice == 0
            && self.short == 0
            && self.stopped.is_none()
            && self.source_error.is_none()
    }
}
