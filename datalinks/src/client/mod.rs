//! The client of the API.

mod builder;
mod call_options;
pub(crate) mod config;
mod connection;
mod ingest_proxy;
mod ingest_proxy_builder;
mod network;
mod proxies;

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

pub use crate::transport::CallOptions;
pub(crate) use network::network_setters;

use crate::{
    error::Error,
    transport::{Call, RetryPolicy},
};

/// The DataLinks API. Cheap to clone; clones share connections, the retry budget and the pause after
/// a 429.
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

    /// Returns a client whose calls differ by these options. Everything made from it keeps them.
    ///
    /// Options are merged: those that this client has already stay, unless `options` sets them, too. The client that
    /// it is made from stays as it is, and [`without_options`](Self::without_options) returns one without any.
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use std::time::Duration;
    /// use datalinks::CallOptions;
    ///
    /// let hurried = dl.with_options(CallOptions::new().timeout(Duration::from_secs(5)).attempts(1));
    /// let info = hurried.dataset("cinema", "films")?.info().await?;
    /// # let _ = info; Ok(())
    /// # }
    /// ```
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self { connection: Arc::clone(&self.connection), options: Arc::new(self.options.merged(options)) }
    }

    /// Returns a client without the options of [`with_options`](Self::with_options): all calls are as the builder set
    /// them.
    pub fn without_options(&self) -> Self {
        Self { connection: Arc::clone(&self.connection), options: Arc::default() }
    }

    /// The generated low-level client over the same connections, key and retries. It is outside the
    /// promises of semantic versioning: it changes with the OpenAPI document.
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

    /// The base URL of the API.
    pub(crate) fn host(&self) -> &str {
        self.connection.address.as_str()
    }

    /// Whether both clients send to the same host with the same key.
    pub(crate) fn is_of_same_account(&self, other: &Self) -> bool {
        self.host() == other.host()
            && self.connection.transport.authorization == other.connection.transport.authorization
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Returns the retry policy of its calls.
    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        self.options.policy(&self.connection.transport.policy)
    }

    /// The settings of its calls.
    pub(crate) fn options(&self) -> &CallOptions {
        &self.options
    }

    /// A generated client for one call.
    pub(crate) fn call(&self) -> Call<api::Client> {
        self.call_with(&self.options)
    }

    /// A generated client for one call that differs from the others.
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

/// An id that the contract types as UUID, or an error that says which value is not one.
pub(crate) fn uuid(what: &str, value: &str) -> Result<Uuid, Error> {
    value.parse().map_err(|error| {
        let message =
            format!("{what} {value:?} is not a UUID: {error}; use the id that the service returned");
        Error::invalid(message).caused_by(error)
    })
}

/// A name that is safe in a path, or an error that says which name is not.
pub(crate) fn segment(what: &str, name: &str) -> Result<PathSegment, Error> {
    PathSegment::new(name).map_err(|error| {
        let message = format!("{what} {name:?} {}", error.reason());
        Error::invalid(message).caused_by(error).advice("nothing was sent; choose another name")
    })
}
