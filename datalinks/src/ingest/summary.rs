//! The result of an ingestion, without the rows.

use std::{fmt, time::Duration};

use serde::Serialize;

use super::{budget::BudgetReport, counts::IngestionCounts, outcome::BatchOutcome};
use crate::{
    error::{Error, ErrorKind},
    types::serialize_duration,
};

/// The result of an ingestion as counts and first errors, without the rows.
///
/// A run that fails also returns a summary, because rows may be stored already. [`into_result`](Self::into_result)
/// turns failures into an error.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "a run that failed or stopped is reported here and nowhere else; call `into_result` to get an error"]
#[non_exhaustive]
pub struct IngestionSummary {
    /// Counts of the rows, and of the requests of the run.
    pub counts: IngestionCounts,
    /// Time from the start of the run until now, or until its end. Serialized as `elapsedSeconds`.
    #[serde(rename = "elapsedSeconds", serialize_with = "serialize_duration::seconds")]
    pub elapsed: Duration,
    /// Index and error of the first failed row, or `None` if no row failed.
    pub first_failure: Option<(usize, Error)>,
    /// Error of the first bad record, or `None` if no record was bad.
    pub first_bad_record: Option<Error>,
    /// The error that stopped the run, or `None` if the run was not stopped. Rows that were pulled from the source
    /// before the stop count as failed. Rows that a stream had not yet yielded are not counted.
    ///
    /// Only these errors stop a run:
    ///
    /// - 401, 403 or 404 in response to a request of the run. This includes the requests for the row count or the
    ///   keys that [`Delivery::Reconciled`](crate::Delivery::Reconciled) makes.
    /// - [`max_batches_without_success`](crate::ingest::Ingest::max_batches_without_success) consecutive batches
    ///   without a success. The error is that of the last batch.
    /// - The journal belongs to other rows or cannot be written.
    /// - The dead-letter file cannot be written.
    /// - The [budget](crate::ingest::Ingest::budget) is reached or cannot be held ([`Budget`](crate::ErrorKind::Budget)).
    ///
    /// Requests that are in flight when the run stops are completed. A source that fails also ends the run, and is
    /// reported in [`source_error`](Self::source_error).
    pub stopped: Option<Error>,
    /// The error of the row source, or `None` if it did not fail. The rows before it are decided.
    pub source_error: Option<Error>,
    /// The error that kept failed rows from the [dead-letter file](crate::ingest::Ingest::dead_letters), or `None`
    /// if all were written. After this error, the file is incomplete.
    pub dead_letter_error: Option<Error>,
    /// The account of the [budget](crate::ingest::Ingest::budget), or `None` without a budget.
    pub budget: Option<BudgetReport>,
}

impl IngestionSummary {
    /// Creates the summary of a run with these counts. All other fields are `None` or zero.
    pub fn new(counts: IngestionCounts) -> Self {
        Self { counts, ..Self::default() }
    }

    /// Adds the outcome of a batch.
    pub(super) fn add<T>(&mut self, outcome: &BatchOutcome<T>) {
        if let Some(first) = outcome.failed.first()
            // Concurrent batches end in any order.
            && self.first_failure.as_ref().is_none_or(|(index, _)| first.index < *index)
        {
            self.first_failure = Some((first.index, first.error.clone()));
        }
        if self.first_bad_record.is_none() {
            self.first_bad_record = outcome.bad_records.first().cloned();
        }
        self.counts += outcome.counts;
    }

    /// Adds the counts to the advice of a source error. Called after the last row is decided.
    pub(super) fn annotate_source_error(&mut self) {
        // Errors of this crate stay unchanged.
        if let Some(error) = self.source_error.take_if(|error| error.kind() == ErrorKind::Source) {
            let advice = format!("{}; {}", self.counts, ErrorKind::Source.advice());
            self.source_error = Some(error.advice(advice));
        }
    }

    /// Returns `true` if every row of the source is stored exactly once, as far as the service reports, and the
    /// source has no bad records.
    pub fn is_complete(&self) -> bool {
        self.check().is_ok() && self.counts.possibly_duplicated == 0 && self.counts.not_indexed == 0
    }

    /// Returns an error if a row failed, a record was bad, or the run did not complete.
    ///
    /// # Errors
    ///
    /// Returns the first of these errors that exists:
    ///
    /// 1. The error of the first failed row.
    /// 2. The error that stopped the run.
    /// 3. The error of the source.
    /// 4. The error of the dead-letter file.
    /// 5. The error of the first bad record.
    ///
    /// Rows that may be stored twice and partially indexed batches do not cause an error. See
    /// [`is_complete`](Self::is_complete).
    pub fn check(&self) -> Result<(), Error> {
        let Self { first_failure, stopped, source_error, dead_letter_error, first_bad_record, .. } = self;
        let failure = first_failure.as_ref().map(|(_, error)| error);
        let others = [stopped, source_error, dead_letter_error, first_bad_record];
        failed(failure, others.map(Option::as_ref)).map_or(Ok(()), Err)
    }

    /// Returns the summary, or an error if a row failed or the run did not complete.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`check`](Self::check).
    pub fn into_result(self) -> Result<Self, Error> {
        self.check().map(|()| self)
    }
}

/// Returns the first error of a result, or `None` if none exists.
pub(super) fn failed<const N: usize>(first: Option<&Error>, others: [Option<&Error>; N]) -> Option<Error> {
    first.into_iter().chain(others.into_iter().flatten()).next().cloned()
}

/// The errors that a result and a summary display.
pub(super) struct ErrorReport<'a> {
    pub(super) counts: &'a IngestionCounts,
    pub(super) first_failure: Option<(usize, &'a Error)>,
    pub(super) stopped: Option<&'a Error>,
    pub(super) source_error: Option<&'a Error>,
    pub(super) dead_letter_error: Option<&'a Error>,
    pub(super) first_bad_record: Option<&'a Error>,
}

impl ErrorReport<'_> {
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
            // The counts are part of its advice, and are displayed already.
            let counts = format!("; {}", self.counts);
            write!(f, "; the rows ended early: {}", error.to_string().replacen(&counts, "", 1))?;
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
        let errors = ErrorReport {
            counts: &self.counts,
            first_failure: self.first_failure.as_ref().map(|(index, error)| (*index, error)),
            stopped: self.stopped.as_ref(),
            source_error: self.source_error.as_ref(),
            dead_letter_error: self.dead_letter_error.as_ref(),
            first_bad_record: self.first_bad_record.as_ref(),
        };
        self.counts.fmt(f)?;
        if self.counts.not_indexed > 0 {
            write!(f, ", {} sent and not indexed", self.counts.not_indexed)?;
        }
        errors.write(f)
    }
}
