//! The lifetime of presigned URLs, and the forecast whether an upload completes in time.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::{
    error::{Error, ErrorKind},
    platform::clock::{self, Instant},
    types::serialize_duration,
};

/// Default lifetime of presigned URLs, from an unpublished draft of the vendor's documentation.
pub(super) const URL_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// Minimum time of a measurement.
const MEASURED: Duration = Duration::from_secs(10);

/// A forecast that the presigned URLs of an upload expire before all of its parts are sent.
///
/// Reported in [`UploadProgress::expiry_forecast`](crate::uploads::UploadProgress::expiry_forecast). The upload
/// continues, because the lifetime of the URLs is not certain
/// ([`UploadFile::url_lifetime`](crate::uploads::UploadFile::url_lifetime)), and the rate may increase.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ExpiryForecast {
    /// Average number of bytes per second in this run, or `None` if no byte was sent.
    pub bytes_per_second: Option<f64>,
    /// Number of bytes that were not sent yet.
    pub missing: u64,
    /// Time to send the missing bytes at this rate, or `None` if no byte was sent. Serialized as `neededSeconds`.
    #[serde(rename = "neededSeconds", serialize_with = "serialize_duration::optional_seconds")]
    pub needed: Option<Duration>,
    /// Time until the URLs expire. Zero if they have probably expired. Serialized as `leftSeconds`.
    #[serde(rename = "leftSeconds", serialize_with = "serialize_duration::seconds")]
    pub left: Duration,
}

impl ExpiryForecast {
    /// Creates a forecast with this number of missing bytes and this time until the URLs expire. The rate is not
    /// set.
    pub fn new(missing: u64, left: Duration) -> Self {
        Self { bytes_per_second: None, missing, needed: None, left }
    }
}

/// The time at which the URLs of an upload were created.
#[derive(Clone, Copy, Debug)]
pub(super) struct Issued {
    /// Time by the system clock, for the journal.
    pub(super) at: SystemTime,
    /// Age of the URLs at the start of this run.
    age: Duration,
    since: Instant,
}

impl Issued {
    /// URLs that were created now.
    pub(super) fn now() -> Self {
        Self { at: clock::system_time(), age: Duration::ZERO, since: Instant::now() }
    }

    /// URLs that were created at the time in a journal. A time in the future counts as now.
    pub(super) fn earlier(at: SystemTime) -> Self {
        let age = clock::system_time().duration_since(at).unwrap_or_default();
        Self { at, age, since: Instant::now() }
    }

    fn age(&self) -> Duration {
        self.age.saturating_add(self.since.elapsed())
    }
}

/// The creation time and the assumed lifetime of the URLs of one upload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetime {
    issued: Issued,
    length: Duration,
}

impl Lifetime {
    pub(super) fn new(issued: Issued, length: Duration) -> Self {
        Self { issued, length }
    }

    /// Returns a forecast if `missing` bytes will not be sent in time, after `sent` bytes in `elapsed`.
    pub(super) fn forecast(&self, sent: u64, elapsed: Duration, missing: u64) -> Option<ExpiryForecast> {
        if missing == 0 {
            return None;
        }
        let left = self.length.saturating_sub(self.issued.age());
        let bytes_per_second = rate(sent, elapsed);
        let needed = bytes_per_second
            .map(|rate| Duration::try_from_secs_f64(missing as f64 / rate).unwrap_or(Duration::MAX));
        let measured = elapsed >= MEASURED && needed.is_some_and(|needed| needed > left);
        (measured || left.is_zero()).then_some(ExpiryForecast { bytes_per_second, missing, needed, left })
    }

    /// Adds advice to the error of a URL that is older than the assumed lifetime. Other errors stay unchanged.
    pub(super) fn explain(&self, error: Error, sent: u64, elapsed: Duration) -> Error {
        let age = self.issued.age();
        if error.kind() != ErrorKind::Expired || age < self.length {
            return error;
        }
        let rate = match rate(sent, elapsed) {
            Some(rate) => format!("{:.1} KiB/s were measured", rate / 1024.0),
            None => "no rate was measured in this run".to_owned(),
        };
        error.advice(format!(
            "the URLs had probably expired: they were {:.0} s old, the assumed lifetime is {:.0} s (url_lifetime), and \
             {rate}; upload again with a higher concurrency, a faster connection, smaller files, or fewer files per \
             session",
            age.as_secs_f64(),
            self.length.as_secs_f64(),
        ))
    }
}

/// Returns the bytes per second, or `None` if no byte was sent.
fn rate(sent: u64, elapsed: Duration) -> Option<f64> {
    (sent > 0 && !elapsed.is_zero()).then(|| sent as f64 / elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn forecast_compares_the_time_needed_with_the_time_left() {
        let lifetime = Lifetime::new(Issued::now(), 100 * SECOND);
        let forecast = |sent, elapsed, missing| lifetime.forecast(sent, elapsed, missing);
        tokio::time::advance(20 * SECOND).await;
        // 80 s are left, for 40 bytes per second.
        assert_eq!(forecast(800, 20 * SECOND, 3_200), None);
        let slow = forecast(800, 20 * SECOND, 3_201).unwrap();
        assert_eq!((slow.bytes_per_second, slow.missing, slow.left), (Some(40.0), 3_201, 80 * SECOND));
        assert_eq!(slow.needed, Some(Duration::from_millis(80_025)));
        // Too early for a measurement, or no rate.
        assert_eq!(forecast(1, 9 * SECOND, 1_000_000), None);
        assert_eq!(forecast(0, 20 * SECOND, 1_000_000), None);
        tokio::time::advance(80 * SECOND).await;
        assert_eq!(forecast(800, 100 * SECOND, 0), None);
        let late = forecast(0, Duration::ZERO, 1).unwrap();
        assert_eq!((late.bytes_per_second, late.needed, late.left), (None, None, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn forecast_of_huge_numbers_does_not_overflow() {
        let lifetime = Lifetime::new(Issued::now(), Duration::MAX);
        assert_eq!(lifetime.forecast(1, Duration::MAX, u64::MAX), None);
        let none = Lifetime::new(Issued::earlier(SystemTime::UNIX_EPOCH), Duration::ZERO);
        assert!(none.forecast(u64::MAX, Duration::MAX, u64::MAX).is_some());
        let skewed = Issued::earlier(SystemTime::now() + 1_000 * SECOND);
        assert_eq!(skewed.age(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn only_expired_urls_are_explained() {
        let lifetime = Lifetime::new(Issued::now(), 100 * SECOND);
        let error = |kind| lifetime.explain(Error::new(kind, "rejected"), 200_000, 100 * SECOND).to_string();
        tokio::time::advance(99 * SECOND).await;
        assert!(!error(ErrorKind::Expired).contains("url_lifetime"), "{}", error(ErrorKind::Expired));
        tokio::time::advance(SECOND).await;
        let text = error(ErrorKind::Expired);
        for part in ["probably expired", "100 s old", "2.0 KiB/s", "concurrency", "upload again"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!error(ErrorKind::Server).contains("url_lifetime"));
        assert!(
            lifetime.explain(Error::new(ErrorKind::Expired, "no"), 0, SECOND).to_string().contains("no rate")
        );
    }
}
