//! Settings of a client of the ingest proxy.

use std::time::Duration;

use super::{
    config::shown,
    connection::{Connection, Settings},
    ingest_proxy::IngestProxy,
};
use crate::{
    error::Error,
    transport::{Attempt, RetryPolicy},
};

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
