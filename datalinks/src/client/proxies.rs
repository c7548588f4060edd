//! HTTP proxies between a client and its server.
//!
//! A proxy is set on the builder or found in the environment. This module determines the proxy before a request is sent, so
//! that loopback hosts are excluded, an API key is not sent through a proxy in plain text, and errors contain the proxy.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use super::config::is_loopback;
use crate::{
    error::{Error, ErrorKind},
    transport::{ProxySource, Via},
};

/// The proxies of the builder or of the environment, which is read once.
pub(crate) struct Proxies {
    /// Selects the proxy for a URL. `None` if proxies are not used.
    matcher: Option<Matcher>,
    source: ProxySource,
    plain_http: bool,
}

impl Proxies {
    /// Reads the proxies of the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in upper or lower case),
    /// and those of the system if the HTTP client supports it. `never` disables proxies.
    pub(crate) fn of_environment(never: bool, plain_http: bool) -> Self {
        let never =
            never || ["NO_PROXY", "no_proxy"].into_iter().any(|name| excludes_all(std::env::var(name).ok()));
        Self { matcher: (!never).then(Matcher::from_system), source: ProxySource::Environment, plain_http }
    }

    /// Uses one proxy for all hosts except `direct`.
    pub(crate) fn of_builder(proxy: &str, direct: &[String], plain_http: bool) -> Self {
        let matcher = (!excludes_all(Some(direct.join(","))))
            .then(|| Matcher::builder().all(proxy.trim()).no(direct.join(",")).build());
        Self { matcher, source: ProxySource::Builder, plain_http }
    }

    /// Returns the proxy for `url`, or `None` if requests are sent directly. `what` is the name of the URL in errors.
    pub(crate) fn route(&self, what: &str, url: &Url) -> Result<Option<Via>, Error> {
        let Some(matcher) = self.matcher.as_ref().filter(|_| !is_loopback(url)) else { return Ok(None) };
        let found = url.as_str().parse().ok().and_then(|url| matcher.intercept(&url));
        let Some(found) = found else { return Ok(None) };
        let proxy = found.uri();
        let scheme = proxy.scheme_str().unwrap_or("http");
        let port = proxy.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        let shown = format!("{scheme}://{}{port}", proxy.host().unwrap_or_default());
        let via = Via { shown, source: self.source };
        if url.scheme() == "http" && !self.plain_http {
            let what = format!("{what} is plain http, and {} could read the API key", via.described());
            let advice = match self.source {
                ProxySource::Environment => {
                    "use https, name the host in NO_PROXY, or call no_proxy or allow_plain_http_through_proxy on the \
                     builder"
                }
                ProxySource::Builder => {
                    "use https, name the host in no_proxy_for, or call allow_plain_http_through_proxy on the builder"
                }
            };
            return Err(Error::new(ErrorKind::Config, what).advice(advice));
        }
        Ok(Some(via))
    }
}

/// Returns `true` if a list of hosts without a proxy has the entry `*`. The matcher applies this entry to names, but not to
/// IP addresses.
fn excludes_all(list: Option<String>) -> bool {
    list.is_some_and(|list| list.split(',').any(|host| host.trim() == "*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(plain_http: bool) -> Proxies {
        let matcher = Matcher::builder()
            .http("http://ana:canary@proxy.example:3128")
            .https("http://ana:canary@tls-proxy.example")
            .no("direct.example")
            .build();
        Proxies { matcher: Some(matcher), source: ProxySource::Environment, plain_http }
    }

    fn route(proxies: &Proxies, url: &str) -> Result<Option<String>, Error> {
        proxies.route("DL_HOST", &url.parse().unwrap()).map(|via| via.map(|via| via.shown))
    }

    #[test]
    fn asterisk_excludes_every_host() {
        for list in ["*", "direct.example, *"] {
            assert!(excludes_all(Some(list.to_owned())), "{list}");
        }
        for list in [None, Some(""), Some("*.example"), Some("direct.example")] {
            assert!(!excludes_all(list.map(str::to_owned)), "{list:?}");
        }
    }

    /// Requests to loopback hosts were sent to the proxy of the environment, with the API key in plain text.
    ///
    /// Regression 9.
    #[test]
    fn loopback_hosts_have_no_proxy() {
        for url in [
            "http://127.0.0.1:1/a",
            "http://localhost",
            "https://[::1]:8443",
            "https://localhost.",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert_eq!(route(&proxies(false), url).unwrap(), None, "{url}");
        }
        for url in ["https://direct.example", "http://direct.example"] {
            assert_eq!(route(&proxies(false), url).unwrap(), None, "{url}");
        }
    }

    #[test]
    fn plain_http_through_a_proxy_is_rejected_unless_allowed() {
        let error = route(&proxies(false), "http://host.example").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let shown = format!("{error} {error:?}");
        for part in ["DL_HOST", "http://proxy.example:3128", "NO_PROXY", "allow_plain_http_through_proxy"] {
            assert!(shown.contains(part), "{shown}");
        }
        assert!(!shown.contains("canary") && !shown.contains("ana"), "{shown}");
        assert_eq!(
            route(&proxies(true), "http://host.example").unwrap().as_deref(),
            Some("http://proxy.example:3128")
        );
        assert_eq!(
            route(&proxies(false), "https://host.example").unwrap().as_deref(),
            Some("http://tls-proxy.example")
        );
        let never = Proxies { matcher: None, source: ProxySource::Environment, plain_http: false };
        assert_eq!(route(&never, "http://host.example").unwrap(), None);
    }

    #[test]
    fn proxy_of_the_builder_follows_the_same_rules() {
        let direct = ["direct.example".to_owned(), "10.0.0.0/8".to_owned()];
        let proxies =
            |plain_http| Proxies::of_builder("http://ana:canary@proxy.example:3128", &direct, plain_http);
        let shown = "http://proxy.example:3128";
        assert_eq!(route(&proxies(false), "https://host.example").unwrap().as_deref(), Some(shown));
        let error = route(&proxies(false), "http://host.example").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = format!("{error} {error:?}");
        assert!(
            text.contains(shown) && text.contains("no_proxy_for") && !text.contains("environment"),
            "{text}"
        );
        assert!(!text.contains("canary") && !text.contains("ana"), "{text}");
        assert_eq!(route(&proxies(true), "http://host.example").unwrap().as_deref(), Some(shown));
        for url in [
            "http://127.0.0.1:1/a",
            "https://localhost",
            "http://direct.example",
            "https://api.direct.example",
            "http://10.1.2.3",
        ] {
            assert_eq!(route(&proxies(false), url).unwrap(), None, "{url}");
        }
        let all = Proxies::of_builder("http://proxy.example", &["*".to_owned()], false);
        assert_eq!(route(&all, "https://10.0.0.1").unwrap(), None);
    }
}
