//! Settings of the HTTP clients: proxy, certificates, pool, addresses, or a client of the application.

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::HeaderMap;
use reqwest::Url;

use super::{config::shown, proxies::Proxies};
use crate::{
    error::{Error, ErrorKind},
    transport::{Via, script::Player},
};

/// Settings of connections. The setters are in [`network_setters`].
#[derive(Clone, Default)]
pub(crate) struct Network {
    /// The application's own HTTP client.
    pub(crate) http: Option<reqwest::Client>,
    /// The application's own HTTP client for presigned URLs.
    pub(crate) storage_http: Option<reqwest::Client>,
    /// Replaces all HTTP clients.
    pub(crate) script: Option<Arc<Player>>,
    /// Proxies of the environment are ignored.
    pub(crate) no_proxy: bool,
    /// URL of the proxy for all requests. May contain a password.
    pub(crate) proxy: Option<String>,
    /// Hosts to which requests are sent without that proxy.
    pub(crate) direct: Vec<String>,
    /// Certificates, each in PEM or DER.
    pub(crate) roots: Vec<Bytes>,
    /// The certificates and the private key of the client, in PEM.
    pub(crate) identity: Option<(Bytes, Bytes)>,
    pub(crate) pool_idle_timeout: Option<Duration>,
    pub(crate) pool_max_idle_per_host: Option<usize>,
    pub(crate) resolve: Vec<(String, Vec<SocketAddr>)>,
    pub(crate) headers: HeaderMap,
}

/// The way that the requests of an HTTP client take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Route {
    /// Requests go through a proxy.
    pub(super) by_proxy: bool,
    /// The server or the proxy is addressed with https.
    pub(super) uses_tls: bool,
}

impl Route {
    /// Number of different routes.
    pub(super) const COUNT: usize = 4;

    /// Returns the route to `url`. Requests follow redirects within the origin only, so all requests to it take this route.
    pub(super) fn new(url: &Url, proxy: Option<&Via>) -> Self {
        let uses_tls = url.scheme() == "https" || proxy.is_some_and(Via::is_encrypted);
        Self { by_proxy: proxy.is_some(), uses_tls }
    }

    /// Returns the number of this route, below [`COUNT`](Self::COUNT).
    pub(super) fn index(self) -> usize {
        usize::from(self.by_proxy) + 2 * usize::from(self.uses_tls)
    }
}

/// The servers that an HTTP client is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Peer {
    /// The service, which gets the API key.
    Service,
    /// A storage behind a presigned URL, which gets no credentials.
    Storage,
}

