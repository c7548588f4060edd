//! The clock of an emulator.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Datelike, DurationRound, NaiveDate, TimeDelta, Utc};
use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::concurrency::lock::lock;
use crate::persistence::{Change, Files, Persist, Sink, Unreadable, Versioned, save_value};

/// A clock that follows the system clock until it is set, and then stands still so that results are reproducible.
///
/// Clones share the same clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    set: Arc<Mutex<Versioned<Option<DateTime<Utc>>>>>,
    /// Initial time if the state contains none.
    first: Option<DateTime<Utc>>,
}

impl Clock {
    pub(crate) fn new(first: Option<DateTime<Utc>>) -> Self {
        let first = first.map(writable);
        Self { set: Arc::new(Mutex::new(first.into())), first }
    }

    /// Returns the present time in microseconds, the precision in which times are written.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let now = lock(&self.set).unwrap_or_else(Utc::now);
        now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
    }

    /// Returns the `Date` of a response if the clock is set. Otherwise the server writes the system time itself.
    pub(crate) fn date(&self) -> Option<HeaderValue> {
        let now = (**lock(&self.set))?;
        HeaderValue::from_str(&now.format("%a, %d %b %Y %H:%M:%S GMT").to_string()).ok()
    }

    /// Starts a measurement of elapsed time.
    pub(crate) fn watch(&self) -> Watch<'_> {
        Watch { clock: self, begun: self.now(), machine: Instant::now() }
    }

    /// Sets the clock and stops it. A time that RFC 3339 cannot represent is replaced by the nearest one that it can.
    pub(crate) fn set(&self, moment: DateTime<Utc>) {
        **lock(&self.set) = Some(writable(moment));
    }

    /// Advances the clock and stops it there, at most at the last time that RFC 3339 can represent.
    pub(crate) fn advance(&self, by: Duration) {
        let mut set = lock(&self.set);
        let now = set.unwrap_or_else(Utc::now);
        **set = Some(writable(later(now, by)));
    }

    /// Returns `true` if the clock was set and stands still.
    pub(crate) fn is_set(&self) -> bool {
        lock(&self.set).is_some()
    }

    /// Makes the clock follow the system clock again.
    pub(crate) fn release(&self) {
        **lock(&self.set) = None;
    }
}

/// The years that RFC 3339 can represent, in four digits. Later times, such as expiry dates, are derived from the present
/// one, so the present one must be representable too.
const YEARS: std::ops::RangeInclusive<i32> = 0..=9999;

/// Returns `true` if RFC 3339 can represent a time.
pub(crate) fn is_writable(moment: DateTime<Utc>) -> bool {
    YEARS.contains(&moment.year())
}

/// Returns a time, or the nearest one that RFC 3339 can represent.
fn writable(moment: DateTime<Utc>) -> DateTime<Utc> {
    let edge = |year, month, day, hms: (u32, u32, u32), micro| {
        let date = NaiveDate::from_ymd_opt(year, month, day)?;
        Some(date.and_hms_micro_opt(hms.0, hms.1, hms.2, micro)?.and_utc())
    };
    let nearest = if is_writable(moment) {
        None
    } else if moment.year() < *YEARS.start() {
        edge(*YEARS.start(), 1, 1, (0, 0, 0), 0)
    } else {
        edge(*YEARS.end(), 12, 31, (23, 59, 59), 999_999)
    };
    nearest.unwrap_or(moment)
}

/// Adds a duration to a time. Returns the last time of the calendar if the sum exceeds it.
pub(crate) fn later(moment: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    let later = TimeDelta::from_std(by).ok().and_then(|by| moment.checked_add_signed(by));
    later.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Converts a system time, limited to the range of the calendar.
pub(crate) fn moment(time: SystemTime) -> DateTime<Utc> {
    let (since, is_before) = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => (since, false),
        Err(error) => (error.duration(), true),
    };
    let epoch = DateTime::UNIX_EPOCH;
    match TimeDelta::from_std(since).ok() {
        Some(since) if is_before => epoch.checked_sub_signed(since).unwrap_or(DateTime::<Utc>::MIN_UTC),
        Some(since) => epoch.checked_add_signed(since).unwrap_or(DateTime::<Utc>::MAX_UTC),
        None if is_before => DateTime::<Utc>::MIN_UTC,
        None => DateTime::<Utc>::MAX_UTC,
    }
}

