//! How long presigned URLs live, and whether an upload is fast enough for that.

use std::time::{Duration, SystemTime};

use serde::Serialize;
use tokio::time::Instant;

use crate::{
    error::{Error, ErrorKind},
    types::serialize_duration,
};

/// Lifetime of presigned URLs, unless set: by a draft of the vendor's documentation, which was never published.
pub(super) const URL_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// Time after which a measured rate is taken for the rate of the line: this crate's choice.
const MEASURED: Duration = Duration::from_secs(10);

/// A forecast that the presigned URLs of an upload expire before all of its parts are sent.
///
/// Found in [`UploadProgress::expiry_forecast`](crate::uploads::UploadProgress::expiry_forecast). The upload goes on: how long the URLs
/// live is not certain ([`UploadFile::url_lifetime`](crate::uploads::UploadFile::url_lifetime)), and the rate may rise.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ExpiryForecast {
    /// Bytes per second that were sent in this run so far, on average; `None` if no byte was.
    pub bytes_per_second: Option<f64>,
    /// Bytes that were not sent yet.
    pub missing: u64,
    /// Time that these take at this rate; `None` if no byte was sent. Serialized as `neededSeconds`.
    #[serde(rename = "neededSeconds", serialize_with = "serialize_duration::optional_seconds")]
    pub needed: Option<Duration>,
    /// Time until the URLs expire; zero if they have probably expired. Serialized as `leftSeconds`.
    #[serde(rename = "leftSeconds", serialize_with = "serialize_duration::seconds")]
    pub left: Duration,
}

impl ExpiryForecast {
    /// Creates a forecast for this many bytes that were not sent yet, with this time until the URLs expire. No rate is
    /// known.
    pub fn new(missing: u64, left: Duration) -> Self {
        Self { bytes_per_second: None, missing, needed: None, left }
    }
}

/// When the URLs of an upload were made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Issued {
    /// By the clock of this machine, for the journal.
    pub(super) at: SystemTime,
    /// Their age when this run began to count.
    age: Duration,
    since: Instant,
}

impl Issued {
    /// URLs that have just come.
    pub(super) fn now() -> Self {
        Self { at: SystemTime::now(), age: Duration::ZERO, since: Instant::now() }
    }

    /// URLs that came at this moment, by the journal. A moment in the future counts as now.
    pub(super) fn earlier(at: SystemTime) -> Self {
        let age = SystemTime::now().duration_since(at).unwrap_or_default();
        Self { at, age, since: Instant::now() }
    }

    fn age(&self) -> Duration {
        self.age.saturating_add(self.since.elapsed())
    }
}

/// The URLs of one upload, and how long they are taken to live.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetime {
    issued: Issued,
    length: Duration,
}

impl Lifetime {
    pub(super) fn new(issued: Issued, length: Duration) -> Self {
        Self { issued, length }
    }

    /// Forecasts whether the `missing` bytes are sent in time, after `sent` bytes in `elapsed`.
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

    /// Explains the refusal of a URL that is older than URLs are taken to live. Other errors stay as they are.
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
            "the URLs had probably expired: they were {:.0} s old, {:.0} s is the lifetime that is assumed \
             (url_lifetime), and {rate}; upload anew, with more parts at once (concurrency), over a faster line, in \
             smaller files, or with fewer files in a session",
            age.as_secs_f64(),
            self.length.as_secs_f64(),
        ))
    }
}

/// Bytes per second, if there were any.
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
        // Too early to tell, or nothing to tell it by.
        assert_eq!(forecast(1, 9 * SECOND, 1_000_000), None);
        assert_eq!(forecast(0, 20 * SECOND, 1_000_000), None);
        tokio::time::advance(80 * SECOND).await;
        assert_eq!(forecast(800, 100 * SECOND, 0), None);
        let late = forecast(0, Duration::ZERO, 1).unwrap();
        assert_eq!((late.bytes_per_second, late.needed, late.left), (None, None, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn huge_numbers_neither_overflow_nor_panic() {
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
        let error = |kind| lifetime.explain(Error::new(kind, "refused"), 200_000, 100 * SECOND).to_string();
        tokio::time::advance(99 * SECOND).await;
        assert!(!error(ErrorKind::Expired).contains("url_lifetime"), "{}", error(ErrorKind::Expired));
        tokio::time::advance(SECOND).await;
        let text = error(ErrorKind::Expired);
        for part in ["probably expired", "100 s old", "2.0 KiB/s", "concurrency", "anew"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!error(ErrorKind::Server).contains("url_lifetime"));
        assert!(
            lifetime.explain(Error::new(ErrorKind::Expired, "no"), 0, SECOND).to_string().contains("no rate")
        );
    }
}