impl Network {
    /// Returns the names of the setters that were called and have no effect on an HTTP client of the application.
    fn of_connections(&self) -> impl Iterator<Item = &'static str> {
        [
            ("no_proxy", self.no_proxy),
            ("proxy", self.proxy.is_some()),
            ("no_proxy_for", !self.direct.is_empty()),
            ("add_root_certificate", !self.roots.is_empty()),
            ("identity", self.identity.is_some()),
            ("pool_idle_timeout", self.pool_idle_timeout.is_some()),
            ("pool_max_idle_per_host", self.pool_max_idle_per_host.is_some()),
            ("resolve", !self.resolve.is_empty()),
        ]
        .into_iter()
        .filter_map(|(name, is_set)| is_set.then_some(name))
    }

    /// Rejects settings that exclude each other. `connect_timeout` is `true` if that limit was set.
    pub(super) fn check(&self, connect_timeout: bool) -> Result<(), Error> {
        if self.http.is_some() {
            let without_effect = connect_timeout.then_some("connect_timeout");
            let names: Vec<_> = without_effect.into_iter().chain(self.of_connections()).collect();
            if !names.is_empty() {
                let what = format!("http_client and {} are both set", names.join(", "));
                return Err(Error::new(ErrorKind::Config, what)
                    .advice("set these on the builder of the reqwest::Client"));
            }
        }
        if self.no_proxy && self.proxy.is_some() {
            let what = "proxy and no_proxy are both set";
            return Err(Error::new(ErrorKind::Config, what)
                .advice("remove one of them, or use no_proxy_for to reach some hosts without the proxy"));
        }
        if self.proxy.is_none() && !self.direct.is_empty() {
            let what = "no_proxy_for is set without proxy";
            return Err(Error::new(ErrorKind::Config, what).advice(
                "set proxy, or name the hosts in NO_PROXY, which applies to proxies of the environment",
            ));
        }
        Ok(())
    }

    /// Returns the proxies that requests go through.
    pub(super) fn proxies(&self, plain_http: bool) -> Result<Proxies, Error> {
        if self.http.is_some() || self.script.is_some() {
            // This crate cannot read the proxies of the application's HTTP client, and a script uses no network.
            return Ok(Proxies::of_environment(true, plain_http));
        }
        match &self.proxy {
            Some(proxy) => {
                // In its normal form, because the matcher ignores a proxy that it cannot parse.
                Ok(Proxies::of_builder(proxy_url(proxy)?.as_str(), &self.direct, plain_http))
            }
            None => Ok(Proxies::of_environment(self.no_proxy, plain_http)),
        }
    }

    /// Applies the settings except those of TLS. With `by_proxy`, requests go through the proxy that [`proxies`](Self::proxies)
    /// found.
    pub(super) fn apply(
        &self,
        mut builder: reqwest::ClientBuilder,
        by_proxy: bool,
    ) -> Result<reqwest::ClientBuilder, Error> {
        builder = match &self.proxy {
            _ if !by_proxy => builder.no_proxy(),
            // The hosts without the proxy were excluded before.
            Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy_url(proxy)?).map_err(|_| no_proxy_url())?),
            None => builder,
        };
        if let Some(limit) = self.pool_idle_timeout {
            builder = builder.pool_idle_timeout(limit);
        }
        if let Some(most) = self.pool_max_idle_per_host {
            builder = builder.pool_max_idle_per_host(most);
        }
        for (host, addresses) in &self.resolve {
            builder = builder.resolve_to_addrs(host, addresses);
        }
        Ok(builder)
    }
}

/// Validates the URL of a proxy. Errors do not contain the URL, because it may contain a password.
fn proxy_url(text: &str) -> Result<Url, Error> {
    let url = Url::parse(text.trim()).map_err(|_| no_proxy_url())?;
    // A password with a slash is parsed as a path.
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || url.path().contains('@') {
        return Err(no_proxy_url());
    }
    Ok(url)
}

