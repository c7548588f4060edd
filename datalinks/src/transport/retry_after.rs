//! What a server says about waiting.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header::DATE};

/// Returns the wait that the headers of a response ask for: `retry-after-ms` or `x-ms-retry-after-ms` (milliseconds),
/// else `retry-after` (seconds, possibly with a fraction, or an HTTP date).
///
/// A date is read against the `date` of the same response, so that clocks that differ do not matter. Without one, it is
/// read against the clock of this machine.
pub(crate) fn parse(headers: &HeaderMap) -> Option<Duration> {
    parse_at(headers, SystemTime::now())
}

fn parse_at(headers: &HeaderMap, clock: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
        if let Some(wait) = text(name).and_then(|value| number(value, 0.001)) {
            return Some(wait);
        }
    }
    let value = text("retry-after")?;
    number(value, 1.0).or_else(|| {
        let date = |value| httpdate::parse_http_date(value).ok();
        let now = text(DATE.as_str()).and_then(date).unwrap_or(clock);
        // A date in the past means now.
        Some(date(value)?.duration_since(now).unwrap_or_default())
    })
}

/// Reads a number. One that is larger than any duration is the longest duration, which is a wait all the same.
fn number(value: &str, unit: f64) -> Option<Duration> {
    let amount: f64 = value.parse().ok()?;
    if !amount.is_finite() || amount.is_sign_negative() {
        return None;
    }
    Some(Duration::try_from_secs_f64(amount * unit).unwrap_or(Duration::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(784_111_777);

    fn wait(headers: &[(&'static str, &str)]) -> Option<Duration> {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        parse_at(&headers.collect(), SystemTime::UNIX_EPOCH + NOW)
    }

    #[test]
    fn reads_every_form() {
        let after = |value: &str| wait(&[("retry-after", value)]);
        assert_eq!(after("3"), Some(Duration::from_secs(3)));
        assert_eq!(after("0.25"), Some(Duration::from_millis(250)));
        assert_eq!(wait(&[("retry-after-ms", "1500")]), Some(Duration::from_millis(1_500)));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:47 GMT"), Some(Duration::from_secs(10)));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO));
        for nonsense in ["", "soon", "-1", "NaN", "inf", "1e999"] {
            assert_eq!(after(nonsense), None, "{nonsense}");
        }
    }

    /// With clocks an hour apart, a wait of 30 s was read as none or as more than an hour.
    ///
    /// Regression 16.
    #[test]
    fn dates_are_read_against_the_date_of_the_same_response() {
        for (sent, until) in [
            ("Sun, 06 Nov 1994 07:49:37 GMT", "Sun, 06 Nov 1994 07:50:07 GMT"),
            ("Sun, 06 Nov 1994 09:49:37 GMT", "Sun, 06 Nov 1994 09:50:07 GMT"),
        ] {
            assert_eq!(wait(&[("date", sent), ("retry-after", until)]), Some(Duration::from_secs(30)));
        }
        let until = "Sun, 06 Nov 1994 08:49:47 GMT";
        assert_eq!(wait(&[("date", "today"), ("retry-after", until)]), Some(Duration::from_secs(10)));
        // Seconds need no clock.
        assert_eq!(
            wait(&[("date", "Sun, 06 Nov 1994 07:49:37 GMT"), ("retry-after", "5")]),
            Some(Duration::from_secs(5))
        );
    }

    /// A wait that is longer than any duration is not the absence of a wait.
    #[test]
    fn enormous_waits_are_the_longest_wait() {
        assert_eq!(wait(&[("retry-after", "1e19")]), Some(Duration::from_secs(10_000_000_000_000_000_000)));
        assert_eq!(wait(&[("retry-after", "1e300")]), Some(Duration::MAX));
        assert_eq!(wait(&[("retry-after-ms", "1e300")]), Some(Duration::MAX));
    }
}
