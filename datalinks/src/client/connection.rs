//! What a client of either service holds: an address and a transport.

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
    network::{Network, Peer},
    proxies::Proxies,
};
use crate::{
    error::{Error, ErrorKind},
    secrets::Redactor,
    transport::{
        CallOptions, Hook, HttpResponse, IdleTimeouts, Observer, RetryPolicy, Sender, Transport, Via,
        without_own,
    },
};

/// Time to make a connection, unless set: as in the vendor's client.
const CONNECT: Duration = Duration::from_secs(30);

/// Name of the client in `User-Agent`, unless set.
const CLIENT: &str = concat!("datalinks-rust/", env!("CARGO_PKG_VERSION"));

/// What both builders set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// `None` for the default.
    pub(crate) connect: Option<Duration>,
    pub(crate) idle: IdleTimeouts,
    pub(crate) retry: RetryPolicy,
    pub(crate) seed: Option<u64>,
    pub(crate) observer: Option<Observer>,
    pub(crate) hook: Option<Hook>,
    pub(crate) network: Network,
    pub(crate) plain_http: bool,
    pub(crate) plain_http_through_proxy: bool,
    /// `None` for the default.
    pub(crate) user_agent: Option<String>,
}

impl Settings {
    pub(crate) fn connect_timeout(&self) -> Duration {
        self.connect.unwrap_or(CONNECT)
    }

    fn user_agent(&self) -> &str {
        self.user_agent.as_deref().unwrap_or(CLIENT)
    }

    /// Rejects limits under which no request could succeed.
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

    /// Returns the HTTP client for `peer`.
    fn http_client(&self, peer: Peer, by_proxy: bool) -> Result<reqwest::Client, Error> {
        let own = match peer {
            Peer::Service => self.network.http.as_ref(),
            Peer::Storage => self.network.storage_http.as_ref().or(self.network.http.as_ref()),
        };
        if let Some(own) = own {
            return Ok(own.clone());
        }
        let builder = http_client(self.connect_timeout(), self.user_agent());
        self.network
            .apply(builder, peer, by_proxy)?
            .build()
            .map_err(|error| Error::new(ErrorKind::Config, "no HTTP client can be made").caused_by(error))
    }

    /// Returns the headers of every request to the service.
    fn headers(&self) -> Result<http::HeaderMap, Error> {
        let mut headers = without_own(self.network.headers.clone());
        headers.values_mut().for_each(|value| value.set_sensitive(true));
        // A client of the application has a name of its own.
        if let Some(name) = self.user_agent.as_ref().filter(|_| self.network.http.is_some()) {
            let name = HeaderValue::from_str(name).map_err(|error| {
                Error::new(ErrorKind::Config, "user_agent cannot be a header").caused_by(error)
            })?;
            headers.insert(USER_AGENT, name);
        }
        Ok(headers)
    }
}

/// What all HTTP clients have in common.
///
/// They follow no redirects: the transport follows those that are safe, and a storage has none.
///
/// They speak HTTP/1.1 only, also where another crate of the application turns on the feature `http2` of reqwest. The
/// transport proves that a request did not leave by the order in which hyper writes an HTTP/1.1 request, see
/// `transport/sending.rs`. On a connection of HTTP/2 that calls share, closing one ends all of them, and a limit of
/// streams would add a queue that no time limit of this crate knows.
fn http_client(connect: Duration, user_agent: &str) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .http1_only()
        .connect_timeout(connect)
        .redirect(redirect::Policy::none())
        .referer(false)
        .user_agent(user_agent)
}

/// An address and how to send there.
pub(crate) struct Connection {
    pub(crate) address: Address,
    pub(crate) transport: Arc<Transport>,
    /// Whether keys and presigned URLs may travel unencrypted.
    pub(crate) plain_http: bool,
    settings: Settings,
    proxies: Proxies,
    /// Clients for presigned URLs, without and with a proxy. Made when the first file is uploaded.
    storage: [OnceLock<Sender>; 2],
}

impl Connection {
    /// Checks the settings; sends nothing. `setting` names the address in errors. Without a key, only what is public
    /// can be called.
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
        // Redirects stay on the origin, so that the route is the same for all requests.
        let http = settings.http_client(Peer::Service, proxy.is_some())?;
        let rng = settings.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        let transport = Transport {
            sender: Sender::new(http, settings.network.script.clone()),
            redactor: key.map_or_else(Redactor::default, |key| Redactor::new(key.trim())),
            proxy: proxy.map(Arc::from),
            authorization,
            policy: settings.retry.clone(),
            idle: settings.idle,
            observer: settings.observer.clone(),
            headers: settings.headers()?,
            hook: settings.hook.clone(),
            rng: Mutex::new(rng),
            budget: Default::default(),
            throttle: Default::default(),
        };
        Ok(Self {
            address,
            transport: Arc::new(transport),
            plain_http: settings.plain_http,
            settings,
            proxies,
            storage: Default::default(),
        })
    }
}

