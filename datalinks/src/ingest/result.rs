//! The result of an ingestion, with every row.

use std::{fmt, ops::Range, time::Duration};

use serde::Serialize;

use super::{
    batch_stream::BatchStream,
    budget::BudgetReport,
    counts::IngestionCounts,
    failed_row::FailedRow,
    outcome::BatchOutcome,
    partially_indexed::PartiallyIndexedBatch,
    summary::{ErrorReport, failed},
};
use crate::{error::Error, platform::clock::Instant, types::serialize_duration};

/// The result of an ingestion. Every row is in `successful` or in `failed` exactly once, in input order.
///
/// A run that fails also returns a result, because rows may be stored already. If the API key is rejected (401,
/// 403) or the dataset does not exist (404), every row is in `failed`, and `stopped` contains the error.
/// [`into_result`](Self::into_result) turns failures into an error. Without rows, no request is sent, so a missing
/// dataset is not noticed.
///
/// # Examples
///
/// ```
/// # use datalinks_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start().await?;
/// # let dl = datalinks::DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
/// use datalinks::ErrorKind;
/// use serde_json::json;
///
/// let films = dl.dataset("cinema", "films")?;
/// let rows = [json!({ "title": "Alien" }), json!({ "title": "Brazil" })];
///
/// // The dataset does not exist yet.
/// let result = films.ingest(rows.clone()).await?;
/// assert_eq!((result.successful.len(), result.failed.len()), (0, 2));
/// assert_eq!(result.into_result().unwrap_err().kind(), ErrorKind::NotFound);
///
/// films.create().await?;
/// let stored = films.ingest(rows).await?.into_result()?;
/// assert_eq!(stored.len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "rows that failed are reported here and nowhere else; call `into_result` to get an error"]
#[non_exhaustive]
pub struct IngestionResult<T> {
    /// Rows in batches that the service acknowledged.
    pub successful: Vec<T>,
    /// Rows that were rejected, could not be encoded, were not sent, or have an ambiguous outcome.
    pub failed: Vec<FailedRow<T>>,
    /// Records of files that could not be read as rows and were written to the dead-letter file, in the order of
    /// the files. They have no index and are not in `failed`. See
    /// [`bad_records_to_dead_letters`](crate::ingest::Ingest#method.bad_records_to_dead_letters).
    pub bad_records: Vec<Error>,
    /// Index ranges of rows that may be stored twice, because they were sent again after an ambiguous outcome. Each
    /// of these rows is also in `successful` or in `failed`.
    pub possibly_duplicated: Vec<Range<usize>>,
    /// Batches of which the service reports that it indexed fewer rows than were sent.
    pub partially_indexed: Vec<PartiallyIndexedBatch>,
    /// Counts of the rows, and of the requests of the run.
    pub counts: IngestionCounts,
    /// Time from the start of the run to the last response. Serialized as `elapsedSeconds`.
    #[serde(rename = "elapsedSeconds", serialize_with = "serialize_duration::seconds")]
    pub elapsed: Duration,
    /// The error that stopped the run, or `None` if the run was not stopped. No request is sent after this error.
    /// Rows of a list that were not sent are in `failed`. Rows that a stream had not yet yielded are not reported.
    pub stopped: Option<Error>,
    /// The error of the row source, or `None` if it did not fail. The rows before it are in the result.
    pub source_error: Option<Error>,
    /// The error that kept failed rows from the [dead-letter file](crate::ingest::Ingest::dead_letters), or `None`
    /// if all were written.
    pub dead_letter_error: Option<Error>,
    /// The account of the [budget](crate::ingest::Ingest::budget), or `None` without a budget.
    pub budget: Option<BudgetReport>,
}

impl<T> IngestionResult<T> {
    /// Creates a result with these rows, and with counts that match them.
    ///
    /// All other fields are empty or `None`, and the numbers of batches and requests are 0, because rows do not tell them.
    /// The fields are public, so tests of applications can set them.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::{Error, ErrorKind, FailedRow, IngestionResult};
    ///
    /// let error = Error::new(ErrorKind::Server, "the service is down");
    /// let mut result = IngestionResult::new(vec!["Alien"], vec![FailedRow::new(1, "Brazil", error.clone())]);
    /// result.stopped = Some(error);
    /// assert_eq!((result.counts.stored, result.counts.failed), (1, 1));
    /// assert_eq!(result.into_result().unwrap_err().kind(), ErrorKind::Server);
    /// ```
    pub fn new(successful: Vec<T>, failed: Vec<FailedRow<T>>) -> Self {
        let mut counts = IngestionCounts::default();
        counts.count_rows(&successful, &failed);
        Self {
            successful,
            failed,
            bad_records: Vec::new(),
            possibly_duplicated: Vec::new(),
            partially_indexed: Vec::new(),
            counts,
            elapsed: Duration::ZERO,
            stopped: None,
            source_error: None,
            dead_letter_error: None,
            budget: None,
        }
    }

    /// Returns `true` if every row of the source is stored exactly once, as far as the service reports, and the
    /// source has no bad records.
    pub fn is_complete(&self) -> bool {
        self.check().is_ok() && self.partially_indexed.is_empty() && self.possibly_duplicated.is_empty()
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
        let Self { stopped, source_error, dead_letter_error, .. } = self;
        let failure = self.failed.first().map(|row| &row.error);
        let others =
            [stopped.as_ref(), source_error.as_ref(), dead_letter_error.as_ref(), self.bad_records.first()];
        failed(failure, others).map_or(Ok(()), Err)
    }

    /// Returns the rows, or an error if a row failed or the run did not complete.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`check`](Self::check).
    pub fn into_result(self) -> Result<Vec<T>, Error> {
        self.check().map(|()| self.successful)
    }
}

