//! Formatting of dates, times and durations in ISO 8601.
//!
//! Functions return `None` for a value that cannot be formatted, for example a time of day after 24:00.

use std::fmt::Write;

use arrow_schema::TimeUnit;
use chrono::{DateTime, FixedOffset, NaiveTime, SecondsFormat, Utc};

const NANOSECONDS: i64 = 1_000_000_000;
const MILLISECONDS_OF_A_DAY: i64 = 86_400_000;

/// The time zone of a timestamp column.
#[derive(Clone, Copy)]
pub(super) enum Zone {
    /// The column does not have a zone: its timestamps are local times of an unknown zone.
    None,
    /// UTC or a named zone. The build does not contain the rules of named zones, so their timestamps are written in
    /// UTC, which is the same instant.
    Utc,
    /// A fixed offset from UTC.
    Offset(FixedOffset),
}

impl Zone {
    pub(super) fn of(name: Option<&str>) -> Self {
        let Some(name) = name else { return Self::None };
        // Arrow allows an offset without minutes.
        let offset = name.parse().or_else(|_| format!("{name}:00").parse());
        match offset {
            Ok(offset) if name.starts_with(['+', '-']) => Self::Offset(offset),
            _ => Self::Utc,
        }
    }
}

/// Splits a number of units since the epoch into whole seconds and nanoseconds.
pub(super) fn split(value: i64, unit: TimeUnit) -> (i64, u32) {
    let per_second = per_second(unit);
    (value.div_euclid(per_second), (value.rem_euclid(per_second) * (NANOSECONDS / per_second)) as u32)
}

/// Combines the two readings of an INT96 timestamp, one in seconds and one in nanoseconds. The nanoseconds are modulo
/// 2⁶⁴, so their difference from the seconds is exact in every year.
pub(super) fn join(seconds: i64, nanoseconds: i64) -> Option<(i64, u32)> {
    let rest = nanoseconds.wrapping_sub(seconds.wrapping_mul(NANOSECONDS));
    (0..NANOSECONDS).contains(&rest).then_some((seconds, rest as u32))
}

/// Formats a timestamp of seconds and nanoseconds since the epoch.
pub(super) fn timestamp((seconds, nanoseconds): (i64, u32), zone: Zone) -> Option<String> {
    let instant = DateTime::from_timestamp(seconds, nanoseconds)?;
    match zone {
        Zone::None => Some(format!("{:?}", instant.naive_utc())),
        Zone::Utc => Some(instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        Zone::Offset(offset) => {
            instant.naive_utc().checked_add_offset(offset)?;
            Some(instant.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::AutoSi, true))
        }
    }
}

/// Formats a date given as days since the epoch.
pub(super) fn date(days: i32) -> Option<String> {
    let midnight = DateTime::<Utc>::from_timestamp(i64::from(days) * 86_400, 0)?;
    Some(format!("{:?}", midnight.date_naive()))
}

/// Formats a date given as milliseconds since the epoch, with the time of day unless it is midnight.
pub(super) fn date_of_milliseconds(value: i64) -> Option<String> {
    if value % MILLISECONDS_OF_A_DAY == 0 {
        return date(i32::try_from(value / MILLISECONDS_OF_A_DAY).ok()?);
    }
    timestamp(split(value, TimeUnit::Millisecond), Zone::None)
}

/// Formats a time of day.
pub(super) fn time(value: i64, unit: TimeUnit) -> Option<String> {
    let (seconds, nanoseconds) = split(value, unit);
    let seconds = u32::try_from(seconds).ok()?;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanoseconds)?;
    Some(format!("{time:?}"))
}

/// Formats a duration.
pub(super) fn duration(value: i64, unit: TimeUnit) -> String {
    interval(0, 0, i128::from(value) * i128::from(NANOSECONDS / per_second(unit)))
}

