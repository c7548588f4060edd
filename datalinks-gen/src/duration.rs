//! ISO 8601 durations, the format of durations in the explanation of a query.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// A duration such as `PT0.021S`, stored as the string that was received.
///
/// ```
/// use datalinks_gen::IsoDuration;
/// use std::time::Duration;
///
/// assert_eq!(IsoDuration::from("PT1M0.5S").get(), Some(Duration::from_millis(60_500)));
/// assert_eq!(IsoDuration::from("soon").get(), None);
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct IsoDuration(String);

impl IsoDuration {
    /// Returns the duration. Returns `None` if it is negative, has calendar units (a month has no fixed
    /// length), has more than nine fractional digits, or is not an ISO 8601 duration.
    pub fn get(&self) -> Option<Duration> {
        let text = self.0.to_ascii_uppercase();
        let mut rest = text.strip_prefix('+').unwrap_or(&text).strip_prefix("PT")?;
        let mut total: Option<Duration> = None;
        for (unit, seconds) in [('H', 3600), ('M', 60), ('S', 1)] {
            let Some((number, after)) = rest.split_once(unit) else { continue };
            let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, "0"));
            // Only the last number may have a fraction.
            if fraction.len() > 9 || (whole.len() < number.len() && !after.is_empty()) {
                return None;
            }
            let whole = Duration::from_secs(digits(whole)?.checked_mul(seconds)?);
            let billionths = digits(fraction)? * 10_u64.pow(9 - fraction.len() as u32);
            let value = whole.checked_add(Duration::from_nanos(billionths * seconds))?;
            total = Some(total.unwrap_or_default().checked_add(value)?);
            rest = after;
        }
        if rest.is_empty() { total } else { None }
    }

    /// Returns the string that was received.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for IsoDuration {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for IsoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Parses a number that has nothing but digits.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_minutes_and_seconds_are_added() {
        for (text, seconds, nanoseconds) in [
            ("PT0S", 0, 0),
            ("PT0.021S", 0, 21_000_000),
            ("PT0,5S", 0, 500_000_000),
            ("PT0.000000001S", 0, 1),
            ("PT59.999999999S", 59, 999_999_999),
            ("PT1M0.5S", 60, 500_000_000),
            ("PT90M", 5400, 0),
            ("PT1H", 3600, 0),
            ("PT1.5H", 5400, 0),
            ("PT0.000000001M", 0, 60),
            ("PT1H2M3S", 3723, 0),
            ("PT1H3S", 3603, 0),
            ("PT100000H", 360_000_000, 0),
            ("+PT1S", 1, 0),
            ("pt1h2m3.5s", 3723, 500_000_000),
        ] {
            assert_eq!(IsoDuration::from(text).get(), Some(Duration::new(seconds, nanoseconds)), "{text}");
        }
    }

    #[test]
    fn other_strings_have_no_value() {
        for text in [
            "",
            "P",
            "++PT1S",
            "+",
            "PT-0S",
            "PT",
            "T1S",
            "1S",
            "1s",
            "1h 30m",
            "PT1",
            "PT1X",
            "PTS",
            "PT.5S",
            "PT1.S",
            "PT+1S",
            "PT-1S",
            "-PT1S",
            "PT 1S",
            "PT1S ",
            "PT1S1S",
            "PT1S1M",
            "PT1.5M1S",
            "PT0.0000000001S",
            "PT1.5.5S",
            "P1D",
            "P1M",
            "P1Y",
            "P1DT1H",
            "PT99999999999999999999S",
            "PT9999999999999999999H",
            "PT\u{661}S",
        ] {
            assert_eq!(IsoDuration::from(text).get(), None, "{text}");
        }
    }
}
