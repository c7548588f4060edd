//! The account of an ingestion.

use std::{fmt, ops::Range, time::Duration};

use crate::Error;

/// What became of every row: each is in `successful` or in `failed`, once, in the order it was given.
#[derive(Clone, Debug)]
#[must_use = "rows that failed are told here and nowhere else"]
#[non_exhaustive]
pub struct IngestionResult<T> {
    /// Rows of batches that the service acknowledged.
    pub successful: Vec<T>,
    /// Rows that were refused, could not be written, were not sent, or whose end is unknown.
    pub failed: Vec<FailedRow<T>>,
    /// Rows that may be stored twice, as ranges of indexes: their batch was sent again after a doubtful
    /// end.
    pub possibly_twice: Vec<Range<usize>>,
    /// Batches of which the service says it indexed fewer rows than were sent.
    pub short: Vec<ShortBatch>,
    /// Rows that the service says it indexed; nothing when it did not say so for every batch.
    pub indexed: Option<u64>,
    /// Requests made, repetitions by the transport not counted.
    pub requests: usize,
    /// From the first request to the last answer.
    pub elapsed: Duration,
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
    pub fn outcome_unknown(&self) -> bool {
        self.error.outcome_unknown()
    }
}

/// A batch of which the service indexed fewer rows than were sent. Which rows are missing it does not
/// say: they all count as successful, because it acknowledged the batch.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ShortBatch {
    /// The places of the first and the last of its rows (rows between that could not be written were not
    /// part of it).
    pub rows: Range<usize>,
    /// Rows sent.
    pub sent: u64,
    /// Rows indexed, as the service says.
    pub indexed: u64,
}

impl<T> IngestionResult<T> {
    /// Every row is stored, once, as far as the service says.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.short.is_empty() && self.possibly_twice.is_empty()
    }

    /// The rows, or the error of the first that failed.
    ///
    /// # Errors
    ///
    /// When a row failed. A batch that is short or possibly doubled is no error here.
    pub fn into_result(self) -> Result<Vec<T>, Error> {
        match self.failed.into_iter().next() {
            None => Ok(self.successful),
            Some(first) => Err(first.error),
        }
    }
}

impl<T> fmt::Display for IngestionResult<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows stored, {} failed", self.successful.len(), self.failed.len())?;
        let unknown = self.failed.iter().filter(|row| row.outcome_unknown()).count();
        if unknown > 0 {
            write!(f, " ({unknown} of them may be stored: look before you send them again)")?;
        }
        let doubled: usize = self.possibly_twice.iter().map(Range::len).sum();
        if doubled > 0 {
            write!(f, ", {doubled} possibly stored twice")?;
        }
        for short in &self.short {
            let ShortBatch { rows, sent, indexed } = short;
            write!(f, ", only {indexed} of the {sent} in rows {} to {} indexed", rows.start, rows.end - 1)?;
        }
        if let Some(first) = self.failed.first() {
            write!(f, "; first, row {}: {}", first.index, first.error)?;
        }
        Ok(())
    }
}
