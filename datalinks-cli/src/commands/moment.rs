//! Points in time as people write them.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// Parses a date, which stands for its first moment in UTC, or a time in RFC 3339.
pub(super) fn parse(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Ok(date.and_time(NaiveTime::MIN).and_utc());
    }
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    time.map_err(|_| {
        "expected a date, such as 2026-12-31, or a time, such as 2026-12-31T18:00:00Z".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_begin_at_midnight() {
        assert_eq!(parse("2026-12-31").unwrap().to_rfc3339(), "2026-12-31T00:00:00+00:00");
        assert_eq!(parse("2026-12-31T18:00:00+02:00").unwrap().to_rfc3339(), "2026-12-31T16:00:00+00:00");
        for wrong in ["", "tomorrow", "2026-13-01", "2026-12-31 18:00"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
