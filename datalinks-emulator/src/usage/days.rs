//! Usage by day.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Use;

/// The tokens used on one day.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Day {
    pub(crate) date: Date,
    pub(crate) tokens: u64,
}

/// Returns a time zone by its IANA name. The database is compiled in, so that the system needs none.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// Returns the days with usage, oldest first.
pub(crate) fn by_day(uses: impl IntoIterator<Item = Use>, zone: &TimeZone) -> Vec<Day> {
    let mut days: BTreeMap<Date, u64> = BTreeMap::new();
    for used in uses {
        // Times beyond the years of jiff count for the first or the last day.
        let at = Timestamp::from_microsecond(used.at.timestamp_micros());
        let at = at.unwrap_or(if used.at.timestamp() < 0 { Timestamp::MIN } else { Timestamp::MAX });
        let tokens = days.entry(zone.to_datetime(at).date()).or_default();
        // The token counts of a model server can be arbitrarily large.
        *tokens = tokens.saturating_add(used.tokens);
    }
    days.into_iter().map(|(date, tokens)| Day { date, tokens }).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn used(at: &str, tokens: u64) -> Use {
        Use { user: "ana".into(), at: at.parse::<DateTime<chrono::Utc>>().unwrap(), tokens, before: 0 }
    }

    fn days(zone_name: &str) -> Vec<(String, u64)> {
        // Midnight in Berlin is 23:00 UTC in winter and 22:00 UTC in summer.
        let uses = [
            used("2025-01-31T22:59:59Z", 1),
            used("2025-01-31T23:00:00Z", 10),
            used("2025-07-01T22:30:00Z", 100),
            used("2025-07-01T23:30:00Z", 1000),
        ];
        let days = by_day(uses, &zone(zone_name).unwrap());
        days.into_iter().map(|day| (day.date.to_string(), day.tokens)).collect()
    }

    #[test]
    fn days_begin_at_midnight_of_the_zone() {
        let day = |date: &str, tokens| (date.to_owned(), tokens);
        assert_eq!(days("UTC"), [day("2025-01-31", 11), day("2025-07-01", 1100)]);
        let berlin = [day("2025-01-31", 1), day("2025-02-01", 10), day("2025-07-02", 1100)];
        assert_eq!(days("Europe/Berlin"), berlin);
        assert_eq!(days("Pacific/Kiritimati"), [day("2025-02-01", 11), day("2025-07-02", 1100)]);
    }

    #[test]
    fn tokens_of_a_day_saturate() {
        let uses = [used("2025-01-31T12:00:00Z", u64::MAX), used("2025-01-31T12:00:01Z", 1)];
        let days = by_day(uses, &zone("UTC").unwrap());
        assert_eq!(days.iter().map(|day| day.tokens).collect::<Vec<_>>(), [u64::MAX]);
    }

    #[test]
    fn unknown_zone_is_none() {
        for name in ["", "Europe/Atlantis", "+01:00", "../etc/passwd"] {
            assert!(zone(name).is_none(), "{name}");
        }
    }
}
