//! The connection of a client: an address, a transport, and the settings that both builders have.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use datalinks_gen::Operation;
use http::{
    HeaderValue, Method,
    header::{ACCEPT, CONTENT_TYPE, USER_AGENT},
};
use reqwest::{Url, redirect};

use super::{
    config::{self, Address},
    network::{Network, Peer, Route},
    proxies::Proxies,
};
use crate::{
    error::{Error, ErrorKind},
    platform::random,
    secrets::Redactor,
    transport::{
        CallOptions, Hook, HttpResponse, IdleTimeouts, Observer, RequestCompression, ResponseObserver,
        RetryPolicy, SendObserver, Sender, Transport, Via, without_own,
    },
};

/// Default connect limit.
const CONNECT: Duration = Duration::from_secs(30);

/// Default of `User-Agent`.
const CLIENT: &str = concat!("datalinks-rust/", env!("CARGO_PKG_VERSION"));

/// The settings that both builders have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Connect limit, or `None` for the default.
    pub(crate) connect: Option<Duration>,
    pub(crate) idle: IdleTimeouts,
    pub(crate) retry: RetryPolicy,
    pub(crate) seed: Option<u64>,
    pub(crate) observer: Option<Observer>,
    pub(crate) send_observer: Option<SendObserver>,
    pub(crate) response_observer: Option<ResponseObserver>,
    pub(crate) hook: Option<Hook>,
    pub(crate) network: Network,
    pub(crate) plain_http: bool,
    pub(crate) plain_http_through_proxy: bool,
    /// `User-Agent`, or `None` for the default.
    pub(crate) user_agent: Option<String>,
    /// The compression of request bodies, or `None` to send them as they are.
    pub(crate) compression: Option<RequestCompression>,
}

impl Settings {
    pub(crate) fn connect_timeout(&self) -> Duration {
        self.connect.unwrap_or(CONNECT)
    }

    fn user_agent(&self) -> &str {
        self.user_agent.as_deref().unwrap_or(CLIENT)
    }

    /// Validates limits and the settings of the network. A limit of zero would let no request succeed.
    fn check(&self) -> Result<(), Error> {
        let limits = [("connect_timeout", self.connect), ("idle_timeout", self.idle.set())];
        match limits.into_iter().find(|(_, limit)| *limit == Some(Duration::ZERO)) {
            Some((name, _)) => {
                let what = format!("{name} is 0 s: no request could succeed");
                Err(Error::new(ErrorKind::Config, what).advice("set a longer limit, or leave the default"))
            }
            None => self.network.check(self.connect.is_some()),
        }
    }

    /// Returns the HTTP client of the application for `peer`, if it set one.
    fn own_client(&self, peer: Peer) -> Option<&reqwest::Client> {
        match peer {
            Peer::Service => self.network.http.as_ref(),
            Peer::Storage => self.network.storage_http.as_ref().or(self.network.http.as_ref()),
        }
    }

    /// Returns an HTTP client that sends to `peer` by `route`.
    ///
    /// # Blocking
    ///
    /// Reads the certificates of the platform if the route uses TLS and no other client has read them.
    fn http_client(&self, peer: Peer, route: Route) -> Result<reqwest::Client, Error> {
        if let Some(own) = self.own_client(peer) {
            return Ok(own.clone());
        }
        let builder = http_client(self.connect_timeout(), self.user_agent());
        let builder = self.network.apply(builder, route.by_proxy)?;
        #[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
        let builder = super::tls::apply(&self.network, builder, peer, self.reads_certificates(peer, route))?;
        builder.build().map_err(|error| {
            let error = uncreated(error);
            // The bytes of a certificate in DER are read when the client is created.
            if self.network.roots.is_empty() { error } else { error.advice(CHECK_CERTIFICATES) }
        })
    }

    /// Returns `true` if an HTTP client that sends to `peer` by `route` needs the certificates of the platform. A script gets
    /// all requests, so that nothing is sent over TLS.
    fn reads_certificates(&self, peer: Peer, route: Route) -> bool {
        route.uses_tls && self.own_client(peer).is_none() && self.network.script.is_none()
    }

    /// Returns a sender to `peer` by `route`.
    fn sender(&self, peer: Peer, route: Route) -> Result<Sender, Error> {
        Ok(Sender::new(self.http_client(peer, route)?, self.network.script.clone()))
    }

    /// Returns `true` if HTTP clients for the service and for the storage have the same settings.
    fn are_peers_alike(&self) -> bool {
        self.network.storage_http.is_none() && self.network.identity.is_none()
    }

