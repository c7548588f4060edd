//! The account of an ingestion.

use std::{fmt, ops::Range, time::Duration};

use futures::StreamExt as _;
use serde::Serialize;
use tokio::time::Instant;

use super::{BatchOutcome, Outcomes, engine::unsent};
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
    /// Rows that may be stored twice, as ranges of indexes: they were sent again after a request with an ambiguous
    /// outcome. They are in `successful` or in `failed` as well.
    pub possibly_twice: Vec<Range<usize>>,
    /// Batches of which the service says it indexed fewer rows than were sent.
    pub short: Vec<ShortBatch>,
    /// Rows that the service says it indexed; nothing when it did not say so for every batch.
    pub indexed: Option<u64>,
    /// Rows that an earlier run stored, as its journal says: they are in `successful`, and were not sent.
    pub skipped: usize,
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

impl<T: Serialize + Send + 'static> IngestionResult<T> {
    /// Sends everything and keeps the account. Rows that a stopped run did not send are told too.
    ///
    /// # Errors
    ///
    /// When the source of the rows fails.
    pub(crate) async fn collect(mut outcomes: Outcomes<T>) -> Result<Self, Error> {
        let start = Instant::now();
        let mut batches: Vec<BatchOutcome<T>> = Vec::new();
        while let Some(outcome) = outcomes.next().await {
            batches.push(outcome);
        }
        if let Some(error) = outcomes.summary().source_error {
            return Err(error);
        }
        // Batches in flight at once end in any order.
        batches.sort_by_key(|batch| batch.rows.start);
        let mut result = Self {
            successful: Vec::new(),
            failed: Vec::new(),
            possibly_twice: Vec::new(),
            short: Vec::new(),
            indexed: Some(0),
            skipped: 0,
            requests: 0,
            elapsed: start.elapsed(),
        };
        let mut decided = 0;
        for batch in batches {
            decided = batch.rows.end;
            result.add(batch);
        }
        if let Some(error) = outcomes.summary().stopped {
            let error = unsent(&error);
            let mut rows = std::pin::pin!(outcomes.rest().enumerate());
            while let Some((offset, row)) = rows.next().await {
                result.failed.push(FailedRow { index: decided + offset, row: row?, error: error.clone() });
            }
        }
        Ok(result)
    }

    fn add(&mut self, batch: BatchOutcome<T>) {
        self.successful.extend(batch.successful);
        self.failed.extend(batch.failed);
        self.possibly_twice.extend(batch.possibly_twice);
        self.short.extend(batch.short);
        self.indexed = self.indexed.zip(batch.indexed).map(|(all, some)| all + some);
        self.skipped += batch.skipped;
        self.requests += batch.requests;
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
