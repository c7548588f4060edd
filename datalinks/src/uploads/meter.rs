//! Progress of an upload.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Serialize;
use tokio::sync::Notify;
use uuid::Uuid;

use super::lifetime::{ExpiryForecast, Lifetime};
use crate::{error::Error, platform::clock::Instant, types::serialize_duration};

/// A function that receives progress reports.
pub(super) type ProgressHook = Arc<dyn Fn(&UploadProgress) + Send + Sync>;

/// The progress of an upload.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UploadProgress {
    /// Total number of bytes of all files.
    pub total: u64,
    /// Number of bytes that were handed to the network. Decreases if a part must be sent again.
    pub sent: u64,
    /// Number of bytes in parts that the storage acknowledged, including those of an earlier run.
    pub stored: u64,
    /// Total number of parts of all files.
    pub parts: usize,
    /// Number of parts that the storage acknowledged.
    pub parts_stored: usize,
    /// Time since the first part was started. Serialized as `elapsedSeconds`.
    #[serde(rename = "elapsedSeconds", serialize_with = "serialize_duration::seconds")]
    pub elapsed: Duration,
    /// A forecast that the presigned URLs will expire before all parts are sent, or `None` if they will not. Set
    /// after 10 seconds at the earliest, unless the URLs are older than their assumed lifetime.
    pub expiry_forecast: Option<ExpiryForecast>,
    /// The name of the upload on the service, by which it can be aborted if it is dropped. `None` before it has one.
    pub upload: Option<UploadName>,
}

/// The name of an upload on the service.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum UploadName {
    /// An upload into a dataset, which [`Dataset::abort_upload`](crate::Dataset::abort_upload) aborts.
    Dataset {
        /// The id of the upload.
        upload_id: String,
        /// The key of the upload.
        key: String,
    },
    /// A session of several files, which [`UploadSession::abort`](crate::uploads::UploadSession::abort) aborts.
    Session(Uuid),
}

impl UploadProgress {
    /// Creates the progress of an upload of which nothing was sent. The fields are public.
    pub fn new(total: u64, parts: usize) -> Self {
        Self {
            total,
            sent: 0,
            stored: 0,
            parts,
            parts_stored: 0,
            elapsed: Duration::ZERO,
            expiry_forecast: None,
            upload: None,
        }
    }
}

/// Counts bytes and notifies about changes.
pub(super) struct Meter {
    total: u64,
    parts: usize,
    counts: Mutex<Counts>,
    start: Instant,
    lifetime: Lifetime,
    upload: Option<UploadName>,
    pub(super) changed: Notify,
}

#[derive(Default)]
struct Counts {
    sent: u64,
    stored: u64,
    parts_stored: usize,
    /// Number of bytes in parts that arrived in an earlier run.
    earlier: u64,
}

impl Meter {
    pub(super) fn new(total: u64, parts: usize, lifetime: Lifetime, upload: Option<UploadName>) -> Arc<Self> {
        let (counts, start) = (Mutex::default(), Instant::now());
        Arc::new(Self { total, parts, counts, start, lifetime, upload, changed: Notify::new() })
    }

    /// Returns the progress.
    pub(super) fn read(&self) -> UploadProgress {
        let counts = lock(&self.counts);
        let (sent, elapsed) = (counts.sent.saturating_sub(counts.earlier), self.start.elapsed());
        let missing = self.total.saturating_sub(counts.sent);
        UploadProgress {
            total: self.total,
            sent: counts.sent,
            stored: counts.stored,
            parts: self.parts,
            parts_stored: counts.parts_stored,
            elapsed,
            expiry_forecast: self.lifetime.forecast(sent, elapsed, missing),
            upload: self.upload.clone(),
        }
    }

    /// Adds the rate and the age of the URLs to the error of an expired URL.
    pub(super) fn explain(&self, error: Error) -> Error {
        let counts = lock(&self.counts);
        self.lifetime.explain(error, counts.sent.saturating_sub(counts.earlier), self.start.elapsed())
    }

    /// Counts a part that arrived in an earlier run.
    pub(super) fn arrived_earlier(&self, size: u64) {
        lock(&self.counts).earlier += size;
        self.arrived(size, size);
    }