    /// Returns the headers of every request to the service.
    fn headers(&self) -> Result<http::HeaderMap, Error> {
        let mut headers = without_own(self.network.headers.clone());
        headers.values_mut().for_each(|value| value.set_sensitive(true));
        // An HTTP client of the application sends its own name, which the setting overrides.
        if let Some(name) = self.user_agent.as_ref().filter(|_| self.network.http.is_some()) {
            let name = HeaderValue::from_str(name).map_err(|error| {
                Error::new(ErrorKind::Config, "user_agent is not valid in an HTTP header").caused_by(error)
            })?;
            headers.insert(USER_AGENT, name);
        }
        Ok(headers)
    }
}

/// Advice for an HTTP client with certificates of the application that cannot be created.
const CHECK_CERTIFICATES: &str =
    "check what was passed to add_root_certificate: the content of a file with certificates, in PEM or DER";

/// Returns the error for an HTTP client that cannot be created.
fn uncreated(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Config, "the HTTP client cannot be created").caused_by_boxed(error.into())
}

/// Returns the builder with the settings that all HTTP clients have.
///
/// Redirects are not followed here. The transport follows those that are safe, and presigned URLs have none.
///
/// HTTP clients speak HTTP/1.1 only, even if another crate of the application enables the feature `http2` of reqwest. The
/// transport detects that a request was not sent by the order in which hyper writes an HTTP/1.1 request, see
/// `transport/sending.rs`. With HTTP/2, calls would share a connection, whose failure ends all of them, and a limit on streams
/// would add a queue that no time limit of this crate covers.
///
/// They decompress nothing, even if another crate enables such a feature of reqwest. The transport decompresses responses of the
/// service, with limits, and storages send bytes as they are.
fn http_client(connect: Duration, user_agent: &str) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .http1_only()
        .connect_timeout(connect)
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_brotli()
        .no_deflate()
        .no_gzip()
        .no_zstd()
        .user_agent(user_agent)
}

/// An address, and a transport that sends to it.
pub(crate) struct Connection {
    pub(crate) address: Address,
    pub(crate) transport: Arc<Transport>,
    /// API keys and presigned URLs may be sent unencrypted.
    pub(crate) plain_http: bool,
    settings: Settings,
    proxies: Proxies,
    /// HTTP clients for presigned URLs, by [`Route::index`]. Created when the first file is uploaded.
    storage: [OnceLock<Sender>; Route::COUNT],
}

impl Connection {
    /// Validates the settings, and creates a connection. Sends no request.
    ///
    /// `setting` is the name of the address in errors. Without a key, the connection can call only public operations.
    pub(crate) fn open(
        setting: &str,
        host: &str,
        key: Option<&str>,
        settings: Settings,
    ) -> Result<Self, Error> {
        let address = Address::new(setting, host, settings.plain_http)?;
        let authorization = key.map(config::authorization).transpose()?;
        settings.check()?;
        let proxies = settings.network.proxies(settings.plain_http_through_proxy)?;
        let proxy = proxies.route(setting, address.url())?;
        let route = Route::new(address.url(), proxy.as_ref());
        // This is where the certificates of the platform are read, before the first request: the function is not async, and
        // an application sees invalid settings here.
        let sender = settings.sender(Peer::Service, route)?;
        let storage: [OnceLock<Sender>; Route::COUNT] = Default::default();
        if settings.are_peers_alike() {
            // Uploads share the connections and the certificates.
            let _ = storage[route.index()].set(sender.clone());
        }
        let rng = random::rng(settings.seed);
        let transport = Transport {
            sender,
            redactor: key.map_or_else(Redactor::default, |key| Redactor::new(key.trim())),
            proxy: proxy.map(Arc::from),
            authorization,
            compression: settings.compression.clone(),
            policy: settings.retry.clone(),
            idle: settings.idle,
            observer: settings.observer.clone(),
            send_observer: settings.send_observer.clone(),
            response_observer: settings.response_observer.clone(),
            headers: settings.headers()?,
            hook: settings.hook.clone(),
            rng: Mutex::new(rng),
            budget: Default::default(),
            throttle: Default::default(),
            urls: Default::default(),
        };
        Ok(Self {
            address,
            transport: Arc::new(transport),
            plain_http: settings.plain_http,
            settings,
            proxies,
            storage,
        })
    }
}

