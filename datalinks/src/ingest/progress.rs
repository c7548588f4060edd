//! How far an ingestion is.

use std::time::Duration;

/// How far an ingestion is, told after each batch.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct IngestProgress {
    /// Rows to be sent in all; nothing when they come from a stream.
    pub total: Option<usize>,
    /// Rows that the service has acknowledged.
    pub stored: usize,
    /// Rows that failed.
    pub failed: usize,
    /// Records that could not be read as rows, and went to the dead-letter file.
    pub bad_records: usize,
    /// Batches decided.
    pub batches: usize,
    /// Requests made, repetitions by the transport not counted.
    pub requests: usize,
    /// Repetitions by the transport.
    pub retries: usize,
    /// Bytes of request bodies sent.
    pub bytes: u64,
    /// Time since the first request.
    pub elapsed: Duration,
}

impl IngestProgress {
    /// Rows decided a second, once there is time to measure by.
    pub fn rows_per_second(&self) -> Option<f64> {
        let seconds = self.elapsed.as_secs_f64();
        (seconds > 0.0).then(|| (self.stored + self.failed) as f64 / seconds)
    }

    /// The time that the rest would take at this rate, when it is known how many rows there are.
    pub fn time_left(&self) -> Option<Duration> {
        let rate = self.rows_per_second().filter(|rate| *rate > 0.0)?;
        let left = self.total?.saturating_sub(self.stored + self.failed);
        Duration::try_from_secs_f64(left as f64 / rate).ok()
    }
}