impl<T: Serialize + Send + 'static> IngestionResult<T> {
    /// Polls the stream to its end and collects all outcomes.
    ///
    /// # Errors
    ///
    /// Returns an error only if no row was pulled from the source, or if the journal was rejected before any
    /// request.
    pub(crate) async fn collect(mut outcomes: BatchStream<T>) -> Result<Self, Error> {
        let Some((rows, lent)) = outcomes.lend_rows() else { return Self::collect_outcomes(outcomes).await };
        let result = IngestionResult::collect_outcomes(lent).await?;
        Ok(result.with_rows(rows.into_rows()))
    }

    async fn collect_outcomes(mut outcomes: BatchStream<T>) -> Result<Self, Error> {
        let start = Instant::now();
        let mut batches: Vec<BatchOutcome<T>> = Vec::new();
        while let Some(outcome) = outcomes.next().await {
            batches.push(outcome);
        }
        let summary = outcomes.into_summary()?;
        // Concurrent batches end in any order.
        batches.sort_by_key(|batch| batch.rows.start);
        let mut result = Self {
            elapsed: start.elapsed(),
            stopped: summary.stopped,
            source_error: summary.source_error,
            dead_letter_error: summary.dead_letter_error,
            budget: summary.budget,
            ..Self::new(Vec::with_capacity(summary.counts.stored), Vec::new())
        };
        for batch in batches {
            result.add(batch);
        }
        Ok(result)
    }

    fn add(&mut self, batch: BatchOutcome<T>) {
        self.successful.extend(batch.successful);
        self.failed.extend(batch.failed);
        self.bad_records.extend(batch.bad_records);
        self.possibly_duplicated.extend(batch.possibly_duplicated);
        self.partially_indexed.extend(batch.partially_indexed);
        self.counts += batch.counts;
    }
}

impl IngestionResult<()> {
    /// Puts the rows of the list in the place of `()`. The list becomes `successful`, without the failed rows.
    fn with_rows<T>(self, mut rows: Vec<T>) -> IngestionResult<T> {
        // The pattern is exhaustive, so a new field cannot be forgotten here.
        let Self {
            successful: _,
            failed,
            bad_records,
            possibly_duplicated,
            partially_indexed,
            counts,
            elapsed,
            stopped,
            source_error,
            dead_letter_error,
            budget,
        } = self;
        // Failed rows are in the order of their indexes.
        let mut indexes = failed.iter().map(|row| row.index).peekable();
        let mut index = 0..;
        let is_failed = |_: &mut T| index.next().is_some_and(|index| indexes.next_if_eq(&index).is_some());
        let failed_rows: Vec<T> = rows.extract_if(.., is_failed).collect();
        let failed = failed.into_iter().zip(failed_rows);
        IngestionResult {
            successful: rows,
            failed: failed
                .map(|(FailedRow { index, error, .. }, row)| FailedRow { index, row, error })
                .collect(),
            bad_records,
            possibly_duplicated,
            partially_indexed,
            counts,
            elapsed,
            stopped,
            source_error,
            dead_letter_error,
            budget,
        }
    }
}

impl<T> fmt::Display for IngestionResult<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = ErrorReport {
            counts: &self.counts,
            first_failure: self.failed.first().map(|first| (first.index, &first.error)),
            stopped: self.stopped.as_ref(),
            source_error: self.source_error.as_ref(),
            dead_letter_error: self.dead_letter_error.as_ref(),
            first_bad_record: self.bad_records.first(),
        };
        self.counts.fmt(f)?;
        for batch in &self.partially_indexed {
            let PartiallyIndexedBatch { rows, sent, indexed } = batch;
            write!(f, ", only {indexed} of the {sent} in ")?;
            match rows.len() {
                1 => write!(f, "row {} indexed", rows.start)?,
                _ => write!(f, "rows {} to {} indexed", rows.start, rows.end.saturating_sub(1))?,
            }
        }
        errors.write(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::ErrorKind, ingest::summary::IngestionSummary};

    #[test]
    fn texts_have_what_was_sent_and_not_indexed() {
        let mut result = IngestionResult::new(vec![0; 5], Vec::new());
        let batches = [(0..3, 3, 1), (4..5, 1, 0)];
        result.partially_indexed =
            batches.map(|(rows, sent, indexed)| PartiallyIndexedBatch::new(rows, sent, indexed)).into();
        assert_eq!(
            result.to_string(),
            "5 rows stored, 0 failed, only 1 of the 3 in rows 0 to 2 indexed, only 0 of the 1 in row 4 indexed"
        );
        let counts = IngestionCounts { stored: 5, not_indexed: 3, ..IngestionCounts::default() };
        assert_eq!(
            IngestionSummary::new(counts).to_string(),
            "5 rows stored, 0 failed, 3 sent and not indexed"
        );
    }

    #[test]
    fn text_has_the_first_failure_unless_it_stopped_the_run() {
        let error = |what: &'static str| Error::new(ErrorKind::Forbidden, what);
        let text = |stopped: Option<&'static str>| {
            let mut result = IngestionResult::new(Vec::new(), vec![FailedRow::new(7, 0, error("no access"))]);
            result.stopped = stopped.map(error);
            result.to_string()
        };
        assert!(text(None).starts_with("0 rows stored, 1 failed; first, row 7: no access"), "{}", text(None));
        let stopped = text(Some("no access"));
        assert!(stopped.starts_with("0 rows stored, 1 failed; the run stopped: no access"), "{stopped}");
        assert_eq!(stopped.matches("no access").count(), 1, "{stopped}");
        assert!(text(Some("the budget is spent")).contains("; first, row 7: no access"));
    }
}