impl Connection {
    /// A client for the presigned URL `url`, which errors call `what`, and the proxy on the way. It has no key to send
    /// and follows no redirect.
    pub(crate) fn storage(&self, what: &str, url: &Url) -> Result<(Sender, Option<Via>), Error> {
        // Proxies of the application's own client are not known.
        let proxy = match self.settings.network.storage_http {
            Some(_) => None,
            None => self.proxies.route(what, url)?,
        };
        let storage = &self.storage[usize::from(proxy.is_some())];
        if let Some(http) = storage.get() {
            return Ok((http.clone(), proxy));
        }
        let http = self.settings.http_client(Peer::Storage, proxy.is_some())?;
        let sender = Sender::new(http, self.settings.network.script.clone());
        Ok((storage.get_or_init(|| sender).clone(), proxy))
    }

    /// Sends a JSON body that is encoded already.
    pub(crate) async fn send_json(
        &self,
        operation: &'static Operation,
        url: Url,
        body: Bytes,
        options: &CallOptions,
    ) -> Result<HttpResponse, Error> {
        self.send(operation, url, "application/json", body, options).await
    }

    /// Sends a JSON body that is encoded already, and asks for a response of the media type `accept`.
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
        self.transport.execute(operation, request, options).await
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
            /// Sets the longest time to make a connection, name resolution and TLS included. Zero is rejected when the
            /// client is made. Defaults to 30 seconds.
            ///
            /// All limits are listed in [time limits](crate::guide::connecting#time-limits).
            pub fn connect_timeout(mut self, limit: Duration) -> Self {
                self.settings.connect = Some(limit);
                self
            }

            /// Sets the longest time without progress: while the body of a request is sent, until the response begins,
            /// and between two chunks of it. Keep-alives of a stream reset it. It does not run while a connection is
            /// made, nor while a stream is not polled.
            ///
            /// The value holds for all calls. Zero is rejected when the client is made. Defaults to 60 seconds for calls
            /// that read or change a few records, and to 600 seconds for all others, see
            /// [time limits](crate::guide::connecting#time-limits).
            pub fn idle_timeout(mut self, limit: Duration) -> Self {
                self.settings.idle = crate::transport::IdleTimeouts::all(limit);
                self
            }

            /// When requests are repeated. Default: [`RetryPolicy::default`].
            pub fn retry(mut self, policy: RetryPolicy) -> Self {
                self.settings.retry = policy;
                self
            }

            /// Draws the jitter of pauses from this seed, so that a run can be repeated exactly.
            pub fn jitter_seed(mut self, seed: u64) -> Self {
                self.settings.seed = Some(seed);
                self
            }

            /// Calls `observer` after each request, on the task that made it. It should not block.
            pub fn on_attempt(mut self, observer: impl Fn(&Attempt) + Send + Sync + 'static) -> Self {
                self.settings.observer = Some(crate::transport::Observer::new(observer));
                self
            }

            /// Allows plain http to a host that is not this machine. The key travels unencrypted then.
            pub fn allow_plain_http(mut self) -> Self {
                self.settings.plain_http = true;
                self
            }

            /// Ignores the proxies of the environment (`HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`).
            ///
            /// By default they are used as the environment says, `NO_PROXY` included, except for loopback hosts,
            /// which no proxy can reach. Errors name the proxy, without its password. [`proxy`](Self::proxy) sets a
            /// proxy explicitly.
            pub fn no_proxy(mut self) -> Self {
                self.settings.network.no_proxy = true;
                self
            }

            /// Allows plain http through a proxy. The proxy can read the key then, and everything
            /// else that is sent. By default such a client cannot be made.
            pub fn allow_plain_http_through_proxy(mut self) -> Self {
                self.settings.plain_http_through_proxy = true;
                self
            }

            /// Sets the name in the `User-Agent` header. Defaults to `datalinks-rust/` and the version, or, with
            /// [`http_client`](Self::http_client), to what that client sends.
            pub fn user_agent(mut self, name: impl Into<String>) -> Self {
                self.settings.user_agent = Some(name.into());
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

    /// HTTP/2 was off, and appeared when another crate turned on the feature of reqwest.
    #[test]
    fn clients_speak_http_1_only() {
        let builder = format!("{:?}", http_client(CONNECT, "test"));
        assert!(builder.contains("http1_only: true"), "{builder}");
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
