//! Options for individual calls.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{gate::Gate, policy::RetryPolicy};
use crate::error::Error;

/// Maximum number of bytes that are read of the body of an error response: 1 MiB.
pub(crate) const ERROR_BODY_LIMIT: usize = 1024 * 1024;

/// Options for individual calls ([`DataLinks::with_options`](crate::DataLinks::with_options)).
///
/// An option that is set overrides the value of the client, and all others keep it. Options of a client that already has
/// options are merged in this way, too.
///
/// ```
/// use std::time::Duration;
/// use datalinks::CallOptions;
///
/// # fn main() -> Result<(), datalinks::Error> {
/// let patient = CallOptions::new().timeout(Duration::from_secs(120)).max_attempts(5).header("x-team", "ingest")?;
/// # let _ = patient; Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) headers: HeaderMap,
    /// Overrides the table of operations, for callers that handle the effects of a retry.
    pub(crate) retry_ambiguous: Option<bool>,
    /// Maximum number of bytes of a successful response.
    pub(crate) response_limit: Option<usize>,
    /// Maximum number of bytes of an error response that are kept, for callers that decode it. `None` keeps the message only,
    /// and reads up to [`ERROR_BODY_LIMIT`] for it.
    pub(crate) error_body_kept: Option<usize>,
    /// Admits each attempt. `None` admits all of them immediately.
    pub(crate) gate: Option<Arc<dyn Gate>>,
}

impl CallOptions {
    /// Creates options that override nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the time limit of the whole call, including retries and delays. For a stream, the limit covers the time until the
    /// stream is open. Defaults to no limit.
    ///
    /// The connect and idle limits of the client apply to each attempt, see
    /// [time limits](crate::guide::connecting#time-limits).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the retry policy. Defaults to that of the client.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Sets the maximum number of requests, which overrides the number of the policy. `0` counts as 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts.max(1));
        self
    }

    /// Adds a header to the requests. `Authorization`, `Content-Length` and `Transfer-Encoding` are ignored.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name or the value is not valid in an HTTP header.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let name: HeaderName =
            name.parse().map_err(|_| Error::invalid(format!("{name:?} is not a header name")))?;
        let mut value = HeaderValue::from_str(value)
            .map_err(|_| Error::invalid(format!("the value of the header {name} is not valid in HTTP")))?;
        // The value may be a secret. Sensitive values are not printed.
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Sets the maximum length of a response body, in bytes. A longer body is an error of kind
    /// [`LimitExceeded`](crate::ErrorKind::LimitExceeded). Streams have separate limits for one event or line. Defaults to no
    /// limit, because the rows of a query are read as a whole.
    ///
    /// The length is that of the content after decompression. Without a limit, a
    /// [compressed](crate::guide::connecting#compression) body may expand to 64 MiB, or to 200 times its own length if that is
    /// more.
    ///
    /// At most 1 MiB is read of an error response, which this option does not change.
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = Some(bytes);
        self
    }

    /// Keeps the body of an error response, at most `most` bytes of it.
    pub(crate) fn keep_error_body(mut self, most: usize) -> Self {
        self.error_body_kept = Some(most);
        self
    }

    /// Sets whether a call is retried after an ambiguous outcome.
    pub(crate) fn retry_ambiguous(mut self, retry: bool) -> Self {
        self.retry_ambiguous = Some(retry);
        self
    }

    /// Sets the gate that admits each attempt.
    pub(crate) fn gate(mut self, gate: Option<Arc<dyn Gate>>) -> Self {
        self.gate = gate;
        self
    }

    /// Returns these options, overridden by those that `newer` sets. Headers with other names are kept.
    ///
    /// A newer policy also replaces an older number of attempts, because a policy contains one.
    pub(crate) fn merged(&self, newer: Self) -> Self {
        let mut headers = self.headers.clone();
        for (name, value) in &newer.headers {
            headers.insert(name, value.clone());
        }
        let max_attempts = newer.max_attempts.or(self.max_attempts.filter(|_| newer.retry.is_none()));
        Self {
            timeout: newer.timeout.or(self.timeout),
            retry: newer.retry.or_else(|| self.retry.clone()),
            max_attempts,
            headers,
            retry_ambiguous: newer.retry_ambiguous.or(self.retry_ambiguous),
            response_limit: newer.response_limit.or(self.response_limit),
            error_body_kept: newer.error_body_kept.or(self.error_body_kept),
            gate: newer.gate.or_else(|| self.gate.clone()),
        }
    }

    /// Returns the retry policy of the call. `client` is that of the client.
    pub(crate) fn policy(&self, client: &RetryPolicy) -> RetryPolicy {
        let mut policy = self.retry.clone().unwrap_or_else(|| client.clone());
        if let Some(attempts) = self.max_attempts {
            policy.max_attempts = attempts;
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
        let older = CallOptions::new().timeout(Duration::from_secs(5)).max_attempts(1);
        let older = header(header(older, "x-team", "ingest"), "x-trace", "1");
        let policy = |options: &CallOptions| options.policy(&RetryPolicy::default());

        let merged = older.merged(header(CallOptions::new(), "x-trace", "2"));
        assert_eq!((merged.timeout, policy(&merged).max_attempts), (Some(Duration::from_secs(5)), 1));
        assert_eq!(
            (&merged.headers["x-team"], &merged.headers["x-trace"]),
            (&"ingest".parse().unwrap(), &"2".parse().unwrap())
        );

        let merged = older.merged(CallOptions::new().timeout(Duration::from_secs(9)).max_attempts(4));
        assert_eq!((merged.timeout, policy(&merged).max_attempts), (Some(Duration::from_secs(9)), 4));
        assert_eq!(merged.headers.len(), 2);

        // A policy sets the number of attempts, and a number of attempts keeps the rest of the policy.
        let patient = RetryPolicy::default().max_attempts(7).backoff(Duration::ZERO, Duration::ZERO);
        let merged = older.merged(CallOptions::new().retry(patient.clone()));
        assert_eq!(policy(&merged), patient);
        let merged = merged.merged(CallOptions::new().max_attempts(2));
        assert_eq!(policy(&merged), patient.max_attempts(2));
    }
}
