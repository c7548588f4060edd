//! The proxy between a client and a server, for error messages.

/// A proxy between a client and a server.
#[derive(Clone, Debug)]
pub(crate) struct Via {
    /// URL of the proxy without its user and password.
    pub(crate) shown: String,
    pub(crate) source: ProxySource,
}

/// The origin of a proxy setting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ProxySource {
    Environment,
    Builder,
}

impl Via {
    /// Returns `true` if the connection to the proxy uses TLS.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.shown.starts_with("https:")
    }

    /// Returns the URL of the proxy and the origin of its setting, as text.
    pub(crate) fn described(&self) -> String {
        match self.source {
            ProxySource::Environment => format!("the proxy {} of the environment", self.shown),
            ProxySource::Builder => format!("the proxy {}", self.shown),
        }
    }

    /// Returns the advice for a connection that was not made.
    pub(crate) fn advice(&self) -> &'static str {
        match self.source {
            ProxySource::Environment => {
                "check the proxy (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY), or name the host in NO_PROXY"
            }
            ProxySource::Builder => {
                "check the proxy (DataLinksBuilder::proxy), or name the host in DataLinksBuilder::no_proxy_for"
            }
        }
    }
}
