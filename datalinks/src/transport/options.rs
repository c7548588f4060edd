//! What one call may do differently from its client.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::policy::RetryPolicy;
use crate::error::Error;

/// Longest body of a response without success that is read, in bytes: 1 MiB. The rest is left unread.
pub(crate) const REFUSAL_READ: usize = 1024 * 1024;

/// Options for individual calls ([`DataLinks::with_options`](crate::DataLinks::with_options)).
///
/// An option that is set overrides the client's; all others keep the client's value. The same holds if a client that
/// has options gets more of them: they are merged.
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
    pub(crate) retry_ambiguous: Option<bool>,
    /// Longest body of a success that is read.
    pub(crate) response_limit: Option<usize>,
    /// Longest body of a refusal that is read and kept, for callers who decode it. Others read up to [`REFUSAL_READ`],
    /// and keep no more of it than its message.
    pub(crate) refusal_kept: Option<usize>,
}

impl CallOptions {
    /// Creates options that override nothing.
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

    /// Sends this header too. `Authorization`, `Content-Length` and `Transfer-Encoding` are ignored.
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

    /// Sets the longest response body that is read, in bytes. A longer one is an error of kind
    /// [`LimitExceeded`](crate::ErrorKind::LimitExceeded). Streams have limits of their own, for one event or line.
    /// Defaults to no limit, because the rows of a query are read as a whole.
    ///
    /// Of a response that is no success, at most 1 MiB is read, whatever is set.
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = Some(bytes);
        self
    }

    pub(crate) fn keep_refusals(mut self, most: usize) -> Self {
        self.refusal_kept = Some(most);
        self
    }

    pub(crate) fn retry_ambiguous(mut self, repeat: bool) -> Self {
        self.retry_ambiguous = Some(repeat);
        self
    }

    /// Returns these options with those that `newer` sets in their place. Headers of other names stay.
    ///
    /// A newer policy replaces an older number of attempts, too: it has its own.
    pub(crate) fn merged(&self, newer: Self) -> Self {
        let mut headers = self.headers.clone();
        for (name, value) in &newer.headers {
            headers.insert(name, value.clone());
        }
        let attempts = if newer.retry.is_some() { newer.attempts } else { newer.attempts.or(self.attempts) };
        Self {
            timeout: newer.timeout.or(self.timeout),
            retry: newer.retry.or_else(|| self.retry.clone()),
            attempts,
            headers,
            retry_ambiguous: newer.retry_ambiguous.or(self.retry_ambiguous),
            response_limit: newer.response_limit.or(self.response_limit),
            refusal_kept: newer.refusal_kept.or(self.refusal_kept),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A second `with_options` dropped what the first had set.
    ///
    /// Regression 37.
    #[test]
    fn options_are_merged() {
        let header = |options: CallOptions, name, value| options.header(name, value).unwrap();
        let older = CallOptions::new().timeout(Duration::from_secs(5)).attempts(1);
        let older = header(header(older, "x-team", "ingest"), "x-trace", "1");
        let policy = |options: &CallOptions| options.policy(&RetryPolicy::default());

        let merged = older.merged(header(CallOptions::new(), "x-trace", "2"));
        assert_eq!((merged.timeout, policy(&merged).attempts), (Some(Duration::from_secs(5)), 1));
        assert_eq!(
            (&merged.headers["x-team"], &merged.headers["x-trace"]),
            (&"ingest".parse().unwrap(), &"2".parse().unwrap())
        );

        let merged = older.merged(CallOptions::new().timeout(Duration::from_secs(9)).attempts(4));
        assert_eq!((merged.timeout, policy(&merged).attempts), (Some(Duration::from_secs(9)), 4));
        assert_eq!(merged.headers.len(), 2);

        // A policy brings its number of attempts, and a number of attempts keeps the rest of the policy.
        let patient = RetryPolicy::default().attempts(7).backoff(Duration::ZERO, Duration::ZERO);
        let merged = older.merged(CallOptions::new().retry(patient.clone()));
        assert_eq!(policy(&merged), patient);
        let merged = merged.merged(CallOptions::new().attempts(2));
        assert_eq!(policy(&merged), patient.attempts(2));
    }
}
