//! Errors made by applications, for their tests.

use std::{error::Error as StdError, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{Error, SubError, kind::ErrorKind};

/// A builder for an [`Error`], made by [`Error::builder`].
#[derive(Clone, Debug)]
#[must_use]
pub struct ErrorBuilder {
    error: Error,
    sub_errors: Vec<SubError>,
    code: Option<String>,
}

impl Error {
    /// Returns a builder for an error of this kind, for tests of code that handles errors.
    ///
    /// Everything else is unset: no status, no attempts, and an outcome that is not ambiguous.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::{Error, ErrorKind};
    ///
    /// /// The code under test.
    /// fn is_worth_an_alert(error: &Error) -> bool {
    ///     error.kind() == ErrorKind::Unauthorized || error.is_ambiguous()
    /// }
    ///
    /// let missing = Error::builder(ErrorKind::NotFound, "There is no such dataset")
    ///     .status(404)
    ///     .code("DATASET_NOT_FOUND")
    ///     .request_id("8f14e45f")
    ///     .build();
    /// assert!(!is_worth_an_alert(&missing));
    /// let lost = Error::builder(ErrorKind::Interrupted, "the connection ended").is_ambiguous(true).build();
    /// assert!(is_worth_an_alert(&lost));
    /// ```
    pub fn builder(kind: ErrorKind, message: impl Into<String>) -> ErrorBuilder {
        ErrorBuilder { error: Self::new(kind, message), sub_errors: Vec::new(), code: None }
    }
}

impl ErrorBuilder {
    /// Sets the HTTP status.
    ///
    /// # Panics
    ///
    /// Panics if `status` is not from 100 to 999.
    pub fn status(mut self, status: u16) -> Self {
        let status = StatusCode::from_u16(status)
            .unwrap_or_else(|_| panic!("{status} is not an HTTP status; use one from 100 to 999"));
        self.error = self.error.with_status(status);
        self
    }

    /// Sets the headers of the response.
    pub fn headers(mut self, headers: &HeaderMap) -> Self {
        self.error = self.error.with_headers(headers);
        self
    }

    /// Sets the code of the API (`error_code`).
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Adds one of the finer errors of the API (`sub_errors`).
    pub fn sub_error(mut self, code: impl Into<String>, message: impl Into<String>) -> Self {
        self.sub_errors.push(SubError { code: code.into(), message: message.into() });
        self
    }

    /// Sets the code of a JSON-RPC error.
    pub fn rpc_code(mut self, code: i64) -> Self {
        self.error = self.error.with_rpc_code(code);
        self
    }

    /// Sets the id that the server gave the request.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.error = self.error.with_request_id(Some(id.into()));
        self
    }

    /// Sets the first part of a body that could not be understood.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.error = self.error.with_body(&body.into());
        self
    }

    /// Sets the id of the operation, such as `ingestData`.
    pub fn operation(mut self, operation: &'static str) -> Self {
        self.error = self.error.at(operation, None);
        self
    }

    /// Sets the number of requests that were sent, and the time from the start of the call to its failure.
    pub fn attempts(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.error = self.error.with_attempts(attempts, elapsed);
        self
    }

    /// Sets the delay that the server asked for.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.error = self.error.with_retry_after(Some(delay));
        self
    }

    /// Sets whether the outcome is ambiguous: the service may have carried out the request.
    pub fn is_ambiguous(mut self, unknown: bool) -> Self {
        self.error = self.error.with_ambiguous(unknown);
        self
    }

    /// Sets the cause ([`source`](StdError::source)).
    pub fn source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.error = self.error.caused_by_boxed(source.into());
        self
    }

    /// Creates the error.
    pub fn build(self) -> Error {
        match self.code {
            None if self.sub_errors.is_empty() => self.error,
            code => self.error.with_codes(code, self.sub_errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_error_returns_what_was_set() {
        let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, "7".parse().unwrap())]);
        let error = Error::builder(ErrorKind::RateLimited, "slow down")
            .status(429)
            .headers(&headers)
            .code("SLOW")
            .sub_error("ROWS", "too many rows")
            .request_id("r-1")
            .body("<html>")
            .operation("ingestData")
            .attempts(3, Duration::from_secs(2))
            .retry_after(Duration::from_secs(7))
            .is_ambiguous(true)
            .source("cause")
            .build();
        assert_eq!((error.kind(), error.message()), (ErrorKind::RateLimited, "slow down"));
        assert_eq!(error.status(), Some(StatusCode::TOO_MANY_REQUESTS));
        assert_eq!((error.code(), error.sub_errors()[0].message.as_str()), (Some("SLOW"), "too many rows"));
        assert_eq!((error.request_id(), error.body()), (Some("r-1"), Some("<html>")));
        assert_eq!((error.operation(), error.attempts()), (Some("ingestData"), 3));
        assert_eq!(
            (error.elapsed(), error.retry_after()),
            (Duration::from_secs(2), Some(Duration::from_secs(7)))
        );
        assert_eq!(error.headers(), &headers);
        assert!(error.is_ambiguous() && error.is_retryable());
        assert_eq!(error.source().unwrap().to_string(), "cause");
        assert_eq!(error.to_string().lines().count(), 1);

        let bare = Error::builder(ErrorKind::Connect, "no route").build();
        assert_eq!(
            (bare.status(), bare.code(), bare.attempts(), bare.is_ambiguous()),
            (None, None, 0, false)
        );
        let rpc = Error::builder(ErrorKind::JsonRpc, "bad").rpc_code(-32602).build();
        assert_eq!(rpc.rpc_code(), Some(-32602));
    }

    #[test]
    fn kinds_have_names_of_their_own() {
        assert_eq!(format!("{:>12}", ErrorKind::NotFound), "   not_found");
        assert_eq!(ErrorKind::JsonRpc.to_string(), "json_rpc");
    }
}
