//! Settings of a client of the API.

use std::time::Duration;

use super::{Connection, Settings};
use crate::{Attempt, DataLinks, Error, RetryPolicy, config::shown};

/// Settings of a [`DataLinks`]; made by [`DataLinks::builder`].
#[derive(Clone)]
#[must_use]
pub struct DataLinksBuilder {
    host: String,
    key: String,
    settings: Settings,
}

impl DataLinksBuilder {
    pub(super) fn new(host: String, key: String) -> Self {
        Self { host, key, settings: Settings::default() }
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
    pub fn build(self) -> Result<DataLinks, Error> {
        Connection::open("DL_HOST", &self.host, &self.key, self.settings).map(DataLinks::over)
    }
}

impl std::fmt::Debug for DataLinksBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataLinksBuilder")
            .field("host", &shown(&self.host))
            .field("key", &"[key]")
            .field("settings", &self.settings)
            .finish()
    }
}

crate::client::setters!(DataLinksBuilder);