impl Connection {
    /// Returns the sender for a presigned URL, and the proxy in between. The sender has no API key and follows no redirect.
    ///
    /// `what` is the name of the URL in errors.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub(crate) async fn storage(&self, what: &str, url: &Url) -> Result<(Sender, Option<Via>), Error> {
        // This crate cannot read the proxies of the application's HTTP client.
        let proxy = match self.settings.network.storage_http {
            Some(_) => None,
            None => self.proxies.route(what, url)?,
        };
        let route = Route::new(url, proxy.as_ref());
        let storage = &self.storage[route.index()];
        if let Some(sender) = storage.get() {
            return Ok((sender.clone(), proxy));
        }
        let sender = if self.settings.reads_certificates(Peer::Storage, route) {
            // The certificates of the platform are read, which would block a thread of the runtime for milliseconds. If the
            // caller goes away, the thread finishes reading, and other clients use the result.
            let settings = self.settings.clone();
            let created = tokio::task::spawn_blocking(move || settings.sender(Peer::Storage, route)).await;
            created.map_err(uncreated)??
        } else {
            self.settings.sender(Peer::Storage, route)?
        };
        Ok((storage.get_or_init(|| sender).clone(), proxy))
    }

    /// Sends an encoded JSON body.
    pub(crate) async fn send_json(
        &self,
        operation: &'static Operation,
        url: Url,
        body: Bytes,
        options: &CallOptions,
    ) -> Result<HttpResponse, Error> {
        self.send(operation, url, "application/json", body, options).await
    }

    /// Sends an encoded JSON body, and requests a response of the media type `accept`.
    pub(crate) async fn send(
        &self,
        operation: &'static Operation,
        url: Url,
        accept: &'static str,
        body: Bytes,
        options: &CallOptions,
    ) -> Result<HttpResponse, Error> {
        let mut request = reqwest::Request::new(Method::POST, url);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static(accept));
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(body.into());
        self.transport.execute(operation, &mut request, options).await
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("address", &self.address.as_str()).finish_non_exhaustive()
    }
}

