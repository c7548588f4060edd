//! The proxy on the way to a server, for errors.

/// A proxy on the way to a server.
#[derive(Clone, Debug)]
pub(crate) struct Via {
    /// The proxy as it may be shown: without its user and password.
    pub(crate) shown: String,
    pub(crate) source: ProxySource,
}

/// Where a proxy is set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ProxySource {
    Environment,
    Builder,
}

impl Via {
    /// Names the proxy and where it is set.
    pub(crate) fn described(&self) -> String {
        match self.source {
            ProxySource::Environment => format!("the proxy {} of the environment", self.shown),
            ProxySource::Builder => format!("the proxy {}", self.shown),
        }
    }

    /// What to do if no connection is made.
    pub(crate) fn advice(&self) -> &'static str {
        match self.source {
            ProxySource::Environment => {
                "check that proxy (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY), or name the host in NO_PROXY"
            }
            ProxySource::Builder => {
                "check that proxy (DataLinksBuilder::proxy), or name the host in DataLinksBuilder::no_proxy_for"
            }
        }
    }
}
