//! How far an upload is.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Serialize;
use tokio::{sync::Notify, time::Instant};

use super::lifetime::{ExpiryForecast, Lifetime};
use crate::{error::Error, types::serialize_duration};

/// Is told how far an upload is.
pub(super) type ProgressHook = Arc<dyn Fn(&UploadProgress) + Send + Sync>;

/// How far an upload is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UploadProgress {
    /// Bytes in all, of all files.
    pub total: u64,
    /// Bytes that were handed to the network. It shrinks when a part must be sent again.
    pub sent: u64,
    /// Bytes of the parts that the storage has acknowledged; those of an earlier run count from the start.
    pub stored: u64,
    /// Parts in all, of all files.
    pub parts: usize,
    /// Parts that the storage has acknowledged.
    pub parts_stored: usize,
    /// Time since the first part was begun. Serialized as `elapsedSeconds`.
    #[serde(rename = "elapsedSeconds", serialize_with = "serialize_duration::seconds")]
    pub elapsed: Duration,
    /// Set while the measured rate shows that the presigned URLs will expire before all parts are sent. It is not
    /// judged in the first 10 seconds, unless the URLs are older than they are assumed to live.
    pub expiry_forecast: Option<ExpiryForecast>,
}

impl UploadProgress {
    /// Creates the progress of an upload of this many bytes and parts, of which nothing was sent. The fields are public.
    pub fn new(total: u64, parts: usize) -> Self {
        Self {
            total,
            sent: 0,
            stored: 0,
            parts,
            parts_stored: 0,
            elapsed: Duration::ZERO,
            expiry_forecast: None,
        }
    }
}

/// Counts bytes, and tells when something has changed.
pub(super) struct Meter {
    total: u64,
    parts: usize,
    counts: Mutex<Counts>,
    start: Instant,
    lifetime: Lifetime,
    pub(super) changed: Notify,
}

#[derive(Default)]
struct Counts {
    sent: u64,
    stored: u64,
    parts_stored: usize,
    /// Bytes of parts that arrived in an earlier run.
    earlier: u64,
}

impl Meter {
    pub(super) fn new(total: u64, parts: usize, lifetime: Lifetime) -> Arc<Self> {
        let (counts, start) = (Mutex::default(), Instant::now());
        Arc::new(Self { total, parts, counts, start, lifetime, changed: Notify::new() })
    }

    /// How far the upload is.
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
        }
    }

    /// Adds to the error of an expired URL what is known of the rate and of the age of the URLs.
    pub(super) fn explain(&self, error: Error) -> Error {
        let counts = lock(&self.counts);
        self.lifetime.explain(error, counts.sent.saturating_sub(counts.earlier), self.start.elapsed())
    }

    /// A part arrived in an earlier run.
    pub(super) fn arrived_earlier(&self, size: u64) {
        lock(&self.counts).earlier += size;
        self.arrived(size, size);
    }

    /// A part has arrived, now or in an earlier run, of which `unsent` bytes were not counted as sent.
    pub(super) fn arrived(&self, size: u64, unsent: u64) {
        let mut counts = lock(&self.counts);
        counts.sent += unsent;
        counts.stored += size;
        counts.parts_stored += 1;
    }
}

/// One attempt to send one part. What it sent no longer counts when it is over without success.
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

    /// Bytes are handed to the network.
    pub(super) fn send(&self, bytes: u64) {
        let mut state = lock(&self.state);
        // The connection may ask for more after the attempt was given up.
        if !state.over {
            state.sent += bytes;
            lock(&self.meter.counts).sent += bytes;
            self.meter.changed.notify_one();
        }
    }

    /// Why the part cannot be read. The connection only knows that its body broke.
    pub(super) fn fail(&self, error: Error) {
        lock(&self.state).failure = Some(error);
    }

    pub(super) fn failure(&self) -> Option<Error> {
        lock(&self.state).failure.take()
    }

    /// The part arrived.
    pub(super) fn land(&self, size: u64) {
        let mut state = lock(&self.state);
        state.over = true;
        self.meter.arrived(size, size.saturating_sub(state.sent));
    }

    /// The attempt is over; what it sent counts no more, unless it landed.
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
    // Numbers cannot be left half-written by a panic elsewhere.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uploads::lifetime::Issued;

    fn meter(total: u64, parts: usize) -> Arc<Meter> {
        Meter::new(total, parts, Lifetime::new(Issued::now(), Duration::from_secs(900)))
    }

    #[tokio::test]
    async fn only_what_arrives_counts_in_the_end() {
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
    async fn progress_says_while_the_upload_is_too_slow() {
        let meter = meter(10_000, 10);
        // What an earlier run sent says nothing about this line.
        meter.arrived_earlier(4_000);
        let flight = Flight::new(Arc::clone(&meter));
        flight.send(50);
        tokio::time::advance(Duration::from_secs(10)).await;
        let slow = meter.read().expiry_forecast.unwrap();
        assert_eq!((slow.bytes_per_second, slow.missing), (Some(5.0), 5_950));
        assert_eq!((slow.needed, slow.left), (Some(Duration::from_secs(1_190)), Duration::from_secs(890)));
        flight.send(950);
        assert_eq!(meter.read().expiry_forecast, None);
        // What is lost must be sent again.
        flight.end();
        assert_eq!(meter.read().expiry_forecast, None, "there is no rate");
        tokio::time::advance(Duration::from_secs(890)).await;
        assert_eq!(meter.read().expiry_forecast.unwrap().left, Duration::ZERO);
        let text = meter.explain(Error::new(crate::error::ErrorKind::Expired, "refused")).to_string();
        assert!(text.contains("900 s old"), "{text}");
    }
}
