//! Base URLs.

use datalinks_gen::PathSegment;
use reqwest::Url;

use crate::{Error, ErrorKind};

/// A base URL: checked, without slashes at its end.
#[derive(Clone, Debug)]
pub(crate) struct Address(Url);

impl Address {
    /// Checks `text`, the value of the setting `name`.
    pub(crate) fn new(name: &str, text: &str, allow_plain_http: bool) -> Result<Self, Error> {
        let config = |what: String| Error::new(ErrorKind::Config, what);
        let mut url = Url::parse(text.trim()).map_err(|error| {
            config(format!("{name} is no URL ({error})"))
                .advice("write it like https://api.datalinks.com/api/v1")
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(config(format!("{name} begins with {}:, not with https:", url.scheme())));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(config(format!("{name} holds a user name or a password"))
                .advice("remove it; the key is DL_API_KEY"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(
                config(format!("{name} has a query or a fragment")).advice("remove what follows the path")
            );
        }
        if url.scheme() == "http" && !is_loopback(&url) && !allow_plain_http {
            return Err(config(format!("{name} is plain http to a host that is not this machine"))
                .advice("use https, or allow it with DataLinksBuilder::allow_plain_http: the key would travel unencrypted"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// As the generated client takes it.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Whether `address` is of the same scheme, host and port. One that is not a URL is not.
    pub(crate) fn is_origin_of(&self, address: &str) -> bool {
        self.0.join(address).is_ok_and(|url| url.origin() == self.0.origin())
    }

    /// An address below this one. Each segment is encoded as one.
    pub(crate) fn join<'a>(&self, fixed: &[&str], names: impl IntoIterator<Item = &'a PathSegment>) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(fixed).extend(names.into_iter().map(PathSegment::as_str));
        }
        url
    }
}

/// Whether what is sent there stays on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_prefix_and_drops_trailing_slashes() {
        let address = Address::new("DL_HOST", "https://example.com/api/v1//", false).unwrap();
        assert_eq!(address.as_str(), "https://example.com/api/v1");
        let names = [PathSegment::new("a b/c%").unwrap(), PathSegment::new("ü?#").unwrap()];
        assert_eq!(
            address.join(&["ingest"], &names).as_str(),
            "https://example.com/api/v1/ingest/a%20b%2Fc%25/%C3%BC%3F%23"
        );
        let bare = Address::new("DL_HOST", "http://127.0.0.1:8080", false).unwrap();
        assert_eq!(bare.as_str(), "http://127.0.0.1:8080");
        assert_eq!(bare.join(&["query"], []).as_str(), "http://127.0.0.1:8080/query");
    }

    #[test]
    fn origin_is_scheme_host_and_port() {
        let address = Address::new("DL_HOST", "https://example.com/api/v1", false).unwrap();
        for own in [
            "https://example.com/other",
            "https://example.com:443/x",
            "HTTPS://EXAMPLE.com",
            "/a2a/x",
            "x",
            "",
        ] {
            assert!(address.is_origin_of(own), "{own}");
        }
        for other in [
            "http://example.com/api/v1",
            "https://example.com:8443/api/v1",
            "https://example.com.evil.org/api/v1",
            "https://example.com@evil.org/",
            "//evil.org/api/v1",
            "data:text/plain,x",
            "https://",
        ] {
            assert!(!address.is_origin_of(other), "{other}");
        }
    }

    #[test]
    fn refuses_what_would_leak_or_fail() {
        for bad in [
            "",
            "example.com/api",
            "ftp://example.com",
            "http://example.com",
            "https://u:p@example.com",
            "https://e.com/?a=1",
        ] {
            let error = Address::new("DL_HOST", bad, false).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{bad}");
            assert!(error.message().contains("DL_HOST"));
        }
        for fine in ["http://localhost:1", "http://[::1]:1/x", "http://127.9.9.9"] {
            assert!(Address::new("DL_HOST", fine, false).is_ok(), "{fine}");
        }
        assert!(Address::new("DL_HOST", "http://example.com", true).is_ok());
    }
}
