//! Parsing of the addresses on the command line.

use std::net::{Ipv4Addr, SocketAddr};

/// The address of the emulator unless an option names another.
pub(super) const DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7070);

/// A free port of the loopback interface.
pub(super) const FREE_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Parses the location of an emulator: an address, or the URL that an emulator prints when it starts, with or
/// without a path.
pub(super) fn parse_emulator_address(text: &str) -> Result<SocketAddr, String> {
    let address =
        text.strip_prefix("http://").map_or(text, |rest| rest.split('/').next().unwrap_or_default());
    parse(address).map_err(|_| {
        "expected 127.0.0.1:7070, :7070 or http://127.0.0.1:7070, the URL that the emulator prints".into()
    })
}

/// Parses `HOST:PORT`, or `:PORT` on the loopback interface. The only host name that is accepted is
/// `localhost`.
pub(super) fn parse(text: &str) -> Result<SocketAddr, String> {
    let whole = match text.strip_prefix("localhost").unwrap_or(text) {
        port if port.starts_with(':') && !port.starts_with("::") => format!("{}{port}", Ipv4Addr::LOCALHOST),
        whole => whole.to_owned(),
    };
    whole
        .parse()
        .map_err(|_| "expected 127.0.0.1:7070, [::1]:7070 or :7070, with port 0 for a free port".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_name_the_loopback_interface() {
        for text in [":7070", "localhost:7070", "127.0.0.1:7070"] {
            assert_eq!(parse(text), Ok(DEFAULT), "{text}");
        }
        assert_eq!(parse(":0"), Ok(FREE_PORT));
        assert!(parse("[::1]:7070").unwrap().is_ipv6());
        assert!(!parse("0.0.0.0:7070").unwrap().ip().is_loopback());
    }

    #[test]
    fn emulator_url_is_parsed_as_its_address() {
        for text in
            ["http://127.0.0.1:7070", "http://127.0.0.1:7070/", "http://localhost:7070/api/v1", ":7070"]
        {
            assert_eq!(parse_emulator_address(text), Ok(DEFAULT), "{text}");
        }
        for text in
            ["http://", "https://127.0.0.1:7070", "http://example.com:7070", "ftp://127.0.0.1:7070", ""]
        {
            assert!(parse_emulator_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn invalid_addresses_are_rejected() {
        for text in ["", ":", "7070", "::1", "localhost", ":70700", "example.com:80", "localhost7070"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
