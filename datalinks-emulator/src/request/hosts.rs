//! Validation of the host that a request names, against DNS rebinding.
//!
//! The host name of a website can resolve to a loopback address, and the browser then treats the emulator as that website.
//! The `Host` header still contains the name. Therefore a request is accepted only if it names
//!
//! - the loopback interface,
//! - a host that was allowed when the emulator was started, or,
//! - if other machines can reach the emulator, an IP address, which cannot belong to a website's name.

use std::net::IpAddr;

use http::header::HOST;
use http::request::Parts;

use crate::response::Problem;

/// The hosts that requests may name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    /// `true` if other machines can reach the address of the emulator.
    pub(crate) exposed: bool,
    allowed: Vec<Host>,
}

/// The host in a header.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Host {
    name: Name,
    port: Option<u16>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Name {
    Address(IpAddr),
    /// A host name in lower case, without a trailing dot.
    Domain(String),
}

impl Host {
    /// Parses a name or an address, with or without a port. Returns `None` if it is invalid.
    pub(crate) fn parse(host: &str) -> Option<Self> {
        let (name, port) = match host.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']')?;
                let port = if port.is_empty() { None } else { Some(port.strip_prefix(':')?) };
                (Name::Address(IpAddr::V6(address.parse().ok()?)), port)
            }
            None => {
                let (name, port) =
                    host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
                (Name::parse(name)?, port)
            }
        };
        let port = port.map(|port| digits(port)?.parse().ok());
        match port {
            Some(None) => None,
            port => Some(Self { name, port: port.flatten() }),
        }
    }

    /// Returns `true` if the name always refers to this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        match &self.name {
            Name::Address(address) => address.is_loopback(),
            Name::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        }
    }

    /// Returns `true` if the host matches an allowed one. An allowed host without a port matches any port.
    fn matches(&self, allowed: &Self) -> bool {
        self.name == allowed.name && (allowed.port.is_none() || allowed.port == self.port)
    }
}

impl Name {
    fn parse(name: &str) -> Option<Self> {
        if let Ok(address) = name.parse() {
            return Some(Self::Address(IpAddr::V4(address)));
        }
        let name = name.strip_suffix('.').unwrap_or(name);
        let label = |label: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            (1..=63).contains(&label.len()) && label.bytes().all(plain)
        };
        (name.len() <= 253 && name.split('.').all(label)).then(|| Self::Domain(name.to_ascii_lowercase()))
    }
}

/// Returns the string if it consists of digits. Unlike `parse`, this rejects a sign.
fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

impl Hosts {
    pub(crate) fn new(exposed: bool, allowed: Vec<Host>) -> Self {
        Self { exposed, allowed }
    }

    /// Returns the host that a request names, or an error if that host is not allowed.
    pub(crate) fn check(&self, head: &Parts) -> Result<Host, Problem> {
        let mut headers = head.headers.get_all(HOST).iter();
        let named = headers.next().and_then(|host| host.to_str().ok());
        if headers.next().is_some() {
            return Err(Problem::bad_request("the request has several Host headers; send one"));
        }
        // A request in absolute form, as sent to a proxy, also has a host in its first line.
        let target = head.uri.authority().map(|authority| authority.as_str());
        for named in [named].into_iter().chain(target.map(Some)) {
            let host = named.and_then(Host::parse);
            if !host.is_some_and(|host| self.allows(&host)) {
                return Err(rejected(named.unwrap_or_default()));
            }
        }
        named.and_then(Host::parse).ok_or_else(|| rejected(""))
    }

    fn allows(&self, host: &Host) -> bool {
        host.is_loopback()
            || self.allowed.iter().any(|allowed| host.matches(allowed))
            || (self.exposed && matches!(host.name, Name::Address(_)))
    }
}

fn rejected(host: &str) -> Problem {
    let shown: String = host.chars().take(100).collect();
    Problem::forbidden(format!(
        "the host {shown:?} is not allowed; use 127.0.0.1 or localhost, or start the emulator with the host in \
         `allow_host` (--allow-host)"
    ))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn host(host: &str) -> Host {
        Host::parse(host).unwrap()
    }

    fn check(hosts: &Hosts, target: &str, named: &[&str]) -> Result<Host, Problem> {
        let mut request = Request::builder().uri(target);
        for named in named {
            request = request.header(HOST, *named);
        }
        hosts.check(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn loopback_hosts_are_allowed() {
        for name in [
            "127.0.0.1:80",
            "localhost",
            "LocalHost:1",
            "localhost.",
            "127.9.9.9",
            "[::1]:8080",
            "dl.localhost:1",
        ] {
            assert!(host(name).is_loopback(), "{name}");
            assert!(check(&Hosts::default(), "/", &[name]).is_ok(), "{name}");
        }
        for name in ["evil.example", "localhost.evil.example:80", "192.168.0.1", "[::2]", "0.0.0.0"] {
            assert!(!host(name).is_loopback(), "{name}");
            assert!(check(&Hosts::default(), "/", &[name]).is_err(), "{name}");
        }
        for name in [
            "",
            ":80",
            "::1",
            "[::1",
            "[::1]80",
            "localhost:",
            "localhost:x",
            "localhost:+80",
            "localhost:99999",
            "a b",
            "a..b",
            "user@localhost",
            "localhost/x",
            "[127.0.0.1]",
        ] {
            assert_eq!(Host::parse(name), None, "{name}");
        }
    }

    #[test]
    fn allowed_host_without_port_matches_any_port() {
        let hosts = Hosts::new(false, vec![host("Box.example"), host("other:81"), host("10.0.0.7")]);
        for name in ["box.example", "BOX.example:99", "box.example.", "other:81", "10.0.0.7:1"] {
            assert!(check(&hosts, "/", &[name]).is_ok(), "{name}");
        }
        for name in ["a.box.example", "other", "other:82", "10.0.0.8", "box.example.evil"] {
            assert!(check(&hosts, "/", &[name]).is_err(), "{name}");
        }
    }

    #[test]
    fn ip_addresses_are_allowed_if_exposed() {
        let hosts = Hosts::new(true, Vec::new());
        for name in ["192.168.0.1:7070", "[fe80::1]", "localhost"] {
            assert!(check(&hosts, "/", &[name]).is_ok(), "{name}");
        }
        assert!(check(&hosts, "/", &["evil.example"]).is_err());
    }

    #[test]
    fn every_host_of_a_request_is_checked() {
        let hosts = Hosts::default();
        assert!(check(&hosts, "/", &[]).is_err());
        assert!(check(&hosts, "/", &["localhost", "evil.example"]).is_err());
        assert!(check(&hosts, "http://evil.example/", &["localhost"]).is_err());
        assert!(check(&hosts, "http://localhost/", &["evil.example"]).is_err());
        assert!(check(&hosts, "http://localhost/", &["localhost"]).is_ok());
    }
}
