//! The clock of this machine, compared with that of the server.

use std::time::{Duration, SystemTime};

use http::header::DATE;

use super::check::Check;
use super::connection::Probe;
use crate::failure::Exit;

/// Name of the check.
const NAME: &str = "clock";

/// A larger difference is a warning.
const TOLERATED: Duration = Duration::from_secs(60);

/// A larger difference makes tokens and presigned URLs invalid in practice.
const HARMFUL: Duration = Duration::from_secs(5 * 60);

pub(super) fn check(probe: &Probe) -> Check {
    let (Some(sent), Some(headers)) = (&probe.sent, probe.headers()) else {
        return Check::skipped(NAME, "no response to compare with");
    };
    let date = headers.get(DATE).and_then(|date| date.to_str().ok());
    let Some(date) = date.and_then(parse) else {
        return Check::skipped(NAME, "the response has no Date header");
    };
    judge(sent.at, date, sent.precision)
}

/// Returns the time of a Date header.
fn parse(date: &str) -> Option<SystemTime> {
    let seconds = jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_second();
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// Compares the times. The header has whole seconds, servers write the same header for a second, and it was written
/// somewhere between the request and the response.
fn judge(local: SystemTime, server: SystemTime, precision: Duration) -> Check {
    let precision = precision + Duration::from_secs(2);
    let (difference, direction) = match local.duration_since(server) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if difference <= precision {
        return Check::ok(NAME, "as the clock of the server");
    }
    let detail = format!("{} s {direction} the clock of the server", difference.as_secs());
    let certain = difference - precision;
    let next = "synchronize the clock of this machine (NTP)";
    if certain > HARMFUL {
        Check::failed(NAME, Exit::Failure, detail, next)
    } else if certain > TOLERATED {
        Check::warning(NAME, detail, next)
    } else {
        Check::ok(NAME, detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difference_decides_the_status() {
        let server = parse("Thu, 01 Jan 2026 00:00:00 GMT").unwrap();
        let check = |seconds: u64, behind: bool| {
            let difference = Duration::from_secs(seconds);
            let local = if behind { server - difference } else { server + difference };
            serde_json::to_value(judge(local, server, Duration::from_secs(1))).unwrap()
        };
        assert_eq!(check(2, false)["detail"], "as the clock of the server");
        assert_eq!(
            (&check(30, true)["status"], &check(30, true)["detail"]),
            (&"ok".into(), &"30 s behind the clock of the server".into())
        );
        assert_eq!(check(90, false)["status"], "warning");
        assert_eq!(check(600, false)["status"], "failed");
        assert!(parse("yesterday").is_none());
    }
}
