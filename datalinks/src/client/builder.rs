//! The builder of clients of the API.

use std::time::Duration;

use zeroize::Zeroizing;

use super::{
    DataLinks,
    config::{Config, shown},
    connection::{Connection, Settings},
};
use crate::{
    error::Error,
    transport::{Attempt, RetryPolicy},
};

/// Constructors.
impl DataLinks {
    /// Creates a client from the environment variables `DL_HOST` and `DL_API_KEY`, see [`Config`]. Sends no request.
    ///
    /// # Errors
    ///
    /// - [`Config`](crate::ErrorKind::Config) if a setting is missing or invalid. One error names all settings that are missing.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_config(&Config::from_env()?)
    }

    /// Creates a client from settings that were read before.
    ///
    /// # Errors
    ///
    /// - [`Config`](crate::ErrorKind::Config) if a setting is missing or invalid. One error names all settings that are missing.
    pub fn from_config(config: &Config) -> Result<Self, Error> {
        Self::builder_from(config)?.build()
    }

    /// Returns a builder with the host and the API key of settings that were read before.
    ///
    /// # Errors
    ///
    /// - [`Config`](crate::ErrorKind::Config) if a setting is missing. One error names all settings that are missing.
    pub fn builder_from(config: &Config) -> Result<DataLinksBuilder, Error> {
        let [host, key] =
            config.require([("DL_HOST", config.host.as_deref()), ("DL_API_KEY", config.key())])?;
        Ok(Self::builder(host, key))
    }

    /// Returns a builder for a client of the API at `host`, with an API key.
    ///
    /// `host` is a base URL with the version prefix, such as `https://api.datalinks.com/api/v1`.
    pub fn builder(host: impl Into<String>, key: impl Into<String>) -> DataLinksBuilder {
        DataLinksBuilder::new(host.into(), key.into())
    }
}

/// A builder for a [`DataLinks`] client, created by [`DataLinks::builder`].
#[derive(Clone)]
#[must_use]
pub struct DataLinksBuilder {
    host: String,
    /// The API key, or `None` for a client without one.
    key: Option<Zeroizing<String>>,
    settings: Settings,
}

impl DataLinksBuilder {
    pub(super) fn new(host: String, key: String) -> Self {
        Self { host, key: Some(Zeroizing::new(key)), settings: Settings::default() }
    }

    /// Removes the API key, so that the client sends requests without one.
    ///
    /// Such a client can call only the operations that the contract declares public: the list of agents
    /// ([`DataLinks::agents`]) and their cards ([`Agent::card`](crate::agents::Agent::card)). All other calls fail with
    /// [`Config`](crate::ErrorKind::Config) before a request is sent.
    ///
    /// # Examples
    ///
    /// ```
    /// # use datalinks_emulator::Emulator;
    /// use datalinks::{DataLinks, ErrorKind};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start().await?;
    /// # let host = emulator.api_url();
    /// let dl = DataLinks::builder(host, "").without_key().build()?;
    /// for agent in &*dl.agents().await? {
    ///     println!("{}", agent.name);
    /// }
    /// assert_eq!(dl.current_user().await.unwrap_err().kind(), ErrorKind::Config);
    /// # Ok(())
    /// # }
    /// ```
    pub fn without_key(mut self) -> Self {
        self.key = None;
        self
    }

    /// Creates the client. Sends no request.
    ///
    /// For an https host, this method reads the certificates of the platform, unless a client did so within the last hour. On
    /// most systems, that blocks the thread for some milliseconds.
    ///
    /// # Errors
    ///
    /// Returns an error of kind [`Config`](crate::ErrorKind::Config) if
    ///
    /// - the host is not an http or https URL, or contains credentials, a query or a fragment,
    /// - the host is plain http on another machine and [`allow_plain_http`](Self::allow_plain_http) was not called,
    /// - a proxy would receive plain http and
    ///   [`allow_plain_http_through_proxy`](Self::allow_plain_http_through_proxy) was not called,
    /// - the API key is empty or contains a character other than visible ASCII,
    /// - a time limit is zero, a proxy, a certificate or an identity is invalid, or settings exclude each other,
    /// - the host or the proxy is https, and the certificates of the platform cannot be read.
    ///
    /// To create a client without an API key, call [`without_key`](Self::without_key).
    pub fn build(self) -> Result<DataLinks, Error> {
        let key = self.key.as_ref().map(|key| key.as_str());
        Connection::open("the host (DL_HOST)", &self.host, key, self.settings).map(DataLinks::over)
    }
}

impl std::fmt::Debug for DataLinksBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataLinksBuilder")
            .field("host", &shown(&self.host))
            .field("key", &self.key.as_ref().map(|_| "[key]"))
            .field("settings", &self.settings)
            .finish()
    }
}

crate::client::setters!(DataLinksBuilder);