/// Converts a time to a system time. Returns the Unix epoch if the system cannot represent it.
pub(crate) fn system_time(moment: DateTime<Utc>) -> SystemTime {
    let since = moment.signed_duration_since(DateTime::UNIX_EPOCH);
    let time = match since.to_std() {
        Ok(after) => SystemTime::UNIX_EPOCH.checked_add(after),
        Err(_) => since.abs().to_std().ok().and_then(|before| SystemTime::UNIX_EPOCH.checked_sub(before)),
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}

const PATH: &str = "clock.json";

/// The clock as it is persisted.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredClock {
    /// Time at which the clock stands, or `None` if it follows the system clock.
    set: Option<DateTime<Utc>>,
}

impl Persist for Clock {
    fn changed(&self) -> u64 {
        Versioned::changed(&lock(&self.set))
    }

    fn save(&self, sink: &mut dyn Sink) {
        save_value(sink, PATH, &StoredClock { set: **lock(&self.set) });
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let stored: Option<StoredClock> = files.take_value(PATH)?;
        let set = stored.map_or(self.first, |stored| stored.set);
        if set.is_some_and(|moment| !is_writable(moment)) {
            return Err(Unreadable::new(PATH, "stands outside the years 0 to 9999; set it within them"));
        }
        Ok(Box::new(move || **lock(&self.set) = set))
    }
}

/// A measurement of elapsed time. The elapsed time is zero while the clock stands still.
pub(crate) struct Watch<'a> {
    clock: &'a Clock,
    begun: DateTime<Utc>,
    machine: Instant,
}

impl Watch<'_> {
    /// Returns the start of the measurement.
    pub(crate) fn begun(&self) -> DateTime<Utc> {
        self.begun
    }

    /// Returns the time elapsed since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        if self.clock.is_set() {
            (self.clock.now() - self.begun).to_std().unwrap_or_default()
        } else {
            self.machine.elapsed()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_clock_stands_still() {
        let clock = Clock::default();
        clock.set(DateTime::UNIX_EPOCH);
        assert_eq!(clock.now(), DateTime::UNIX_EPOCH);
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.now().timestamp(), 90);
        assert_eq!(clock.date().unwrap(), "Thu, 01 Jan 1970 00:01:30 GMT");
        assert!(clock.is_set());
        clock.release();
        assert_eq!(clock.date(), None);
        assert!(clock.now().timestamp() > 1_000_000_000);
    }

    #[test]
    fn clock_is_limited_to_years_of_rfc_3339() {
        let clock = Clock::new(Some(DateTime::<Utc>::MAX_UTC));
        let last = "9999-12-31T23:59:59.999999Z";
        let shown = |clock: &Clock| clock.now().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        assert_eq!(shown(&clock), last);
        clock.set(DateTime::<Utc>::MIN_UTC);
        assert_eq!(shown(&clock), "0000-01-01T00:00:00Z");
        clock.advance(Duration::MAX);
        assert_eq!(shown(&clock), last);
        clock.set(DateTime::UNIX_EPOCH);
        assert_eq!(clock.now(), DateTime::UNIX_EPOCH);
    }

    #[test]
    fn watch_measures_zero_while_clock_stands() {
        let clock = Clock::default();
        clock.set(DateTime::UNIX_EPOCH);
        let watch = clock.watch();
        assert_eq!((watch.begun(), watch.elapsed()), (DateTime::UNIX_EPOCH, Duration::ZERO));
        clock.advance(Duration::from_secs(2));
        assert_eq!(watch.elapsed(), Duration::from_secs(2));
        clock.set(DateTime::UNIX_EPOCH - TimeDelta::seconds(9));
        assert_eq!(watch.elapsed(), Duration::ZERO);
    }

    #[test]
    fn moment_and_system_time_are_inverse_within_the_calendar() {
        let epoch = SystemTime::UNIX_EPOCH;
        for seconds in [0, 1, 1_700_000_000] {
            let by = Duration::new(seconds, 5);
            for time in [epoch + by, epoch - by] {
                assert_eq!(moment(time), DateTime::<Utc>::from(time));
                assert_eq!(system_time(moment(time)), time);
            }
        }
        // Systems may have times beyond the calendar.
        let far = Duration::from_secs(u64::MAX >> 2);
        assert_eq!(epoch.checked_add(far).map(moment), Some(DateTime::<Utc>::MAX_UTC));
        assert_eq!(epoch.checked_sub(far).map(moment), Some(DateTime::<Utc>::MIN_UTC));
        for moment in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            assert_ne!(system_time(moment), epoch);
        }
    }
}
