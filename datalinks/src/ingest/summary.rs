//! Counts of an ingestion.

use std::{fmt, time::Duration};

use serde::Serialize;

use super::{counts::IngestionCounts, outcome::BatchOutcome};
use crate::{
    error::{Error, ErrorKind},
    types::serialize_duration,
};

/// The account of an ingestion in numbers.
///
/// A run that failed is a summary, too: rows may be stored already, so that an error alone would lose the account.
/// [`into_result`](Self::into_result) turns failures into an error, for code that needs all rows or none.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "a run that failed or stopped is reported here and nowhere else; call `into_result` to get an error"]
#[non_exhaustive]
pub struct IngestionSummary {
    /// Counts of the rows, and of the requests that the run made.
    pub counts: IngestionCounts,
    /// Time from the start of the run to now, or to its end. Serialized as `elapsedSeconds`.
    #[serde(rename = "elapsedSeconds", serialize_with = "serialize_duration::seconds")]
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
    /// Creates the summary of a run with these counts. All else is unset, and the fields are public.
    pub fn new(counts: IngestionCounts) -> Self {
        Self { counts, ..Self::default() }
    }

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
        self.counts += outcome.counts;
    }

    /// Adds to the error of a source what is stored. To be called after the last row is decided.
    pub(super) fn annotate_source_error(&mut self) {
        // An error of this crate stays as it is.
        if let Some(error) = self.source_error.take_if(|error| error.kind() == ErrorKind::Source) {
            let advice = format!("{}; {}", self.counts, ErrorKind::Source.advice());
            self.source_error = Some(error.advice(advice));
        }
    }

    /// Returns `true` if every row of the source is stored exactly once, as far as the service reports, and no record of
    /// it was bad.
    pub fn is_complete(&self) -> bool {
        self.check().is_ok() && self.counts.possibly_duplicated == 0 && self.counts.not_indexed == 0
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

/// The errors that both kinds of account show.
pub(super) struct Account<'a> {
    pub(super) first_failure: Option<(usize, &'a Error)>,
    pub(super) stopped: Option<&'a Error>,
    pub(super) source_error: Option<&'a Error>,
    pub(super) dead_letter_error: Option<&'a Error>,
    pub(super) first_bad_record: Option<&'a Error>,
}

impl Account<'_> {
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
        let account = Account {
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
        account.errors(f)
    }
}