/// Formats an interval, whose parts may have different signs.
pub(super) fn interval(months: i32, days: i32, nanoseconds: i128) -> String {
    let mut text = String::from("P");
    let mut part = |value: i32, unit| {
        if value != 0 {
            // Writing to a String cannot fail.
            let _ = write!(text, "{value}{unit}");
        }
    };
    part(months, 'M');
    part(days, 'D');
    if nanoseconds != 0 || text.len() == 1 {
        let sign = if nanoseconds < 0 { "-" } else { "" };
        let (seconds, rest) =
            (nanoseconds.unsigned_abs() / 1_000_000_000, nanoseconds.unsigned_abs() % 1_000_000_000);
        let fraction = match rest {
            0 => String::new(),
            rest => format!(".{rest:09}").trim_end_matches('0').to_owned(),
        };
        let _ = write!(text, "T{sign}{seconds}{fraction}S");
    }
    text
}

fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => NANOSECONDS,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn timestamp_keeps_its_instant_and_a_fixed_offset() {
        let noon = (1_719_835_200, 0);
        for (zone, written) in [
            (None, "2024-07-01T12:00:00"),
            (Some("UTC"), "2024-07-01T12:00:00Z"),
            (Some("+00:00"), "2024-07-01T12:00:00Z"),
            (Some("America/New_York"), "2024-07-01T12:00:00Z"),
            (Some("an unknown zone"), "2024-07-01T12:00:00Z"),
            (Some("+05:30"), "2024-07-01T17:30:00+05:30"),
            (Some("-0800"), "2024-07-01T04:00:00-08:00"),
            (Some("+02"), "2024-07-01T14:00:00+02:00"),
        ] {
            assert_eq!(timestamp(noon, Zone::of(zone)).unwrap(), written, "{zone:?}");
        }
        assert_eq!(timestamp((-1, 999_999_999), Zone::None).unwrap(), "1969-12-31T23:59:59.999999999");
        assert_eq!(timestamp((i64::MAX, 0), Zone::Utc), None);
    }

    #[test]
    fn timestamp_at_the_edge_of_the_calendar_does_not_panic() {
        let last = DateTime::<Utc>::MAX_UTC.timestamp();
        let first = DateTime::<Utc>::MIN_UTC.timestamp();
        for seconds in [first - 1, first, last, last + 1] {
            for zone in [None, Some("UTC"), Some("+14:00"), Some("-14:00")] {
                timestamp((seconds, 0), Zone::of(zone));
            }
        }
        assert_eq!(timestamp((last, 0), Zone::of(Some("+01:00"))), None);
    }

    #[test]
    fn durations_and_intervals_keep_all_digits() {
        assert_eq!(duration(0, TimeUnit::Second), "PT0S");
        assert_eq!(duration(-1_500, TimeUnit::Millisecond), "PT-1.5S");
        assert_eq!(duration(90_061_000_000_001, TimeUnit::Nanosecond), "PT90061.000000001S");
        assert_eq!(duration(i64::MIN, TimeUnit::Second), "PT-9223372036854775808S");
        assert_eq!(interval(14, -3, 4_005_000_000), "P14M-3DT4.005S");
        assert_eq!(interval(0, 1, 0), "P1D");
    }

    #[test]
    fn times_and_dates_without_a_string_are_none() {
        assert_eq!(time(86_399_999_999, TimeUnit::Microsecond).unwrap(), "23:59:59.999999");
        assert_eq!(time(86_400, TimeUnit::Second), None);
        assert_eq!(time(-1, TimeUnit::Second), None);
        assert_eq!(date(-719_162).unwrap(), "0001-01-01");
        assert_eq!(date(i32::MAX), None);
        assert_eq!(date_of_milliseconds(86_400_000).unwrap(), "1970-01-02");
        assert_eq!(date_of_milliseconds(1).unwrap(), "1970-01-01T00:00:00.001");
    }

    proptest! {
        #[test]
        fn int96_is_joined_exactly(days in any::<i32>(), of_day in 0..86_400 * NANOSECONDS) {
            let seconds = i64::from(days) * 86_400 + of_day / NANOSECONDS;
            let nanoseconds = i64::from(days).wrapping_mul(86_400 * NANOSECONDS).wrapping_add(of_day);
            prop_assert_eq!(join(seconds, nanoseconds), Some((seconds, (of_day % NANOSECONDS) as u32)));
        }
    }
}
