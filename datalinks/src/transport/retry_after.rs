//! The delay that a server asks for.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header::DATE};

use crate::platform::clock;

/// Returns the delay that the headers of a response ask for, or `None` if they do not ask for one.
///
/// The headers are `retry-after-ms` and `x-ms-retry-after-ms` (milliseconds), then `retry-after` (seconds, possibly with a
/// fraction, or an HTTP date). A date is compared with the `date` header of the same response, so that the clocks of server
/// and client may differ. Without that header, it is compared with the local clock.
pub(crate) fn parse(headers: &HeaderMap) -> Option<Duration> {
    parse_at(headers, clock::system_time())
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
        // A date in the past asks for no delay.
        Some(date(value)?.duration_since(now).unwrap_or_default())
    })
}

/// Parses a number as a delay. A number beyond the longest duration gives the longest duration.
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
    fn all_forms_of_retry_after_are_parsed() {
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

    /// If the clocks differed by an hour, a delay of 30 s became none or more than an hour.
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

    /// A delay beyond the longest duration was ignored.
    #[test]
    fn delay_beyond_the_longest_duration_saturates() {
        assert_eq!(wait(&[("retry-after", "1e19")]), Some(Duration::from_secs(10_000_000_000_000_000_000)));
        assert_eq!(wait(&[("retry-after", "1e300")]), Some(Duration::MAX));
        assert_eq!(wait(&[("retry-after-ms", "1e300")]), Some(Duration::MAX));
    }
}
