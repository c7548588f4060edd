//! The token: where it comes from, whether the service accepts it, and when it expires.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use datalinks::ErrorKind;
use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;

use super::check::Check;
use super::connection::Probe;
use crate::failure::{Exit, Failure};
use crate::session::Session;

/// Name of the check.
const NAME: &str = "token";

/// A token that expires earlier is a warning, in hours.
const SOON: i64 = 7 * 24;

/// The payload of a token that is a JWT. Its signature is not verified, because only the service can do that.
#[derive(Deserialize)]
struct Claims {
    /// Time of expiry, in seconds since 1970.
    exp: Option<f64>,
}

pub(super) fn check(session: &Session, probe: &Probe) -> Check {
    if let Some(failure) = &probe.without_token {
        return Check::failure(NAME, failure);
    }
    if session.settings.is_emulator() {
        return Check::ok(NAME, "of the emulator");
    }
    let Some(token) = &session.settings.token else { return Check::skipped(NAME, "no token") };
    let outcome = probe.sent.as_ref().map(|sent| &sent.outcome);
    let accepted = match outcome {
        Some(Ok(_)) => "accepted by the service",
        Some(Err(error)) if error.kind() == ErrorKind::Unauthorized => {
            return Check::failure(NAME, &Failure::from(error.clone()));
        }
        _ => "not checked by the service",
    };
    let detail = format!("from {}, {accepted}", token.origin);
    judge(&detail, expiry(token.value.expose()), Timestamp::now())
}

fn judge(detail: &str, expiry: Option<Timestamp>, now: Timestamp) -> Check {
    const NEXT: &str =
        "create a token in the web application (Settings, Tokens & API), then datalinks auth login";
    let Some(expiry) = expiry else {
        return Check::ok(
            NAME,
            format!("{detail}; it does not contain its expiry (see datalinks token list)"),
        );
    };
    if expiry <= now {
        return Check::failed(NAME, Exit::Authentication, format!("{detail}; it expired at {expiry}"), NEXT);
    }
    if now.checked_add(SOON.hours()).is_ok_and(|soon| expiry <= soon) {
        return Check::warning(NAME, format!("{detail}; it expires soon, at {expiry}"), NEXT);
    }
    Check::ok(NAME, format!("{detail}; it expires at {expiry}"))
}

/// Returns the time at which a token expires, if it is a JWT that contains it.
fn expiry(token: &str) -> Option<Timestamp> {
    let mut parts = token.trim().split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    // Seconds may have a fraction. Those out of range are no time.
    #[allow(clippy::cast_possible_truncation, reason = "a number out of range is rejected below")]
    let seconds = claims.exp? as i64;
    Timestamp::from_second(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &str) -> String {
        format!("eyJhbGciOiJIUzI1NiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(payload))
    }

    #[test]
    fn expiry_is_read_from_a_jwt() {
        assert_eq!(expiry(&token(r#"{"exp":1767225600}"#)).unwrap().to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(expiry(&token(r#"{"exp":1767225600.5}"#)).unwrap().as_second(), 1_767_225_600);
        for other in ["dl_4711", "a.b.c", "a.b", &token("{}"), &token(r#"{"exp":1e300}"#), &token("[]")] {
            assert!(expiry(other).is_none(), "{other}");
        }
    }

    #[test]
    fn expiry_decides_the_status() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let status = |expiry: &str| {
            let check = judge("from x", Some(expiry.parse().unwrap()), now);
            let json = serde_json::to_value(&check).unwrap();
            (json["status"].as_str().unwrap().to_owned(), check.exit().code())
        };
        assert_eq!(status("2025-12-31T23:59:59Z"), ("failed".to_owned(), 4));
        assert_eq!(status("2026-01-07T00:00:00Z"), ("warning".to_owned(), 0));
        assert_eq!(status("2026-02-01T00:00:00Z"), ("ok".to_owned(), 0));
    }
}
