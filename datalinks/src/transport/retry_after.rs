//! What a server says about waiting.

use std::time::{Duration, SystemTime};

use http::HeaderMap;

/// The wait that the headers ask for: `retry-after-ms` and `x-ms-retry-after-ms` (milliseconds),
/// else `retry-after` (seconds, possibly with a fraction, or an HTTP date).
pub(crate) fn parse(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
        if let Some(wait) = text(name).and_then(|value| number(value, 0.001)) {
            return Some(wait);
        }
    }
    let value = text("retry-after")?;
    number(value, 1.0).or_else(|| {
        let date = httpdate::parse_http_date(value).ok()?;
        // A date in the past means now.
        Some(date.duration_since(now).unwrap_or_default())
    })
}

fn number(value: &str, unit: f64) -> Option<Duration> {
    let amount: f64 = value.parse().ok()?;
    Duration::try_from_secs_f64(amount * unit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(name: &'static str, value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        parse(&headers, SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777))
    }

    #[test]
    fn reads_every_form() {
        assert_eq!(wait("retry-after", "3"), Some(Duration::from_secs(3)));
        assert_eq!(wait("retry-after", "0.25"), Some(Duration::from_millis(250)));
        assert_eq!(wait("retry-after-ms", "1500"), Some(Duration::from_millis(1_500)));
        assert_eq!(wait("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT"), Some(Duration::from_secs(10)));
        assert_eq!(wait("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO));
        for nonsense in ["", "soon", "-1", "NaN", "inf", "1e999"] {
            assert_eq!(wait("retry-after", nonsense), None, "{nonsense}");
        }
    }
}
