//! Durations as people write them.

use std::time::Duration;

use jiff::SignedDuration;

/// Parses a duration with units, such as `1m 30s`.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let read: Option<SignedDuration> = text.parse().ok();
    let wrong = "expected a number and a unit, such as 50ms, 2s or 1m 30s";
    read.and_then(|read| Duration::try_from(read).ok()).ok_or_else(|| wrong.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(parse("50ms"), Ok(Duration::from_millis(50)));
        assert_eq!(parse("1m 30s"), Ok(Duration::from_secs(90)));
        for wrong in ["", "5", "-1s", "soon"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
