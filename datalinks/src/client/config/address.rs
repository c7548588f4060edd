//! Base URLs.

use datalinks_gen::PathSegment;
use reqwest::Url;

use crate::error::{Error, ErrorKind};

/// A valid base URL without trailing slashes.
#[derive(Clone, Debug)]
pub(crate) struct Address(Url);

impl Address {
    /// Validates `text`, the value of the setting `name`.
    pub(crate) fn new(name: &str, text: &str, allow_plain_http: bool) -> Result<Self, Error> {
        let config = |what: String| Error::new(ErrorKind::Config, what);
        let mut url = Url::parse(text.trim()).map_err(|error| {
            config(format!("{name} is not a URL ({error})"))
                .advice("use the form https://api.datalinks.com/api/v1")
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(config(format!("{name} does not begin with https://"))
                .advice("use the form https://api.datalinks.com/api/v1"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(config(format!("{name} contains a user name or a password"))
                .advice("remove them; the API key is set by DL_API_KEY"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(config(format!("{name} has a query or a fragment"))
                .advice("remove everything after the path"));
        }
        if url.scheme() == "http" && !is_loopback(&url) && !allow_plain_http {
            return Err(config(format!("{name} is plain http to another machine"))
                .advice("use https, or allow unencrypted API keys with DataLinksBuilder::allow_plain_http"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// Returns the URL.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// Returns the URL as a string without a trailing slash, which the generated client requires.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Returns `true` if `address` has the same scheme, host and port. Relative URLs are resolved against this one, and an
    /// invalid URL has another origin.
    pub(crate) fn is_origin_of(&self, address: &str) -> bool {
        self.0.join(address).is_ok_and(|url| url.origin() == self.0.origin())
    }

    /// Returns a URL below this one. Each name is encoded as one segment.
    pub(crate) fn join<'a>(&self, fixed: &[&str], names: impl IntoIterator<Item = &'a PathSegment>) -> Url {
        let mut path = self.0.path().trim_end_matches('/').to_owned();
        let names = names.into_iter().map(PathSegment::encoded);
        for segment in fixed.iter().map(|segment| (*segment).to_owned()).chain(names) {
            path.push('/');
            path.push_str(&segment);
        }
        let mut url = self.0.clone();
        url.set_path(&path);
        url
    }
}

/// Returns `true` if the host of a URL is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
        }
        None => false,
    }
}

/// Returns an address for error messages, without user, password, query and fragment, even if the address is invalid.
pub(crate) fn shown(text: &str) -> String {
    let without_user = match Url::parse(text.trim()) {
        Ok(url)
            if url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && !url.path().contains('@') =>
        {
            text.to_owned()
        }
        // The parser does not recognize a password that contains a slash or a question mark.
        _ => match (text.split_once("://"), text.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://[user]@{rest}"),
            (None, Some((_, rest))) => format!("[user]@{rest}"),
            _ => text.to_owned(),
        },
    };
    let end = without_user.find(['?', '#']).unwrap_or(without_user.len());
    without_user[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_keeps_its_prefix_without_trailing_slashes() {
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
    fn shown_address_has_no_user_and_no_query() {
        for (text, expected) in [
            ("https://example.com/api/v1", "https://example.com/api/v1"),
            ("https://ana:pw@example.com/api", "https://[user]@example.com/api"),
            ("https://ana:12/pw@example.com:3128", "https://[user]@example.com:3128"),
            ("https://pw@example.com", "https://[user]@example.com"),
            ("https://ana:p/w?x#y@example.com/a", "https://[user]@example.com/a"),
            ("ana:pw@example.com/api", "[user]@example.com/api"),
            ("https://example.com/a?token=pw#pw", "https://example.com/a"),
            ("https://example.com/a?mail=pw@b", "https://example.com/a"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn loopback_hosts_are_recognized_in_every_form() {
        for (host, expected) in [
            ("http://localhost:1", true),
            ("http://LOCALHOST./", true),
            ("http://a.localhost", true),
            ("http://127.1.2.3", true),
            ("http://0x7f000001", true),
            ("http://[::1]", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("http://localhost.example.com", false),
            ("http://notlocalhost", false),
            ("http://[::ffff:10.0.0.1]", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(host).unwrap()), expected, "{host}");
        }
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
    fn invalid_and_unsafe_addresses_are_rejected() {
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
