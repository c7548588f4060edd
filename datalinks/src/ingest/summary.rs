//! Counts of an ingestion.

use std::{fmt, time::Duration};

use super::outcome::BatchOutcome;
use crate::error::Error;

/// The account of an ingestion in numbers.
///
/// A run that failed is a summary, too: rows may be stored already, so that an error alone would lose the account.
/// [`into_result`](Self::into_result) turns failures into an error, for code that needs all rows or none.
#[derive(Clone, Debug, Default)]
#[must_use = "a run that failed or stopped is reported here and nowhere else; call `into_result` to get an error"]
#[non_exhaustive]
pub struct IngestionSummary {
    /// Rows that the service acknowledged, now or in an earlier run of the same journal.
    pub stored: usize,
    /// Rows that failed.
    pub failed: usize,
    /// Records of files that could not be read as rows, and that were written to the dead-letter file. They do not count
    /// as failed rows. See [`bad_records_to_dead_letters`](crate::ingest::Ingest#method.bad_records_to_dead_letters).
    pub bad_records: usize,
    /// Rows among the failed rows that may be stored all the same.
    pub ambiguous: usize,
    /// Rows that may be stored twice.
    pub possibly_duplicated: usize,
    /// Rows that were sent and, by the service's count, not indexed.
    pub unindexed: u64,
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
    /// Index and error of the first row that failed.
    pub first_failure: Option<(usize, Error)>,
    /// The error of the first bad record.
    pub first_bad_record: Option<Error>,
    /// The error that stopped the run, or `None` if the run was not stopped. Rows that were pulled
    /// from the source by then count as failed. Rows that a stream still holds are neither pulled nor counted.
    ///
    /// A run is stopped by the first of these errors, and by nothing else:
    ///
    /// - 401, 403 or 404 in response to a request of the run: the rows themselves, or the row count or the keys that
    ///   [`Delivery::Reconciled`](crate::Delivery::Reconciled) reads.
    /// - [`max_batches_without_success`](crate::ingest::Ingest::max_batches_without_success) batches in a row without a success.
    ///   The error is that of the last of them.
    /// - The journal belongs to other rows, or cannot be written.
    /// - The file for failed rows cannot be written.
    ///
    /// Requests in flight at this moment are completed. A source that fails ends the run as well: see
    /// [`source_error`](Self::source_error).
    pub stopped: Option<Error>,
    /// The error of the source of the rows, if it failed. The rows before it are decided.
    pub source_error: Option<Error>,
    /// The error that kept failed rows from the [dead-letter file](crate::ingest::Ingest::dead_letters), if one did. The
    /// file is incomplete then.
    pub dead_letter_error: Option<Error>,
}

impl IngestionSummary {
    pub(super) fn add<T>(&mut self, outcome: &BatchOutcome<T>) {
        if let Some(first) = outcome.failed.first()
            // Batches in flight at once are decided in any order.
            && self.first_failure.as_ref().is_none_or(|(index, _)| first.index < *index)
        {
            self.first_failure = Some((first.index, first.error.clone()));
        }
        if self.first_bad_record.is_none() {
            self.first_bad_record = outcome.bad_records.first().cloned();
        }
        self.bad_records += outcome.bad_records.len();
        self.stored += outcome.successful.len();
        self.failed += outcome.failed.len();
        self.ambiguous += outcome.failed.iter().filter(|row| row.is_ambiguous()).count();
        self.possibly_duplicated += outcome.possibly_duplicated.iter().map(|rows| rows.len()).sum::<usize>();
        self.unindexed +=
            outcome.partially_indexed.iter().map(|short| short.sent - short.indexed).sum::<u64>();
        self.skipped += outcome.skipped;
        // Bad records alone are no batch.
        self.batches += usize::from(!outcome.rows.is_empty());
        self.requests += outcome.requests;
        self.retries += outcome.retries;
        self.bytes += outcome.bytes;
    }

