//! Access control of the control API and the page.
//!
//! Programs on this machine and the emulator's own page have access. Requests that a browser sends on behalf of another
//! website are rejected. If only this machine can reach the emulator, no key is required, so the check relies on headers that
//! the browser sets. If other machines can reach the emulator, or the request uses an allowed host name, the key is required.

use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use sha2::{Digest as _, Sha256};

use crate::request::Host;
use crate::response::{ApiResponse, Problem};
use crate::state::Settings;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// The challenge that makes a browser prompt for the key.
const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"DataLinks emulator\", charset=\"UTF-8\"");

/// Rejects requests of other websites, and requests without a required key.
pub(super) fn check(head: &Parts, settings: &Settings) -> Result<(), ApiResponse> {
    let host = settings.hosts.check(head).map_err(Problem::into_api_response)?;
    check_site(&head.method, &head.headers).map_err(Problem::into_api_response)?;
    if needs_key(&host, settings) && !has_key(&head.headers, settings.first().1) {
        let problem = Problem::unauthorized(
            "the control API requires the key of the emulator, because other machines may reach this address or host \
             name; send the key as a bearer token, or as a password with any user name",
        );
        return Err(problem.into_api_response().header(header::WWW_AUTHENTICATE, CHALLENGE));
    }
    Ok(())
}

fn needs_key(host: &Host, settings: &Settings) -> bool {
    settings.hosts.exposed || !host.is_loopback()
}

/// Returns `true` if the request has the key as a bearer token, or as a password, which browsers prompt for.
fn has_key(headers: &HeaderMap, key: &str) -> bool {
    let Some((scheme, given)) = text(headers, &header::AUTHORIZATION).and_then(|value| value.split_once(' '))
    else {
        return false;
    };
    if scheme.eq_ignore_ascii_case("bearer") {
        return same(given.trim().as_bytes(), key.as_bytes());
    }
    let pair = STANDARD.decode(given.trim()).unwrap_or_default();
    let password = pair.iter().position(|byte| *byte == b':').map(|at| &pair[at + 1..]);
    scheme.eq_ignore_ascii_case("basic") && password.is_some_and(|password| same(password, key.as_bytes()))
}

/// Compares two secrets in a time that does not depend on their common prefix.
fn same(one: &[u8], other: &[u8]) -> bool {
    Sha256::digest(one) == Sha256::digest(other)
}

fn check_site(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get_all(header::ORIGIN).iter().nth(1).is_some() {
        return Err(Problem::forbidden("the request has several Origin headers; send one or none"));
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let own = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, rest)| rest);
        let host = text(headers, &header::HOST);
        if !own.zip(host).is_some_and(|(own, host)| own.eq_ignore_ascii_case(host)) {
            return Err(Problem::forbidden(
                "another website sent this request; only the emulator's own page has access, so open that page directly",
            ));
        }
    }
    let foreign = headers.get_all(&FETCH_SITE).iter();
    let foreign = foreign.into_iter().any(|site| matches!(site.as_bytes(), b"cross-site" | b"same-site"));
    // Following a link only reads. A form that another website submits also navigates, but with another method.
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if foreign && !(reads && text(headers, &FETCH_MODE) == Some("navigate")) {
        return Err(Problem::forbidden(
            "another website embeds this; only the emulator's own page has access, so open that page directly",
        ));
    }
    Ok(())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(headers: &[(HeaderName, &str)]) -> HeaderMap {
        headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    fn is_rejected(given: &[(HeaderName, &str)]) -> bool {
        check_site(&Method::GET, &headers(given)).is_err()
    }

    #[test]
    fn other_origins_are_rejected() {
        let host = (header::HOST, "127.0.0.1:80");
        let from = |origin| [host.clone(), (header::ORIGIN, origin)];
        assert!(!is_rejected(std::slice::from_ref(&host)));
        assert!(!is_rejected(&from("http://127.0.0.1:80")));
        for origin in ["http://127.0.0.1:81", "http://localhost:80", "https://evil.example", "null", ""] {
            assert!(is_rejected(&from(origin)), "{origin}");
        }
    }

    #[test]
    fn forms_of_other_websites_are_rejected() {
        for site in ["cross-site", "same-site"] {
            let given = [(header::HOST, "localhost:80"), (FETCH_SITE, site), (FETCH_MODE, "navigate")];
            for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
                assert!(check_site(&method, &headers(&given)).is_err(), "{method} {site}");
            }
            assert!(check_site(&Method::HEAD, &headers(&given)).is_ok());
        }
    }

    #[test]
    fn second_origin_header_is_rejected() {
        let mut given = headers(&[(header::HOST, "localhost:80"), (header::ORIGIN, "http://localhost:80")]);
        assert!(check_site(&Method::GET, &given).is_ok());
        given.append(header::ORIGIN, HeaderValue::from_static("https://evil.example"));
        assert!(check_site(&Method::GET, &given).is_err());
    }

    #[test]
    fn links_are_allowed_and_embedding_is_rejected() {
        let given = |site, mode| [(header::HOST, "localhost:80"), (FETCH_SITE, site), (FETCH_MODE, mode)];
        assert!(!is_rejected(&given("cross-site", "navigate")));
        assert!(!is_rejected(&given("same-origin", "cors")));
        assert!(!is_rejected(&given("none", "navigate")));
        // Another port of this machine is the same site, but another origin.
        assert!(is_rejected(&given("same-site", "no-cors")));
        assert!(is_rejected(&given("cross-site", "no-cors")));
    }

    #[test]
    fn key_is_a_bearer_token_or_a_password() {
        let has = |value: &str| has_key(&headers(&[(header::AUTHORIZATION, value)]), "a:key");
        let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        assert!(has("Bearer a:key") && has("bearer  a:key"));
        assert!(has(&basic("me:a:key")) && has(&basic(":a:key")).to_owned());
        for wrong in
            ["", "Bearer", "Bearer a:ke", "a:key", "Basic a:key", &basic("a:key"), &basic("me:"), &basic("x")]
        {
            assert!(!has(wrong), "{wrong}");
        }
        assert!(!has_key(&HeaderMap::new(), "a:key"));
    }
}