    /// Counts a part that arrived, of which `unsent` bytes were not counted as sent.
    pub(super) fn arrived(&self, size: u64, unsent: u64) {
        let mut counts = lock(&self.counts);
        counts.sent += unsent;
        counts.stored += size;
        counts.parts_stored += 1;
    }
}

/// One attempt to send one part. The bytes of a failed attempt are subtracted again.
pub(super) struct Flight {
    meter: Arc<Meter>,
    state: Mutex<FlightState>,
}

#[derive(Default)]
struct FlightState {
    sent: u64,
    over: bool,
    failure: Option<Error>,
}

impl Flight {
    pub(super) fn new(meter: Arc<Meter>) -> Self {
        Self { meter, state: Mutex::default() }
    }

    /// Counts bytes that were handed to the network.
    pub(super) fn send(&self, bytes: u64) {
        let mut state = lock(&self.state);
        // The connection may read more of the body after the attempt has ended.
        if !state.over {
            state.sent += bytes;
            lock(&self.meter.counts).sent += bytes;
            self.meter.changed.notify_one();
        }
    }

    /// Stores the reason why the part cannot be read. The connection only reports a broken body.
    pub(super) fn fail(&self, error: Error) {
        lock(&self.state).failure = Some(error);
    }

    pub(super) fn failure(&self) -> Option<Error> {
        lock(&self.state).failure.take()
    }

    /// Counts the part as arrived.
    pub(super) fn land(&self, size: u64) {
        let mut state = lock(&self.state);
        state.over = true;
        self.meter.arrived(size, size.saturating_sub(state.sent));
    }

    /// Ends the attempt and subtracts its bytes, unless the part arrived.
    pub(super) fn end(&self) {
        let mut state = lock(&self.state);
        if !state.over {
            state.over = true;
            lock(&self.meter.counts).sent -= state.sent;
            self.meter.changed.notify_one();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in another thread cannot leave the numbers inconsistent.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uploads::lifetime::Issued;

    fn meter(total: u64, parts: usize) -> Arc<Meter> {
        Meter::new(total, parts, Lifetime::new(Issued::now(), Duration::from_secs(900)), None)
    }

    #[tokio::test]
    async fn bytes_of_failed_attempts_are_subtracted() {
        let meter = meter(30, 3);
        let counts = || {
            let now = meter.read();
            (now.sent, now.stored, now.parts_stored)
        };
        meter.arrived(10, 10);
        assert_eq!(counts(), (10, 10, 1));
        let lost = Flight::new(Arc::clone(&meter));
        lost.send(4);
        assert_eq!(counts(), (14, 10, 1));
        lost.end();
        lost.end();
        lost.send(4);
        assert_eq!(counts(), (10, 10, 1));
        let landed = Flight::new(Arc::clone(&meter));
        landed.send(10);
        landed.land(10);
        landed.end();
        assert_eq!(counts(), (20, 20, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn progress_contains_a_forecast_while_the_upload_is_too_slow() {
        let meter = meter(10_000, 10);
        // Bytes of an earlier run do not count for the rate.
        meter.arrived_earlier(4_000);
        let flight = Flight::new(Arc::clone(&meter));
        flight.send(50);
        tokio::time::advance(Duration::from_secs(10)).await;
        let slow = meter.read().expiry_forecast.unwrap();
        assert_eq!((slow.bytes_per_second, slow.missing), (Some(5.0), 5_950));
        assert_eq!((slow.needed, slow.left), (Some(Duration::from_secs(1_190)), Duration::from_secs(890)));
        flight.send(950);
        assert_eq!(meter.read().expiry_forecast, None);
        // Bytes of a failed attempt must be sent again.
        flight.end();
        assert_eq!(meter.read().expiry_forecast, None, "no rate without sent bytes");
        tokio::time::advance(Duration::from_secs(890)).await;
        assert_eq!(meter.read().expiry_forecast.unwrap().left, Duration::ZERO);
        let text = meter.explain(Error::new(crate::error::ErrorKind::Expired, "rejected")).to_string();
        assert!(text.contains("900 s old"), "{text}");
    }
}
