//! Addresses to serve, as people write them.

use std::net::{Ipv4Addr, SocketAddr};

/// Where the emulator serves when nothing else is said.
pub(super) const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7070);

/// Any free port of this machine.
pub(super) const FREE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Reads where an emulator is: an address, or the URL that an emulator prints when it starts, with or without a path.
pub(super) fn locate(text: &str) -> Result<SocketAddr, String> {
    let address =
        text.strip_prefix("http://").map_or(text, |rest| rest.split('/').next().unwrap_or_default());
    parse(address).map_err(|_| {
        "write it as 127.0.0.1:7070, :7070 or http://127.0.0.1:7070, as the emulator prints it".into()
    })
}

/// Reads `HOST:PORT`, or `:PORT` for this machine. Names are not looked up, except for `localhost`.
pub(super) fn parse(text: &str) -> Result<SocketAddr, String> {
    let whole = match text.strip_prefix("localhost").unwrap_or(text) {
        port if port.starts_with(':') && !port.starts_with("::") => format!("{}{port}", Ipv4Addr::LOCALHOST),
        whole => whole.to_owned(),
    };
    whole
        .parse()
        .map_err(|_| "write it as 127.0.0.1:7070, [::1]:7070 or :7070, with port 0 for any free one".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_mean_this_machine() {
        for text in [":7070", "localhost:7070", "127.0.0.1:7070"] {
            assert_eq!(parse(text), Ok(USUAL), "{text}");
        }
        assert_eq!(parse(":0"), Ok(FREE));
        assert!(parse("[::1]:7070").unwrap().is_ipv6());
        assert!(!parse("0.0.0.0:7070").unwrap().ip().is_loopback());
    }

    #[test]
    fn an_emulator_is_located_by_the_url_that_it_prints() {
        for text in
            ["http://127.0.0.1:7070", "http://127.0.0.1:7070/", "http://localhost:7070/api/v1", ":7070"]
        {
            assert_eq!(locate(text), Ok(USUAL), "{text}");
        }
        for text in
            ["http://", "https://127.0.0.1:7070", "http://example.com:7070", "ftp://127.0.0.1:7070", ""]
        {
            assert!(locate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", ":", "7070", "::1", "localhost", ":70700", "example.com:80", "localhost7070"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
