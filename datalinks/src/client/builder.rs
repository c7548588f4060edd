//! Settings of a client of the API.

use std::time::Duration;

use super::{
    DataLinks,
    config::{Config, shown},
    connection::{Connection, Settings},
};
use crate::{
    error::Error,
    transport::{Attempt, RetryPolicy},
};

/// Creating clients of the API.
impl DataLinks {
    /// A client by the environment: `DL_HOST` and `DL_API_KEY` (see [`Config`]).
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
    pub fn builder_from(config: &Config) -> Result<DataLinksBuilder, Error> {
        let [host, key] = config.require([("DL_HOST", &config.host), ("DL_API_KEY", &config.key)])?;
        Ok(Self::builder(host, key))
    }

    /// A client for the API at `host`, a base URL with its version prefix
    /// (`https://api.datalinks.com/api/v1`), and a key.
    pub fn builder(host: impl Into<String>, key: impl Into<String>) -> DataLinksBuilder {
        DataLinksBuilder::new(host.into(), key.into())
    }
}

/// Settings of a [`DataLinks`]; made by [`DataLinks::builder`].
#[derive(Clone)]
#[must_use]
pub struct DataLinksBuilder {
    host: String,
    /// `None` for a client without a key.
    key: Option<String>,
    settings: Settings,
}

impl DataLinksBuilder {
    pub(super) fn new(host: String, key: String) -> Self {
        Self { host, key: Some(key), settings: Settings::default() }
    }

    /// Makes a client without a key. The key that the builder was made with is dropped.
    ///
    /// The client can call only what the contract declares public: the list of agents ([`DataLinks::agents`]) and their
    /// cards ([`Agent::card`](crate::agents::Agent::card)). Any other call fails with
    /// [`Config`](crate::ErrorKind::Config) before anything is sent.
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

    /// Makes the client. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config)
    ///
    /// - if the host is not a URL, contains credentials, or is plain http to another machine, directly or through a
    ///   proxy, unless that is allowed;
    /// - if the key is empty or has a character other than visible ASCII.
    ///
    /// A client without a key is made by [`without_key`](Self::without_key).
    pub fn build(self) -> Result<DataLinks, Error> {
        Connection::open("DL_HOST", &self.host, self.key.as_deref(), self.settings).map(DataLinks::over)
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
