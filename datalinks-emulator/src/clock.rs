//! What time it is, here.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::files::{Change, Files, Marked, Part, Sink, Unreadable, save_value};
use crate::lock::lock;

/// A clock that goes with the machine's until it is set. Then it stands still, so that whatever shows a time
/// can be repeated. Clones are the same clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    set: Arc<Mutex<Marked<Option<DateTime<Utc>>>>>,
    /// The moment when no state says another one.
    first: Option<DateTime<Utc>>,
}

impl Clock {
    pub(crate) fn new(first: Option<DateTime<Utc>>) -> Self {
        Self { set: Arc::new(Mutex::new(first.into())), first }
    }

    /// The present, to the microsecond, as it is written.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let now = lock(&self.set).unwrap_or_else(Utc::now);
        now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
    }

    /// The date of an answer, if it is another than the machine's, which the server writes by itself.
    pub(crate) fn date(&self) -> Option<HeaderValue> {
        let now = (**lock(&self.set))?;
        HeaderValue::from_str(&now.format("%a, %d %b %Y %H:%M:%S GMT").to_string()).ok()
    }

    /// Begins to take the time.
    pub(crate) fn watch(&self) -> Watch<'_> {
        Watch { clock: self, begun: self.now(), machine: Instant::now() }
    }

    /// Sets the clock and stops it.
    pub(crate) fn set(&self, moment: DateTime<Utc>) {
        **lock(&self.set) = Some(moment);
    }

    /// Moves the clock forward, and stops it there.
    pub(crate) fn advance(&self, by: Duration) {
        let mut set = lock(&self.set);
        let now = set.unwrap_or_else(Utc::now);
        **set = Some(later(now, by));
    }

    /// Whether the clock was set, and therefore stands.
    pub(crate) fn stands(&self) -> bool {
        lock(&self.set).is_some()
    }

    /// Lets the clock go with the machine's again.
    pub(crate) fn release(&self) {
        **lock(&self.set) = None;
    }
}

/// The moment that comes this much later, or the last one that can be written.
pub(crate) fn later(moment: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    let later = TimeDelta::from_std(by).ok().and_then(|by| moment.checked_add_signed(by));
    later.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// A moment of the machine's time. One before or after the calendar is the first or the last of it.
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

/// The machine's time of a moment; its epoch where the machine has no such time.
pub(crate) fn system_time(moment: DateTime<Utc>) -> SystemTime {
    let since = moment.signed_duration_since(DateTime::UNIX_EPOCH);
    let time = match since.to_std() {
        Ok(after) => SystemTime::UNIX_EPOCH.checked_add(after),
        Err(_) => since.abs().to_std().ok().and_then(|before| SystemTime::UNIX_EPOCH.checked_sub(before)),
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}

const PATH: &str = "clock.json";

/// The clock as it is kept.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// The moment at which it stands; nothing when it goes.
    set: Option<DateTime<Utc>>,
}

impl Part for Clock {
    fn changed(&self) -> u64 {
        Marked::changed(&lock(&self.set))
    }

    fn save(&self, sink: &mut dyn Sink) {
        save_value(sink, PATH, &Kept { set: **lock(&self.set) });
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let kept: Option<Kept> = files.take_value(PATH)?;
        let set = kept.map_or(self.first, |kept| kept.set);
        Ok(Box::new(move || **lock(&self.set) = set))
    }
}

/// Something that takes its time, by a clock: none at all while the clock stands.
pub(crate) struct Watch<'a> {
    clock: &'a Clock,
    begun: DateTime<Utc>,
    machine: Instant,
}

impl Watch<'_> {
    /// When it began.
    pub(crate) fn begun(&self) -> DateTime<Utc> {
        self.begun
    }

    /// How long it has taken so far.
    pub(crate) fn elapsed(&self) -> Duration {
        if self.clock.stands() {
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
    fn a_clock_that_was_set_stands_still() {
        let clock = Clock::default();
        clock.set(DateTime::UNIX_EPOCH);
        assert_eq!(clock.now(), DateTime::UNIX_EPOCH);
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.now().timestamp(), 90);
        assert_eq!(clock.date().unwrap(), "Thu, 01 Jan 1970 00:01:30 GMT");
        assert!(clock.stands());
        clock.release();
        assert_eq!(clock.date(), None);
        assert!(clock.now().timestamp() > 1_000_000_000);
    }

    #[test]
    fn nothing_takes_time_while_the_clock_stands() {
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
    fn moments_and_times_of_the_machine_are_the_same_within_the_calendar() {
        let epoch = SystemTime::UNIX_EPOCH;
        for seconds in [0, 1, 1_700_000_000] {
            let by = Duration::new(seconds, 5);
            for time in [epoch + by, epoch - by] {
                assert_eq!(moment(time), DateTime::<Utc>::from(time));
                assert_eq!(system_time(moment(time)), time);
            }
        }
        // Times that the machine may have, and the calendar does not.
        let far = Duration::from_secs(u64::MAX >> 2);
        assert_eq!(epoch.checked_add(far).map(moment), Some(DateTime::<Utc>::MAX_UTC));
        assert_eq!(epoch.checked_sub(far).map(moment), Some(DateTime::<Utc>::MIN_UTC));
        for moment in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            assert_ne!(system_time(moment), epoch);
        }
    }
}
