//! Progress reports of an ingestion.

use std::time::Duration;

use serde::Serialize;

use super::{counts::IngestionCounts, setting::IngestSetting};
use crate::types::serialize_duration;

/// The state of an ingestion, reported after each batch.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use datalinks::ingest::{IngestProgress, IngestionCounts};
///
/// let mut counts = IngestionCounts::default();
/// counts.stored = 500;
/// let mut progress = IngestProgress::new(counts, Duration::from_secs(5));
/// progress.total = Some(2_000);
/// assert_eq!(progress.rows_per_second(), Some(100.0));
/// assert_eq!(progress.time_left(), Some(Duration::from_secs(15)));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IngestProgress {
    /// Number of rows in the input. `None` if the rows come from a stream.
    pub total: Option<usize>,
    /// Counts of the run so far.
    #[serde(flatten)]
    pub counts: IngestionCounts,
    /// Time since the run started. Serialized as `elapsedSeconds`.
    #[serde(rename = "elapsedSeconds", serialize_with = "serialize_duration::seconds")]
    pub elapsed: Duration,
    /// The present setting and the reason for it. `None` unless the concurrency or the batch size is adaptive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<IngestSetting>,
}

impl IngestProgress {
    /// Creates a progress report with a `total` and a `setting` of `None`.
    pub fn new(counts: IngestionCounts, elapsed: Duration) -> Self {
        Self { total: None, counts, elapsed, setting: None }
    }

    /// Returns the number of decided rows per second. Returns `None` if no time has elapsed.
    pub fn rows_per_second(&self) -> Option<f64> {
        let seconds = self.elapsed.as_secs_f64();
        (seconds > 0.0).then(|| self.counts.decided() as f64 / seconds)
    }

    /// Returns the time that the remaining rows take at the present rate. Returns `None` if the number of rows or
    /// the rate is not known.
    pub fn time_left(&self) -> Option<Duration> {
        let rate = self.rows_per_second().filter(|rate| *rate > 0.0)?;
        let left = self.total?.saturating_sub(self.counts.decided());
        Duration::try_from_secs_f64(left as f64 / rate).ok()
    }
}
