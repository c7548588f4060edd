//! Who may look: this machine's own pages and programs, and no website that a browser here has open.
//!
//! An emulator that only this machine can reach asks for no key here, so the browser's word must do. One that other
//! machines can reach, or that is asked by a name that was allowed for it, asks for its key.

use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use sha2::{Digest as _, Sha256};

use crate::request::Host;
use crate::response::{Answer, Problem};
use crate::state::Settings;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Lets a browser ask for the key.
const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"DataLinks emulator\", charset=\"UTF-8\"");

/// Refuses what another website makes a browser ask for, and what needs the key and does not have it.
pub(super) fn check(head: &Parts, settings: &Settings) -> Result<(), Answer> {
    let host = settings.hosts.check(head).map_err(Problem::into_answer)?;
    check_site(&head.method, &head.headers).map_err(Problem::into_answer)?;
    if needs_key(&host, settings) && !has_key(&head.headers, settings.first().1) {
        let problem = Problem::unauthorized(
            "the emulator's own places need its key from requests that may come from other machines: to an address that \
             they can reach, or by an allowed name; send the key as a bearer token, or as the password of any user",
        );
        return Err(problem.into_answer().header(header::WWW_AUTHENTICATE, CHALLENGE));
    }
    Ok(())
}

fn needs_key(host: &Host, settings: &Settings) -> bool {
    settings.hosts.exposed || !host.is_loopback()
}

/// Whether the key of the emulator is there: as a bearer token, or as a password, which is what browsers ask for.
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

/// Compares two secrets in a time that does not depend on how they begin.
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
                "another website asks for this, and only the emulator's own page may; open the page itself",
            ));
        }
    }
    let strange = headers.get_all(&FETCH_SITE).iter();
    let strange = strange.into_iter().any(|site| matches!(site.as_bytes(), b"cross-site" | b"same-site"));
    // A link only looks. A form that another website submits navigates as well.
    let looks = matches!(*method, Method::GET | Method::HEAD);
    if strange && !(looks && text(headers, &FETCH_MODE) == Some("navigate")) {
        return Err(Problem::forbidden(
            "another website embeds this, and only the emulator's own page may; open the page itself",
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

    fn refused(given: &[(HeaderName, &str)]) -> bool {
        check_site(&Method::GET, &headers(given)).is_err()
    }

    #[test]
    fn other_origins_stay_outside() {
        let host = (header::HOST, "127.0.0.1:80");
        let from = |origin| [host.clone(), (header::ORIGIN, origin)];
        assert!(!refused(std::slice::from_ref(&host)));
        assert!(!refused(&from("http://127.0.0.1:80")));
        for origin in ["http://127.0.0.1:81", "http://localhost:80", "https://evil.example", "null", ""] {
            assert!(refused(&from(origin)), "{origin}");
        }
    }

    #[test]
    fn forms_of_other_websites_are_refused_although_they_navigate() {
        for site in ["cross-site", "same-site"] {
            let come = [(header::HOST, "localhost:80"), (FETCH_SITE, site), (FETCH_MODE, "navigate")];
            for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
                assert!(check_site(&method, &headers(&come)).is_err(), "{method} {site}");
            }
            assert!(check_site(&Method::HEAD, &headers(&come)).is_ok());
        }
    }

    #[test]
    fn a_second_origin_does_not_hide_behind_the_first() {
        let mut given = headers(&[(header::HOST, "localhost:80"), (header::ORIGIN, "http://localhost:80")]);
        assert!(check_site(&Method::GET, &given).is_ok());
        given.append(header::ORIGIN, HeaderValue::from_static("https://evil.example"));
        assert!(check_site(&Method::GET, &given).is_err());
    }

    #[test]
    fn a_link_may_lead_here_and_nothing_may_embed() {
        let come = |site, mode| [(header::HOST, "localhost:80"), (FETCH_SITE, site), (FETCH_MODE, mode)];
        assert!(!refused(&come("cross-site", "navigate")));
        assert!(!refused(&come("same-origin", "cors")));
        assert!(!refused(&come("none", "navigate")));
        // Another port of this machine is the same site, but another origin.
        assert!(refused(&come("same-site", "no-cors")));
        assert!(refused(&come("cross-site", "no-cors")));
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
