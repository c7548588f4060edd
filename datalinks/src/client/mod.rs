//! The clients of the API and of the ingest proxy, and their settings.
//!
//! [`DataLinks`] and [`IngestProxy`] are cheap handles to a connection, which has an address and a transport. Their builders
//! and [`Config`] validate settings before the first request. The calls of the API are methods in the modules of their
//! subjects, such as [`datasets`](crate::datasets).

mod builder;
mod call_options;
pub(crate) mod config;
mod connection;
mod ingest_proxy;
mod ingest_proxy_builder;
mod network;
#[cfg(all(any(feature = "rustls", feature = "rustls-no-provider"), not(feature = "native-tls")))]
mod platform_trust;
mod proxies;
mod request;
#[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
mod tls;

use std::sync::Arc;

use datalinks_gen::{PathSegment, api};
use uuid::Uuid;

pub use builder::DataLinksBuilder;
pub(crate) use call_options::{builder_options, client_of, handle_options};
pub use config::Config;
#[cfg(test)]
pub(crate) use connection::Settings;
pub(crate) use connection::{Connection, setters};
pub use ingest_proxy::IngestProxy;
pub use ingest_proxy_builder::IngestProxyBuilder;
pub use request::{RawRequest, RawResponse};

pub use crate::transport::{CallOptions, OutgoingRequest, RequestCompression};
pub(crate) use network::network_setters;

use crate::{
    error::Error,
    transport::{Call, RetryPolicy},
};

/// A client of the DataLinks API.
///
/// A client is cheap to clone. All clones share connections, the retry budget and the delay after a 429.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> Result<(), datalinks::Error> {
/// use datalinks::DataLinks;
///
/// let dl = DataLinks::from_env()?;
/// let films = dl.dataset("cinema", "films")?;
/// println!("{} rows", films.info().await?.metadata.row_count);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DataLinks {
    connection: Arc<Connection>,
    options: Arc<CallOptions>,
}

impl DataLinks {
    pub(crate) fn over(connection: Connection) -> Self {
        Self { connection: Arc::new(connection), options: Arc::default() }
    }

    /// Returns a client with these options for its calls. Handles and streams that it creates keep them.
    ///
    /// Options are merged with those of this client, and `options` take precedence. This client does not change.
    /// [`without_options`](Self::without_options) returns a client without options.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use std::time::Duration;
    /// use datalinks::CallOptions;
    ///
    /// let hurried = dl.with_options(CallOptions::new().timeout(Duration::from_secs(5)).max_attempts(1));
    /// let info = hurried.dataset("cinema", "films")?.info().await?;
    /// # let _ = info; Ok(())
    /// # }
    /// ```
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self { connection: Arc::clone(&self.connection), options: Arc::new(self.options.merged(options)) }
    }

    /// Returns a client without the options of [`with_options`](Self::with_options). The settings of the builder apply.
    pub fn without_options(&self) -> Self {
        Self { connection: Arc::clone(&self.connection), options: Arc::default() }
    }

    /// Returns the generated low-level client, which uses the same connections, API key and retries.
    ///
    /// The low-level client is exempt from semantic versioning, because it changes with the OpenAPI document.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), Box<dyn std::error::Error>> {
    /// let namespaces = dl.raw().list_user_namespaces(&datalinks::raw::PathSegment::own()).await?;
    /// # let _ = namespaces; Ok(())
    /// # }
    /// ```
    #[cfg(feature = "raw")]
    pub fn raw(&self) -> api::Client {
        self.generated(crate::transport::call::raw(&self.connection.transport, &self.options))
    }

    /// Returns the URL of the proxy that requests go through, without its user and password. `None` if they are sent directly.
    ///
    /// The proxy of an HTTP client that the application brings is not known.
    pub fn proxy(&self) -> Option<&str> {
        self.connection.transport.proxy.as_ref().map(|proxy| proxy.shown.as_str())
    }

    /// Returns the base URL of the API. It has no credentials.
    pub fn host(&self) -> &str {
        self.connection.address.as_str()
    }

    /// Returns `true` if both clients send to the same host with the same API key.
    pub(crate) fn is_of_same_account(&self, other: &Self) -> bool {
        self.host() == other.host()
            && self.connection.transport.authorization == other.connection.transport.authorization
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Returns the retry policy of the calls.
    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        self.options.policy(&self.connection.transport.policy)
    }

    /// Returns the options of the calls.
    pub(crate) fn options(&self) -> &CallOptions {
        &self.options
    }

    /// Returns a generated client for one call.
    pub(crate) fn call(&self) -> Call<api::Client> {
        self.call_with(&self.options)
    }

    /// Returns a generated client for one call with these options.
    pub(crate) fn call_with(&self, options: &CallOptions) -> Call<api::Client> {
        Call::new(&self.connection.transport, options, |ctx| self.generated(ctx))
    }

    fn generated(&self, ctx: datalinks_gen::Ctx) -> api::Client {
        api::Client::new_with_client(
            self.connection.address.as_str(),
            self.connection.transport.sender.client().clone(),
            ctx,
        )
    }
}

/// Parses an id that is a UUID in the contract. `what` names the id in the error.
pub(crate) fn uuid(what: &str, value: &str) -> Result<Uuid, Error> {
    value.parse().map_err(|error| {
        let message =
            format!("{what} {value:?} is not a UUID: {error}; use the id that the service returned");
        Error::invalid(message).caused_by(error)
    })
}

/// Validates a name for a path. `what` describes the name in the error.
pub(crate) fn segment(what: &str, name: &str) -> Result<PathSegment, Error> {
    PathSegment::new(name).map_err(|error| {
        let message = format!("{what} {name:?} {}", error.reason());
        Error::invalid(message).caused_by(error).advice("nothing was sent; choose another name")
    })
}
