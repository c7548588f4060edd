//! The builder of clients of the ingest proxy.

use std::time::Duration;

use zeroize::Zeroizing;

use super::{
    config::{Config, shown},
    connection::{Connection, Settings},
    ingest_proxy::IngestProxy,
};
use crate::{
    error::Error,
    transport::{Attempt, RetryPolicy},
};

/// Constructors.
impl IngestProxy {
    /// Creates a client from the environment variables `DL_INGEST_PROXY` and `DL_API_KEY`, and `DL_USERNAME` if it is set, see
    /// [`Config`]. Sends no request.
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
    pub fn builder_from(config: &Config) -> Result<IngestProxyBuilder, Error> {
        let [host, key] =
            config.require([("DL_INGEST_PROXY", config.proxy()), ("DL_API_KEY", config.key())])?;
        Ok(Self::builder(host, key).username(config.username().unwrap_or_default()))
    }

    /// Returns a builder for a client of the ingest proxy at `host`, with an API key.
    ///
    /// `host` is a base URL without a version prefix.
    pub fn builder(host: impl Into<String>, key: impl Into<String>) -> IngestProxyBuilder {
        IngestProxyBuilder::new(host.into(), key.into())
    }
}

/// A builder for an [`IngestProxy`] client, created by [`IngestProxy::builder`].
#[derive(Clone)]
#[must_use]
pub struct IngestProxyBuilder {
    host: String,
    key: Zeroizing<String>,
    username: String,
    settings: Settings,
}

impl IngestProxyBuilder {
    pub(super) fn new(host: String, key: String) -> Self {
        Self { host, key: Zeroizing::new(key), username: String::new(), settings: Settings::default() }
    }

    /// Sets the owner of the datasets that runs create (`datalinksUsername`). Defaults to an empty string, which the vendor's
    /// client sends as well.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = username.into();
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
    pub fn build(self) -> Result<IngestProxy, Error> {
        let setting = "the ingest proxy (DL_INGEST_PROXY)";
        let connection = Connection::open(setting, &self.host, Some(&self.key), self.settings)?;
        Ok(IngestProxy::over(connection, self.username))
    }
}

impl std::fmt::Debug for IngestProxyBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IngestProxyBuilder")
            .field("host", &shown(&self.host))
            .field("key", &"[key]")
            .field("username", &self.username)
            .field("settings", &self.settings)
            .finish()
    }
}

crate::client::setters!(IngestProxyBuilder);
