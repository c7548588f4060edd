//! Settings of a client of the ingest proxy.

use std::time::Duration;

use super::{
    config::{Config, shown},
    connection::{Connection, Settings},
    ingest_proxy::IngestProxy,
};
use crate::{
    error::Error,
    transport::{Attempt, RetryPolicy},
};

/// Creating clients of the ingest proxy.
impl IngestProxy {
    /// A client by the environment: `DL_INGEST_PROXY` and `DL_API_KEY`, and `DL_USERNAME` if set (see
    /// [`Config`]).
    ///
    /// # Errors
    ///
    /// One error names all settings that are missing; others say which is unusable and why.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_config(&Config::from_env()?)
    }

    /// A client by settings read earlier.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_config(config: &Config) -> Result<Self, Error> {
        Self::builder_from(config)?.build()
    }

    /// The builder of a client by settings read earlier, to set more.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn builder_from(config: &Config) -> Result<IngestProxyBuilder, Error> {
        let [host, key] =
            config.require([("DL_INGEST_PROXY", &config.proxy), ("DL_API_KEY", &config.key)])?;
        Ok(Self::builder(host, key).username(config.username().unwrap_or_default()))
    }

    /// A client for the proxy at `host`, a base URL without a prefix, and a key.
    pub fn builder(host: impl Into<String>, key: impl Into<String>) -> IngestProxyBuilder {
        IngestProxyBuilder::new(host.into(), key.into())
    }
}

/// Settings of an [`IngestProxy`]; made by [`IngestProxy::builder`].
#[derive(Clone)]
#[must_use]
pub struct IngestProxyBuilder {
    host: String,
    key: String,
    username: String,
    settings: Settings,
}

impl IngestProxyBuilder {
    pub(super) fn new(host: String, key: String) -> Self {
        Self { host, key, username: String::new(), settings: Settings::default() }
    }

    /// The owner of what runs make (`datalinksUsername`). Default: empty, as the vendor's client sends
    /// it when nothing is set.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = username.into();
        self
    }

    /// Makes the client. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config)
    ///
    /// - if the host is not a URL, contains credentials, or is plain http to another machine, directly or through a
    ///   proxy, unless that is allowed;
    /// - if the key is empty or has a character other than visible ASCII.
    pub fn build(self) -> Result<IngestProxy, Error> {
        let connection = Connection::open("DL_INGEST_PROXY", &self.host, Some(&self.key), self.settings)?;
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
