//! Who may look: this machine's own pages and programs, and no other website that a browser here has open.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, header};

use crate::problem::Problem;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Refuses what another website makes a browser ask for. No key is asked for here, so the browser's word must do.
///
/// `other_hosts`: whether the emulator may be reached by names of other hosts.
pub(super) fn check(headers: &HeaderMap, other_hosts: bool) -> Result<(), Problem> {
    let host = text(headers, &header::HOST);
    if !other_hosts && !host.is_some_and(is_here) {
        // A website whose name was made to mean this machine: the browser takes it for the website still.
        return Err(Problem::forbidden(format!(
            "the host {:?} is not this machine; use 127.0.0.1 or localhost, or start the emulator for other hosts",
            host.unwrap_or_default()
        )));
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let own = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, rest)| rest);
        if own.is_none() || !own.zip(host).is_some_and(|(own, host)| own.eq_ignore_ascii_case(host)) {
            return Err(Problem::forbidden(
                "another website asks for this, and only the emulator's own page may; open the page itself",
            ));
        }
    }
    let strange = matches!(text(headers, &FETCH_SITE), Some("cross-site" | "same-site"));
    if strange && text(headers, &FETCH_MODE) != Some("navigate") {
        return Err(Problem::forbidden(
            "another website embeds this, and only the emulator's own page may; open the page itself",
        ));
    }
    Ok(())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether the name of a host, be it with a port, can only mean this machine.
fn is_here(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(headers: &[(HeaderName, &str)], other_hosts: bool) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        check(&headers, other_hosts).is_err()
    }

    #[test]
    fn only_names_of_this_machine_are_here() {
        for host in ["127.0.0.1:80", "localhost", "LocalHost:1", "127.9.9.9", "[::1]:8080", "dl.localhost:1"]
        {
            assert!(is_here(host), "{host}");
        }
        for host in
            ["", "evil.example", "localhost.evil.example:80", "192.168.0.1", "[::2]", "::1", "0.0.0.0"]
        {
            assert!(!is_here(host), "{host}");
        }
    }

    #[test]
    fn other_origins_stay_outside() {
        let host = (header::HOST, "127.0.0.1:80");
        let from = |origin| [host.clone(), (header::ORIGIN, origin)];
        assert!(!refused(std::slice::from_ref(&host), false));
        assert!(!refused(&from("http://127.0.0.1:80"), false));
        for origin in ["http://127.0.0.1:81", "http://localhost:80", "https://evil.example", "null", ""] {
            assert!(refused(&from(origin), false), "{origin}");
            assert!(refused(&from(origin), true), "{origin}");
        }
    }

    #[test]
    fn other_names_need_to_be_allowed() {
        let page = [(header::HOST, "box.example:80"), (header::ORIGIN, "http://box.example:80")];
        assert!(refused(&page, false) && refused(&[], false));
        assert!(!refused(&page, true));
    }

    #[test]
    fn a_link_may_lead_here_and_nothing_may_embed() {
        let come = |site, mode| [(header::HOST, "localhost:80"), (FETCH_SITE, site), (FETCH_MODE, mode)];
        assert!(!refused(&come("cross-site", "navigate"), false));
        assert!(!refused(&come("same-origin", "cors"), false));
        assert!(!refused(&come("none", "navigate"), false));
        // Another port of this machine is the same site, but another origin.
        assert!(refused(&come("same-site", "no-cors"), false));
        assert!(refused(&come("cross-site", "no-cors"), false));
    }
}
