//! Settings of a client of the API.

use std::time::Duration;

use super::{Connection, Settings};
use crate::{Attempt, DataLinks, Error, RetryPolicy};

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
    /// When the host is no URL, is plain http to another machine, or holds credentials; when the key
    /// is empty or cannot be a header value.
    pub fn build(self) -> Result<DataLinks, Error> {
        Connection::open("DL_HOST", &self.host, &self.key, self.settings).map(DataLinks::over)
    }
}

impl std::fmt::Debug for DataLinksBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataLinksBuilder")
            .field("host", &self.host)
            .field("key", &"[key]")
            .field("settings", &self.settings)
            .finish()
    }
}

crate::client::setters!(DataLinksBuilder);