fn no_proxy_url() -> Error {
    Error::new(ErrorKind::Config, "the proxy is not an http or https URL").advice(
        "use the form http://proxy.example:3128, with a user and a password if the proxy requires them",
    )
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("http_client", &self.http.is_some())
            .field("storage_http_client", &self.storage_http.is_some())
            .field("script", &self.script.is_some())
            .field("no_proxy", &self.no_proxy)
            .field("proxy", &self.proxy.as_deref().map(shown))
            .field("no_proxy_for", &self.direct)
            .field("root_certificates", &self.roots.len())
            .field("identity", &self.identity.as_ref().map(|_| "[identity]"))
            .field("pool_idle_timeout", &self.pool_idle_timeout)
            .field("pool_max_idle_per_host", &self.pool_max_idle_per_host)
            .field("resolve", &self.resolve)
            // The values may be secrets.
            .field("default_headers", &self.headers.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// The setters of connections that both builders have.
macro_rules! network_setters {
    ($builder:ty) => {
        impl $builder {
            /// Sends requests through an HTTP client of the application, with its proxies, certificates, pool, name resolution
            /// and connector.
            ///
            /// The client is used for presigned URLs of uploads as well, unless
            /// [`storage_http_client`](Self::storage_http_client) sets another one.
            ///
            /// # Duties
            ///
            /// Because this crate cannot inspect the client, build the client as follows:
            ///
            /// - `.http1_only()`. With HTTP/2, calls share a connection, so a failure ends all of them, and calls may wait for
            ///   a free stream without a time limit. This crate can detect only with HTTP/1.1 that a request was not sent.
            /// - `.redirect(reqwest::redirect::Policy::none())`. This crate follows safe redirects itself. A client that
            ///   follows others may send the request, and headers with secrets, to another server. If it did, the call fails
            ///   with [`Redirect`](crate::ErrorKind::Redirect) and an ambiguous outcome. This crate detects a redirect by the
            ///   URL of the response. It cannot detect a redirect to the same URL, such as a 303: the client then sends a `GET`
            ///   in place of the request, and the response to that `GET` counts as the response to the call.
            /// - No `.timeout(…)` and no `.read_timeout(…)`, because these end healthy streams and slow calls.
            ///   [`idle_timeout`](Self::idle_timeout) and [`CallOptions::timeout`](crate::CallOptions::timeout) apply
            ///   in any case. Set `.connect_timeout(…)`.
            /// - `.no_proxy()`, or an explicit proxy. By default, the client uses the proxies of the environment, even for
            ///   loopback hosts. A proxy can read the API key in plain http, and this crate cannot reject that here.
            /// - `.no_gzip()`, `.no_brotli()` and `.no_zstd()` if another crate enables these features of reqwest. A client that
            ///   decompresses responses itself hides their expansion, so only
            ///   [`CallOptions::response_limit`](crate::CallOptions::response_limit) bounds them.
            /// - No default `Authorization` header, because public operations and presigned URLs would receive it.
            ///
            /// # What still applies
            ///
            /// Retries, idle and total time limits, and the validation of the host apply. Errors do not contain a proxy.
            /// [`user_agent`](Self::user_agent) and [`default_headers`](Self::default_headers) apply to requests to the
            /// service. [`build`](Self::build) rejects `connect_timeout`, `proxy`, `no_proxy`, `no_proxy_for`,
            /// `add_root_certificate`, `identity`, `resolve` and the settings of the pool, because they would have no effect.
            ///
            /// # Examples
            ///
            /// ```
            /// use std::time::Duration;
            /// use datalinks::DataLinks;
            ///
            /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
            /// let http = reqwest::Client::builder()
            ///     .http1_only()
            ///     .redirect(reqwest::redirect::Policy::none())
            ///     .connect_timeout(Duration::from_secs(10))
            ///     .no_proxy()
            ///     .build()?;
            /// let dl = DataLinks::builder("https://api.datalinks.com/api/v1", "key").http_client(http).build()?;
            /// # let _ = dl;
            /// # Ok(())
            /// # }
            /// ```
            pub fn http_client(mut self, client: reqwest::Client) -> Self {
                self.settings.network.http = Some(client);
                self
            }

            /// Sends the parts of uploads to their presigned URLs through this HTTP client.
            ///
            /// Defaults to the client that [`http_client`](Self::http_client) sets. If that is not set, the default is a client
            /// with the settings of this builder except [`identity`](Self::identity) and
            /// [`default_headers`](Self::default_headers). Requests to presigned URLs never carry the API key. The duties of
            /// `http_client` apply to this client, too.
            pub fn storage_http_client(mut self, client: reqwest::Client) -> Self {
                self.settings.network.storage_http = Some(client);
                self
            }

            /// Sets the proxy for all requests, such as `http://proxy.example:3128`. It replaces the proxies of the environment.
            ///
            /// The URL may contain a user and a password, which are sent to the proxy and never shown. Requests with https are
            /// tunneled (`CONNECT`). The proxy could read requests with plain http, so [`build`](Self::build) rejects a host
            /// with plain http unless [`allow_plain_http_through_proxy`](Self::allow_plain_http_through_proxy) was called.
            /// Requests to loopback hosts do not use the proxy. Requests to presigned URLs do.
            ///
            /// `NO_PROXY` does not apply to this proxy, see [`no_proxy_for`](Self::no_proxy_for). For a SOCKS proxy, use
            /// [`http_client`](Self::http_client).
            pub fn proxy(mut self, url: impl Into<String>) -> Self {
                self.settings.network.proxy = Some(url.into());
                self
            }

            /// Adds hosts to which requests are sent without the proxy that [`proxy`](Self::proxy) sets.
            ///
            /// Each entry is a host, a domain with all its subdomains (`example.com` or `.example.com`), an IP address,
            /// or a block of addresses (`10.0.0.0/8`).
            pub fn no_proxy_for<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
                self.settings.network.direct.extend(hosts.into_iter().map(Into::into));
                self
            }

            /// Adds a certificate authority to those of the platform, for example a private one or that of a proxy that
            /// inspects traffic. Can be called several times.
            ///
            /// `pem_or_der` is the content of a file with one certificate in DER, or with one or more in PEM. The certificates
            /// also apply to presigned URLs of uploads and to a proxy with https. [`build`](Self::build) rejects invalid
            /// content.
            #[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
            pub fn add_root_certificate(mut self, pem_or_der: impl AsRef<[u8]>) -> Self {
                self.settings.network.roots.push(bytes::Bytes::copy_from_slice(pem_or_der.as_ref()));
                self
            }

            /// Sets the client certificate for the service (mutual TLS).
            ///
            /// `certificates` is the certificate followed by its intermediate certificates, and `key` the private key in
            /// PKCS #8, both in PEM. The private key is never shown, and the storage of uploads does not receive the
            /// certificate. [`build`](Self::build) rejects invalid content.
            #[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
            pub fn identity(mut self, certificates: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
                let [certificates, key] =
                    [certificates.as_ref(), key.as_ref()].map(bytes::Bytes::copy_from_slice);
                self.settings.network.identity = Some((certificates, key));
                self
            }

            /// Sets the time after which an idle connection is closed. Defaults to 90 seconds, the default of `reqwest`.
            ///
            /// If a server or a load balancer closes connections earlier, some requests find their connection closed. They are
            /// not sent, and are retried on a new connection.
            pub fn pool_idle_timeout(mut self, limit: Duration) -> Self {
                self.settings.network.pool_idle_timeout = Some(limit);
                self
            }

            /// Sets the maximum number of idle connections per host. `0` disables the reuse of connections. Defaults to no
            /// limit.
            pub fn pool_max_idle_per_host(mut self, connections: usize) -> Self {
                self.settings.network.pool_max_idle_per_host = Some(connections);
                self
            }

            /// Sets the addresses of `host`, which is then not resolved by name.
            ///
            /// The setting also applies to presigned URLs of uploads. A port in the URL overrides that of an address. Certificates
            /// are checked for the name. If a proxy is used, the proxy resolves the names of servers, and this setting applies
            /// only to the name of the proxy.
            pub fn resolve(
                mut self,
                host: impl Into<String>,
                addresses: impl IntoIterator<Item = std::net::SocketAddr>,
            ) -> Self {
                self.settings.network.resolve.push((host.into(), addresses.into_iter().collect()));
                self
            }

            /// Sets headers for all requests to the service. Defaults to none.
            ///
            /// [`CallOptions::header`](crate::CallOptions::header) and [`on_request`](Self::on_request) override these headers.
            /// `Authorization`, `Content-Length` and `Transfer-Encoding` are ignored. Values are never shown. Requests to
            /// presigned URLs do not have these headers.
            pub fn default_headers(mut self, headers: http::HeaderMap) -> Self {
                self.settings.network.headers = headers;
                self
            }

            /// Calls `hook` before each request to the service, with an empty map for the headers to add.
            ///
            /// Use it for headers that differ per attempt, such as `traceparent`. During the call of the hook, the span of the
            /// attempt is the current span. The headers override those of [`default_headers`](Self::default_headers) and of
            /// [`CallOptions`](crate::CallOptions). `Authorization`, `Content-Length` and `Transfer-Encoding` are ignored, so the
            /// hook cannot replace the API key. The hook is not called for presigned URLs of uploads.
            ///
            /// The hook runs on the task that sends and should not block. A second call of this method replaces the first hook.
            ///
            /// # Panics
            ///
            /// A panic of the hook propagates to the caller of the API method. The attempt is not sent.
            ///
            /// # Examples
            ///
            /// ```
            /// use datalinks::DataLinks;
            /// use http::HeaderValue;
            ///
            /// # fn main() -> Result<(), datalinks::Error> {
            /// let dl = DataLinks::builder("https://api.datalinks.com/api/v1", "key")
            ///     // With OpenTelemetry, a propagator writes the context of the current span here.
            ///     .on_request(|headers| {
            ///         headers.insert("traceparent", HeaderValue::from_static("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
            ///     })
            ///     .build()?;
            /// # let _ = dl;
            /// # Ok(())
            /// # }
            /// ```
            pub fn on_request(mut self, hook: impl Fn(&mut http::HeaderMap) + Send + Sync + 'static) -> Self {
                self.settings.hook = Some(crate::transport::Hook::new(hook));
                self
            }

            /// Sends requests to a script of responses, for [`testing`](crate::testing).
            pub(crate) fn play(mut self, player: std::sync::Arc<crate::transport::script::Player>) -> Self {
                self.settings.network.script = Some(player);
                self
            }
        }
    };
}
pub(crate) use network_setters;
