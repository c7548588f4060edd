//! What one call may do differently from its client.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{Error, RetryPolicy};

/// Settings of calls, over those of their client
/// ([`DataLinks::with_options`](crate::DataLinks::with_options)). Unset means: as the client does.
///
/// ```
/// use std::time::Duration;
/// use datalinks::CallOptions;
///
/// # fn main() -> Result<(), datalinks::Error> {
/// let patient = CallOptions::new().timeout(Duration::from_secs(120)).attempts(5).header("x-team", "ingest")?;
/// # let _ = patient; Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) attempts: Option<u32>,
    pub(crate) headers: HeaderMap,
    /// Overrules the table of operations, for callers who know how to account for repetitions.
    pub(crate) repeat_doubtful: Option<bool>,
}

impl CallOptions {
    /// Nothing differs.
    pub fn new() -> Self {
        Self::default()
    }

    /// The whole call ends after this time, pauses and repetitions included. For a stream it covers
    /// the time until the stream is open, not the stream itself. Default: no limit, but for the
    /// connect and idle limits of the client.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Another policy of repetitions than the client's.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// At most this many requests, whatever the policy says; 0 counts as 1.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts.max(1));
        self
    }

    /// Sends this header too. `Authorization` cannot be overruled.
    ///
    /// # Errors
    ///
    /// When the name or the value cannot stand in an HTTP header.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let name: HeaderName =
            name.parse().map_err(|_| Error::invalid(format!("{name:?} is no header name")))?;
        let mut value = HeaderValue::from_str(value)
            .map_err(|_| Error::invalid(format!("the value for the header {name} cannot be sent")))?;
        // It may be a secret; it is never printed.
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(self)
    }

    pub(crate) fn repeat_doubtful(mut self, repeat: bool) -> Self {
        self.repeat_doubtful = Some(repeat);
        self
    }

    /// The client's policy with this call's changes.
    pub(crate) fn policy(&self, client: &RetryPolicy) -> RetryPolicy {
        let mut policy = self.retry.clone().unwrap_or_else(|| client.clone());
        if let Some(attempts) = self.attempts {
            policy.attempts = attempts;
        }
        policy
    }
}
