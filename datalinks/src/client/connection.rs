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
    header::{ACCEPT, CONTENT_TYPE},
};
use reqwest::{Url, redirect};

use crate::{
    CallOptions, Error, ErrorKind, RetryPolicy,
    config::{self, Address},
    transport::{Answer, Observer, Transport, same_origin_only},
};

/// Time to make a connection, unless set: as in the vendor's client.
const CONNECT: Duration = Duration::from_secs(30);
/// Longest silence of a server, unless set: as the read limit of the vendor's client.
const IDLE: Duration = Duration::from_secs(600);

/// What both builders set.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) connect: Duration,
    pub(crate) idle: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) seed: Option<u64>,
    pub(crate) observer: Option<Observer>,
    pub(crate) plain_http: bool,
    pub(crate) user_agent: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect: CONNECT,
            idle: IDLE,
            retry: RetryPolicy::default(),
            seed: None,
            observer: None,
            plain_http: false,
            user_agent: concat!("datalinks-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// An address and how to send there.
pub(crate) struct Connection {
    pub(crate) address: Address,
    pub(crate) transport: Arc<Transport>,
    /// Whether keys and presigned URLs may travel unencrypted.
    pub(crate) plain_http: bool,
    connect: Duration,
    user_agent: String,
    /// Made when the first file is uploaded.
    storage: OnceLock<reqwest::Client>,
}

impl Connection {
    /// Checks the settings; sends nothing. `setting` names the address in errors.
    pub(crate) fn open(setting: &str, host: &str, key: &str, settings: Settings) -> Result<Self, Error> {
        let address = Address::new(setting, host, settings.plain_http)?;
        let authorization = config::authorization(key)?;
        let http = reqwest::Client::builder()
            .connect_timeout(settings.connect)
            .redirect(same_origin_only())
            .referer(false)
            .user_agent(&settings.user_agent)
            .build()
            .map_err(|error| Error::new(ErrorKind::Config, "no HTTP client can be made").caused_by(error))?;
        let dice = settings.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        let transport = Transport {
            http,
            authorization,
            policy: settings.retry,
            idle: settings.idle,
            observer: settings.observer,
            dice: Mutex::new(dice),
            budget: Default::default(),
            pause: Default::default(),
        };
        Ok(Self {
            address,
            transport: Arc::new(transport),
            plain_http: settings.plain_http,
            connect: settings.connect,
            user_agent: settings.user_agent,
            storage: OnceLock::new(),
        })
    }
}

impl Connection {
    /// A client for presigned URLs. It has no key to send, and follows nobody anywhere.
    pub(crate) fn storage(&self) -> Result<reqwest::Client, Error> {
        if let Some(http) = self.storage.get() {
            return Ok(http.clone());
        }
        let http = reqwest::Client::builder()
            .connect_timeout(self.connect)
            .redirect(redirect::Policy::none())
            .referer(false)
            .user_agent(&self.user_agent)
            .build()
            .map_err(|error| Error::new(ErrorKind::Config, "no HTTP client can be made").caused_by(error))?;
        Ok(self.storage.get_or_init(|| http).clone())
    }

    /// Sends a JSON body that is encoded already.
    pub(crate) async fn send_json(
        &self,
        operation: &'static Operation,
        url: Url,
        body: Bytes,
        options: &CallOptions,
    ) -> Result<Answer, Error> {
        let json = HeaderValue::from_static("application/json");
        let mut request = reqwest::Request::new(Method::POST, url);
        request.headers_mut().insert(ACCEPT, json.clone());
        request.headers_mut().insert(CONTENT_TYPE, json);
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
            /// Time to make a connection. Default 30 s.
            pub fn connect_timeout(mut self, limit: Duration) -> Self {
                self.settings.connect = limit;
                self
            }

            /// Longest silence of the server: until its answer begins, and between two parts of it.
            /// Keep-alives of a stream reset it; time in which nobody waits for the stream does not
            /// count. Default 600 s.
            pub fn idle_timeout(mut self, limit: Duration) -> Self {
                self.settings.idle = limit;
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

            /// What the client calls itself. Default `datalinks-rust/` and the version.
            pub fn user_agent(mut self, name: impl Into<String>) -> Self {
                self.settings.user_agent = name.into();
                self
            }
        }
    };
}
pub(crate) use setters;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_defaults() {
        let settings = Settings::default();
        assert_eq!(settings.connect, Duration::from_secs(30));
        assert_eq!(settings.idle, Duration::from_secs(600));
        assert!(!settings.plain_http);
        assert!(settings.user_agent.starts_with("datalinks-rust/"));
    }
}