/// The setters that both builders have.
macro_rules! setters {
    ($builder:ty) => {
        impl $builder {
            /// Sets the time limit for making a connection, including name resolution and TLS. Defaults to 30 seconds.
            ///
            /// [`build`](Self::build) rejects zero. All limits are listed in
            /// [time limits](crate::guide::connecting#time-limits).
            pub fn connect_timeout(mut self, limit: Duration) -> Self {
                self.settings.connect = Some(limit);
                self
            }

            /// Sets the idle limit: the longest time without progress while the body of a request is sent, until the response
            /// begins, and between two chunks of the response.
            ///
            /// Keep-alives of a stream reset the limit. Time in which a connection is made or a stream is not polled does not
            /// count. The value applies to all calls, and [`build`](Self::build) rejects zero. Defaults to 60 seconds for calls
            /// that read or change a few records, and to 600 seconds for all others, see
            /// [time limits](crate::guide::connecting#time-limits).
            pub fn idle_timeout(mut self, limit: Duration) -> Self {
                self.settings.idle = crate::transport::IdleTimeouts::all(limit);
                self
            }

            /// Sets the retry policy. Defaults to [`RetryPolicy::default`].
            pub fn retry(mut self, policy: RetryPolicy) -> Self {
                self.settings.retry = policy;
                self
            }

            /// Sets the seed for the jitter of delays, so that a test can reproduce them. Defaults to a random seed.
            pub fn jitter_seed(mut self, seed: u64) -> Self {
                self.settings.seed = Some(seed);
                self
            }

            /// Calls `observer` after each request, on the task that sent the request. The observer should not block.
            pub fn on_attempt(mut self, observer: impl Fn(&Attempt) + Send + Sync + 'static) -> Self {
                self.settings.observer = Some(crate::transport::Observer::new(observer));
                self
            }

            /// Calls `observer` before each request, on the task that sends it. The observer should not block.
            ///
            /// The request has the headers of [`on_request`](Self::on_request), and no secrets, see
            /// [`OutgoingRequest`](crate::client::OutgoingRequest). Parts of files that are sent to presigned URLs are observed,
            /// too. [`on_attempt`](Self::on_attempt) observes the end of each request.
            pub fn on_send(
                mut self,
                observer: impl Fn(&crate::transport::OutgoingRequest<'_>) + Send + Sync + 'static,
            ) -> Self {
                self.settings.send_observer = Some(crate::transport::SendObserver::new(observer));
                self
            }

            /// Passes each response to `observer`, as it was received.
            pub(crate) fn on_response(mut self, observer: crate::transport::ResponseObserver) -> Self {
                self.settings.response_observer = Some(observer);
                self
            }

            /// Allows plain http to a host on another machine. The API key is then sent unencrypted.
            ///
            /// By default, [`build`](Self::build) rejects such a host.
            pub fn allow_plain_http(mut self) -> Self {
                self.settings.plain_http = true;
                self
            }

            /// Ignores the proxies of the environment (`HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`).
            ///
            /// By default, the client uses them, follows `NO_PROXY`, and sends to loopback hosts directly. Errors contain the
            /// URL of the proxy without its password. To set a proxy explicitly, call [`proxy`](Self::proxy).
            pub fn no_proxy(mut self) -> Self {
                self.settings.network.no_proxy = true;
                self
            }

            /// Allows plain http through a proxy. The proxy can then read all requests, including the API key.
            ///
            /// By default, [`build`](Self::build) rejects this combination.
            pub fn allow_plain_http_through_proxy(mut self) -> Self {
                self.settings.plain_http_through_proxy = true;
                self
            }

            /// Sets the `User-Agent` header. Defaults to `datalinks-rust/` and the version of this crate, or, with
            /// [`http_client`](Self::http_client), to the header of that client.
            pub fn user_agent(mut self, name: impl Into<String>) -> Self {
                self.settings.user_agent = Some(name.into());
                self
            }

            /// Compresses the bodies of requests. Defaults to no compression.
            ///
            /// The service does not document whether it takes compressed bodies, so this is for servers of which you know that
            /// they do. A server that does not may reject them with 415, which is an error, or misread them. Nothing is sent a
            /// second time without compression. The emulator takes all codings that it is compiled with.
            ///
            /// Bodies below [`min_size`](crate::client::RequestCompression::min_size), and those that would not become
            /// smaller, are sent as they are. Retries send the same compressed bytes. Limits on bodies, such as
            /// [`max_batch_bytes`](crate::ingest::Ingest::max_batch_bytes), count bytes before compression. Parts of uploads
            /// are never compressed.
            ///
            /// See also [compression](crate::guide::connecting#compression).
            pub fn compress_requests(mut self, compression: crate::client::RequestCompression) -> Self {
                self.settings.compression = Some(compression);
                self
            }
        }

        crate::client::network_setters!($builder);
    };
}
pub(crate) use setters;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_defaults() {
        let settings = Settings::default();
        assert_eq!(settings.connect_timeout(), Duration::from_secs(30));
        assert_eq!(settings.idle.set(), None);
        assert_eq!(settings.idle.of("getCurrentUser"), Duration::from_secs(60));
        assert_eq!(settings.idle.of("ingestData"), Duration::from_secs(600));
        assert!(!settings.plain_http && !settings.plain_http_through_proxy);
        assert!(!settings.network.no_proxy && settings.network.proxy.is_none());
        assert!(settings.user_agent().starts_with("datalinks-rust/"));
    }

    /// HTTP/2 was used if another crate enabled the feature of reqwest.
    #[test]
    fn clients_speak_http_1_only() {
        let builder = format!("{:?}", http_client(CONNECT, "test"));
        assert!(builder.contains("http1_only: true"), "{builder}");
    }

    /// Errors said that `DL_HOST` is not a URL, also to callers who had passed a host to the builder.
    #[test]
    fn invalid_host_is_named_with_its_variable() {
        let named = |host: &str, name: &str| {
            let builder = crate::client::DataLinks::builder(host, "k");
            let proxy = crate::client::IngestProxy::builder(host, "k");
            let errors = [builder.build().map(drop).unwrap_err(), proxy.build().map(drop).unwrap_err()];
            for (error, setting) in
                errors.iter().zip(["the host (DL_HOST)", "the ingest proxy (DL_INGEST_PROXY)"])
            {
                assert_eq!(error.kind(), ErrorKind::Config);
                assert!(error.message().starts_with(&format!("{setting} {name}")), "{error}");
            }
        };
        named("example.com", "is not a URL");
        named("http://example.com", "is plain http");
    }

    #[test]
    fn limits_of_zero_are_rejected() {
        let builder = || crate::client::DataLinks::builder("http://127.0.0.1:9/api/v1", "k");
        for (builder, name) in [
            (builder().connect_timeout(Duration::ZERO), "connect_timeout"),
            (builder().idle_timeout(Duration::ZERO), "idle_timeout"),
        ] {
            let error = builder.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(name), "{error}");
        }
        builder().connect_timeout(Duration::MAX).idle_timeout(Duration::MAX).build().unwrap();
    }
}
