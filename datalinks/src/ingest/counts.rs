//! Counts of an ingestion.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Range},
};

use serde::Serialize;

use super::{failed_row::FailedRow, partially_indexed::PartiallyIndexedBatch};

/// Counts of an ingestion, or of a part of it.
///
/// Results, summaries, outcomes of batches and progress reports all contain these counts. The counts of all batches
/// add up to the counts of the run.
///
/// # Examples
///
/// ```
/// use datalinks::ingest::IngestionCounts;
///
/// let mut first = IngestionCounts::default();
/// first.stored = 1_000;
/// first.requests = 1;
/// let mut second = IngestionCounts::default();
/// second.stored = 20;
/// second.failed = 1;
/// second.requests = 3;
///
/// let total: IngestionCounts = [first, second].into_iter().sum();
/// assert_eq!((total.decided(), total.requests), (1_021, 4));
/// assert_eq!(total.to_string(), "1020 rows stored, 1 failed");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IngestionCounts {
    /// Number of rows that the service acknowledged, in this run or in an earlier run of the same journal.
    pub stored: usize,
    /// Number of rows that failed.
    pub failed: usize,
    /// Number of failed rows that may be stored, because the outcome of their request is ambiguous.
    pub ambiguous: usize,
    /// Number of rows that may be stored more than once.
    pub possibly_duplicated: usize,
    /// Number of acknowledged rows that the service reports as not indexed.
    pub not_indexed: u64,
    /// Number of rows that the service reports as indexed. `None` if a response did not report the number.
    pub indexed: Option<u64>,
    /// Number of rows that an earlier run of the same journal stored, and that were not sent again. Included in
    /// `stored`.
    pub skipped: usize,
    /// Number of records of files that could not be read as rows and were written to the dead-letter file. Not
    /// included in `failed`. See
    /// [`bad_records_to_dead_letters`](crate::ingest::Ingest#method.bad_records_to_dead_letters).
    pub bad_records: usize,
    /// Number of batches of which every row is decided.
    pub batches: usize,
    /// Number of requests, without the retries of the transport.
    pub requests: usize,
    /// Number of retries of the transport.
    pub retries: usize,
    /// Number of bytes of request bodies, without the retries of the transport.
    pub bytes: u64,
}

impl Default for IngestionCounts {
    /// Returns counts of zero. `indexed` is `Some(0)`.
    fn default() -> Self {
        Self {
            stored: 0,
            failed: 0,
            ambiguous: 0,
            possibly_duplicated: 0,
            not_indexed: 0,
            indexed: Some(0),
            skipped: 0,
            bad_records: 0,
            batches: 0,
            requests: 0,
            retries: 0,
            bytes: 0,
        }
    }
}

impl IngestionCounts {
    /// Returns the number of rows that are stored or failed.
    pub fn decided(&self) -> usize {
        self.stored + self.failed
    }

    /// Sets the counts of decided rows.
    pub(super) fn count_rows<T>(&mut self, successful: &[T], failed: &[FailedRow<T>]) {
        self.stored = successful.len();
        self.failed = failed.len();
        self.ambiguous = failed.iter().filter(|row| row.is_ambiguous()).count();
    }

    /// Sets the counts of possibly duplicated and of not indexed rows.
    pub(super) fn count_warnings(
        &mut self,
        possibly_duplicated: &[Range<usize>],
        partial: &[PartiallyIndexedBatch],
    ) {
        self.possibly_duplicated = possibly_duplicated.iter().map(Range::len).sum();
        self.not_indexed = partial.iter().map(|batch| batch.sent.saturating_sub(batch.indexed)).sum();
    }

    /// Adds the number of rows that a response reports as indexed, or `None` if it reports no number.
    pub(super) fn count_indexed(&mut self, indexed: Option<u64>) {
        self.indexed = self.indexed.zip(indexed).map(|(all, some)| all.saturating_add(some));
    }
}

impl AddAssign for IngestionCounts {
    fn add_assign(&mut self, other: Self) {
        // The pattern is exhaustive, so a new count cannot be forgotten here.
        let Self {
            stored,
            failed,
            ambiguous,
            possibly_duplicated,
            not_indexed,
            indexed,
            skipped,
            bad_records,
            batches,
            requests,
            retries,
            bytes,
        } = other;
        self.stored += stored;
        self.failed += failed;
        self.ambiguous += ambiguous;
        self.possibly_duplicated += possibly_duplicated;
        self.not_indexed += not_indexed;
        self.count_indexed(indexed);
        self.skipped += skipped;
        self.bad_records += bad_records;
        self.batches += batches;
        self.requests += requests;
        self.retries += retries;
        self.bytes += bytes;
    }
}

impl Add for IngestionCounts {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Sum for IngestionCounts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

impl fmt::Display for IngestionCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows stored, {} failed", self.stored, self.failed)?;
        if self.ambiguous > 0 {
            write!(f, " ({} of them may be stored: check before you send them again)", self.ambiguous)?;
        }
        if self.possibly_duplicated > 0 {
            write!(f, ", {} possibly stored twice", self.possibly_duplicated)?;
        }
        if self.bad_records > 0 {
            write!(f, ", {} bad records in the dead-letter file", self.bad_records)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sum_of_indexed_rows_is_none_if_one_part_is_none() {
        let of = |indexed| IngestionCounts { indexed, requests: 1, ..IngestionCounts::default() };
        let sum = |parts: &[Option<u64>]| parts.iter().copied().map(of).sum::<IngestionCounts>();
        assert_eq!(sum(&[Some(2), Some(3)]).indexed, Some(5));
        assert_eq!(sum(&[Some(2), None, Some(3)]).indexed, None);
        assert_eq!(sum(&[Some(u64::MAX), Some(1)]).indexed, Some(u64::MAX));
        assert_eq!(sum(&[]), IngestionCounts::default());
        assert_eq!(sum(&[None, None]).requests, 2);
    }

    #[test]
    fn text_has_what_needs_attention() {
        let mut counts = IngestionCounts { stored: 20, failed: 3, ..IngestionCounts::default() };
        assert_eq!(counts.to_string(), "20 rows stored, 3 failed");
        (counts.ambiguous, counts.possibly_duplicated, counts.bad_records) = (2, 1, 4);
        assert_eq!(
            counts.to_string(),
            "20 rows stored, 3 failed (2 of them may be stored: check before you send them again), 1 possibly stored \
             twice, 4 bad records in the dead-letter file"
        );
    }

    #[test]
    fn addition_includes_every_count() {
        let ones = IngestionCounts {
            stored: 1,
            failed: 1,
            ambiguous: 1,
            possibly_duplicated: 1,
            not_indexed: 1,
            indexed: Some(1),
            skipped: 1,
            bad_records: 1,
            batches: 1,
            requests: 1,
            retries: 1,
            bytes: 1,
        };
        let sum = serde_json::to_value(ones + ones).unwrap();
        let sum = sum.as_object().unwrap();
        assert_eq!(sum.len(), 12);
        assert!(sum.values().all(|count| *count == 2), "{sum:?}");
    }
}