    /// Returns `true` if every row of the source is stored exactly once, as far as the service reports, and no record of
    /// it was bad.
    pub fn is_complete(&self) -> bool {
        self.check().is_ok() && self.possibly_duplicated == 0 && self.unindexed == 0
    }

    /// Checks that no row failed, no record was bad and nothing stopped the run.
    ///
    /// # Errors
    ///
    /// Returns the error of the first row that failed, or else what stopped the run, the error of the source, the
    /// error of the dead-letter file, or the error of the first bad record. Rows that may be stored twice and batches of which too few rows were indexed are
    /// no errors here; see [`is_complete`](Self::is_complete).
    pub fn check(&self) -> Result<(), Error> {
        let Self { first_failure, stopped, source_error, dead_letter_error, first_bad_record, .. } = self;
        let failure = first_failure.as_ref().map(|(_, error)| error);
        let others = [stopped, source_error, dead_letter_error, first_bad_record];
        failed(failure, others.map(Option::as_ref)).map_or(Ok(()), Err)
    }

    /// Returns the summary, or an error if a row failed or the run stopped.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check).
    pub fn into_result(self) -> Result<Self, Error> {
        self.check().map(|()| self)
    }
}

/// What an account reports as its error, if anything.
pub(super) fn failed<const N: usize>(first: Option<&Error>, others: [Option<&Error>; N]) -> Option<Error> {
    first.into_iter().chain(others.into_iter().flatten()).next().cloned()
}

/// The numbers that both kinds of account show.
pub(super) struct Numbers<'a> {
    pub(super) stored: usize,
    pub(super) failed: usize,
    pub(super) ambiguous: usize,
    pub(super) possibly_duplicated: usize,
    pub(super) bad_records: usize,
    pub(super) first_failure: Option<(usize, &'a Error)>,
    pub(super) stopped: Option<&'a Error>,
    pub(super) source_error: Option<&'a Error>,
    pub(super) dead_letter_error: Option<&'a Error>,
    pub(super) first_bad_record: Option<&'a Error>,
}

impl Numbers<'_> {
    pub(super) fn counts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows stored, {} failed", self.stored, self.failed)?;
        if self.ambiguous > 0 {
            write!(f, " ({} of them may be stored: look before you send them again)", self.ambiguous)?;
        }
        if self.possibly_duplicated > 0 {
            write!(f, ", {} possibly stored twice", self.possibly_duplicated)?;
        }
        if self.bad_records > 0 {
            write!(f, ", {} bad records in the dead-letter file", self.bad_records)?;
        }
        Ok(())
    }

    pub(super) fn errors(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = self.stopped {
            write!(f, "; the run stopped: {error}")?;
        }
        if let Some((index, error)) = self.first_failure {
            // The row that stopped the run has the same error.
            if self.stopped.is_none_or(|stopped| stopped.message() != error.message()) {
                write!(f, "; first, row {index}: {error}")?;
            }
        }
        if let Some(error) = self.source_error {
            write!(f, "; the rows ended early: {error}")?;
        }
        if let Some(error) = self.dead_letter_error {
            write!(f, "; failed rows are missing in the dead-letter file: {error}")?;
        }
        if let Some(error) = self.first_bad_record {
            write!(f, "; first bad record: {error}")?;
        }
        Ok(())
    }
}

impl fmt::Display for IngestionSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = Numbers {
            stored: self.stored,
            failed: self.failed,
            ambiguous: self.ambiguous,
            possibly_duplicated: self.possibly_duplicated,
            bad_records: self.bad_records,
            first_failure: self.first_failure.as_ref().map(|(index, error)| (*index, error)),
            stopped: self.stopped.as_ref(),
            source_error: self.source_error.as_ref(),
            dead_letter_error: self.dead_letter_error.as_ref(),
            first_bad_record: self.first_bad_record.as_ref(),
        };
        numbers.counts(f)?;
        if self.unindexed > 0 {
            write!(f, ", {} sent and not indexed", self.unindexed)?;
        }
        numbers.errors(f)
    }
}
