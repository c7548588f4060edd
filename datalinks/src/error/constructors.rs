//! Public constructors and setters of [`Error`].

use std::{error::Error as StdError, sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode};

use super::{
    Error,
    facts::{self, Facts, SubError},
    kind::ErrorKind,
};

/// Constructors and setters for applications: for tests of code that handles errors, and for sources of rows.
impl Error {
    /// Creates an error of this kind. `message` states what failed, and the kind adds the advice.
    ///
    /// All other data is unset: the error has no status and no attempts, and its outcome is not ambiguous.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::{Error, ErrorKind};
    /// use http::StatusCode;
    ///
    /// /// The code under test.
    /// fn is_worth_an_alert(error: &Error) -> bool {
    ///     error.kind() == ErrorKind::Unauthorized || error.is_ambiguous()
    /// }
    ///
    /// let missing = Error::new(ErrorKind::NotFound, "the dataset does not exist")
    ///     .with_status(StatusCode::NOT_FOUND)
    ///     .with_code("DATASET_NOT_FOUND", Vec::new())
    ///     .with_request_id("8f14e45f".to_owned());
    /// assert!(!is_worth_an_alert(&missing));
    /// let lost = Error::new(ErrorKind::Interrupted, "the connection ended").with_ambiguous(true);
    /// assert!(is_worth_an_alert(&lost));
    /// ```
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { facts: Arc::new(Facts { kind, message: message.into(), ..Facts::default() }) }
    }

    /// Sets the error that caused this one, which [`source`](StdError::source) returns.
    pub fn caused_by(self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.with(|facts| facts.source = Some(Arc::new(source)))
    }

    /// Sets the HTTP status of the response.
    pub fn with_status(self, status: StatusCode) -> Self {
        self.with_number(|facts| facts.status = Some(status))
    }

    /// Sets the headers of the response.
    pub fn with_headers(self, headers: &HeaderMap) -> Self {
        self.with(|facts| facts.headers = headers.clone())
    }

    /// Sets the code and the details of the API's error body (`error_code` and `sub_errors`).
    pub fn with_code(self, code: impl Into<String>, sub_errors: Vec<SubError>) -> Self {
        self.with(|facts| {
            facts.code = Some(code.into());
            facts.sub_errors = sub_errors;
        })
    }

    /// Sets the code of a JSON-RPC error.
    pub fn with_rpc_code(self, code: i64) -> Self {
        self.with_number(|facts| facts.rpc_code = Some(code))
    }

    /// Sets a response body that could not be decoded. The first 500 characters are kept.
    pub fn with_body(self, body: &[u8]) -> Self {
        self.with(|data| data.body = Some(facts::first_part(body)))
    }

    /// Sets the id of the operation, such as `ingestData`.
    pub fn with_operation(self, operation: &'static str) -> Self {
        self.with_number(|facts| facts.operation = Some(operation))
    }

    /// Sets the id that the server gave the request.
    pub fn with_request_id(self, request_id: impl Into<Option<String>>) -> Self {
        self.with(|facts| facts.request_id = request_id.into())
    }

    /// Sets the delay that the server asked for.
    pub fn with_retry_after(self, delay: impl Into<Option<Duration>>) -> Self {
        self.with_number(|facts| facts.retry_after = delay.into())
    }

    /// Sets the number of requests, and the time from the start of the call to its failure.
    pub fn with_attempts(self, attempts: u32, elapsed: Duration) -> Self {
        self.with_number(|facts| {
            facts.attempts = attempts;
            facts.elapsed = elapsed;
        })
    }

    /// Sets whether the outcome is ambiguous: the service may have carried out the request.
    pub fn with_ambiguous(self, ambiguous: bool) -> Self {
        self.with_number(|facts| facts.ambiguous = ambiguous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn getters_return_the_data_that_was_set() {
        let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, "7".parse().unwrap())]);
        let error = Error::new(ErrorKind::RateLimited, "slow down")
            .with_status(StatusCode::TOO_MANY_REQUESTS)
            .with_headers(&headers)
            .with_code("SLOW", vec![SubError::new("ROWS", "too many rows")])
            .with_request_id("r-1".to_owned())
            .with_body(b"<html>")
            .with_operation("ingestData")
            .with_attempts(3, Duration::from_secs(2))
            .with_retry_after(Duration::from_secs(7))
            .with_ambiguous(true)
            .caused_by(std::io::Error::other("cause"));
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

        let bare = Error::new(ErrorKind::Connect, "no route");
        assert_eq!(
            (bare.status(), bare.code(), bare.attempts(), bare.is_ambiguous()),
            (None, None, 0, false)
        );
        let rpc = Error::new(ErrorKind::JsonRpc, "bad").with_rpc_code(-32602);
        assert_eq!(rpc.rpc_code(), Some(-32602));
    }

    #[test]
    fn kind_displays_as_snake_case() {
        assert_eq!(format!("{:>12}", ErrorKind::NotFound), "   not_found");
        assert_eq!(ErrorKind::JsonRpc.to_string(), "json_rpc");
    }
}
