//! The error type of this crate.
//!
//! Every fallible method returns an [`Error`]. Match on its [`kind`](Error::kind), and read
//! [`is_ambiguous`](Error::is_ambiguous) before you send a call again. The guide has a
//! [chapter on errors and retries](crate::guide::errors_and_retries).
//!
//! # Errors of every call
//!
//! The section `# Errors` of a method lists the kinds that have a particular meaning for it. In addition, every method that
//! sends a request can return the following kinds:
//!
//! - [`Config`](ErrorKind::Config) if the client has no API key and the operation is not public. Nothing was sent.
//! - [`InvalidInput`](ErrorKind::InvalidInput) if this crate rejects a value. Nothing was sent.
//! - [`Connect`](ErrorKind::Connect) if no connection was made, or if it closed before it took the request. Nothing was
//!   sent.
//! - [`Timeout`](ErrorKind::Timeout) if a time limit ended the call, or if the last response was a 408. The outcome is
//!   ambiguous if a time limit ended the call after the request was sent.
//! - [`Interrupted`](ErrorKind::Interrupted) if the connection was lost before the whole response was received. The outcome
//!   is ambiguous.
//! - [`Unauthorized`](ErrorKind::Unauthorized) (401), [`Forbidden`](ErrorKind::Forbidden) (403),
//!   [`NotFound`](ErrorKind::NotFound) (404), [`Rejected`](ErrorKind::Rejected) (400, 422) and the kinds of other 4xx if the
//!   service rejects the request.
//! - [`RateLimited`](ErrorKind::RateLimited) if the last attempt was rejected with 429.
//! - [`Server`](ErrorKind::Server) or [`Unsupported`](ErrorKind::Unsupported) if the last response was a 5xx. The outcome is
//!   ambiguous, except after 501, 503, 505 and 511.
//! - [`Redirect`](ErrorKind::Redirect) if the response is a redirect other than 307 or 308 on the same origin.
//! - [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if the body of a success cannot be decoded, and
//!   [`LimitExceeded`](ErrorKind::LimitExceeded) if it is longer than a limit. The service has accepted the call.
//!
//! Streams add [`PrematureEnd`](ErrorKind::PrematureEnd), [`Stalled`](ErrorKind::Stalled) and
//! [`Reported`](ErrorKind::Reported).
//!
//! An ambiguous outcome of a call that only reads is not reported as such: [`is_ambiguous`](Error::is_ambiguous) is `false`
//! if the HTTP method is GET.
//!
//! # Types of sources
//!
//! [`source`](StdError::source) returns the cause of an error, for logs and for `downcast_ref`. The types of this crate and of the
//! application are part of the interface. The others are those of the crates in use and may change with any version, so use them
//! for diagnosis only. A cause from which a secret was removed has a private type that keeps its text.
//!
//! | Failure | Type of the source |
//! |---|---|
//! | the source of an ingestion failed ([`Source`](ErrorKind::Source)) | the error of the application |
//! | a record of a file is invalid | `read::BadRow`, whose source is the error of the parser or of the type |
//! | the usage that a budget needs cannot be read ([`Budget`](ErrorKind::Budget)) | [`Error`] of that reading |
//! | a call ended after an earlier attempt, poll or request failed | [`Error`] of that failure |
//! | a line or an event of a stream exceeds its limit | `stream::LimitExceeded` |
//! | a file, a journal or a dead-letter file cannot be read or written | [`std::io::Error`] |
//! | rows, requests, responses, events or lines of a journal cannot be encoded or decoded | [`serde_json::Error`] |
//! | a request could not be sent, or its response was lost | [`reqwest::Error`] without its URL, or the private error of a [script](crate::testing) |
//! | the settings of a client are invalid | [`reqwest::Error`], an error of `http`, or the private error of the TLS library |
//! | an id, a name, a description or a size is invalid | [`uuid::Error`], [`TryFromIntError`](std::num::TryFromIntError), or a type of the low-level client |
//! | a pattern of paths, a Parquet file or a spreadsheet is invalid | an error of `glob`, `parquet`, `zip` or `calamine` |
//! | the runtime ended a task, or there is none | `tokio::task::JoinError`, `tokio::runtime::TryCurrentError` |

mod constructors;
mod display;
mod facts;
mod hidden;
mod kind;
pub(crate) mod rpc;
mod serialize;

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use facts::Facts;
pub(crate) use facts::REQUEST_ID_KEPT;
pub use facts::SubError;
pub use kind::ErrorKind;

use crate::secrets::Redactor;

/// An error of this crate: what failed, where, and what to do next.
///
/// `Display` writes one line, and the causes follow through [`source`](StdError::source). `Debug`, which `main` prints for an
/// error that it returns, begins with the same line and adds the kind, the causes and more of the body. An error is cheap to
/// clone, and the failed rows of one batch share one.
///
/// # Secrets
///
/// No part of an error contains the API key of the client, a token that the OpenAPI document marks as a secret, or a
/// presigned URL, even if the server sent it. This applies to `Display`, `Debug`, the causes, [`message`](Self::message),
/// [`body`](Self::body) and [`headers`](Self::headers). The key is also found in the escapes of JSON, URLs and HTML, and in
/// base64. Other URLs that a server sent lose their query and their user, because these may be secrets.
///
/// # Examples
///
/// ```
/// use datalinks::{DataLinks, ErrorKind};
///
/// let error = DataLinks::builder("https://api.example.com/api/v1", "").build().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Config);
/// assert!(error.to_string().contains("DL_API_KEY"));
/// ```
#[derive(Clone)]
pub struct Error {
    facts: Arc<Facts>,
}

impl Error {
    /// Returns the kind of failure, to match on.
    pub fn kind(&self) -> ErrorKind {
        self.facts.kind
    }

    /// Returns the HTTP status of the last response, or `None` if there was no response.
    pub fn status(&self) -> Option<StatusCode> {
        self.facts.status
    }

    /// Returns the code in the API's error body (`error_code`), or `None` if the response had none.
    pub fn code(&self) -> Option<&str> {
        self.facts.code.as_deref()
    }

    /// Returns the code of the JSON-RPC error that an agent responded with, or `None` for other errors.
    ///
    /// The codes are defined by JSON-RPC 2.0 and A2A 1.0, such as `-32602` for `InvalidParams`. The service does not document
    /// which of them it uses.
    pub fn rpc_code(&self) -> Option<i64> {
        self.facts.rpc_code
    }

    /// Returns what failed, without the advice and the target. This is the service's message if it sent one.
    pub fn message(&self) -> &str {
        &self.facts.message
    }

    /// Returns the details in the API's error body (`sub_errors`).
    pub fn sub_errors(&self) -> &[SubError] {
        &self.facts.sub_errors
    }

    /// Returns the id that the server gave the request, if a response named one.
    ///
    /// The service does not document a header for it. The usual ones are read: `x-request-id`, `request-id`,
    /// `x-correlation-id` and `x-amzn-requestid`.
    pub fn request_id(&self) -> Option<&str> {
        self.facts.request_id.as_deref()
    }

    /// Returns the `operationId` of the operation in the OpenAPI document, or `putPart` for a part of a file that was sent to
    /// the storage. `None` if the error does not belong to a call.
    pub fn operation(&self) -> Option<&'static str> {
        self.facts.operation
    }

    /// Returns the number of requests of the call. `0` means that nothing was sent.
    pub fn attempts(&self) -> u32 {
        self.facts.attempts
    }

    /// Returns the time from the start of the call to its failure, including delays.
    pub fn elapsed(&self) -> Duration {
        self.facts.elapsed
    }

    /// Returns the delay that the server asked for (`Retry-After`), or `None` if it did not ask for one.
    pub fn retry_after(&self) -> Option<Duration> {
        self.facts.retry_after
    }

    /// Returns the headers of the last response, or an empty map if there was no response.
    pub fn headers(&self) -> &HeaderMap {
        &self.facts.headers
    }

    /// Returns the first 500 characters of a response body that could not be decoded.
    pub fn body(&self) -> Option<&str> {
        self.facts.body.as_deref()
    }

    /// Returns `true` if the outcome is ambiguous: the service may have carried out the request.
    ///
    /// The request was sent, and the response was lost, was a 5xx other than 501, 503, 505 and 511, or could not be decoded.
    /// Check whether the request took effect before you send it again, see
    /// [ambiguous outcomes](crate::guide::ambiguous_outcomes).
    pub fn is_ambiguous(&self) -> bool {
        self.facts.ambiguous
    }

    /// Returns `true` if the same call may succeed later.
    ///
    /// A connection that was not made because the certificate of the server was rejected is not retryable.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Connect if self.facts.untrusted => false,
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::RateLimited => true,
            ErrorKind::Server => {
                matches!(self.status().map(|status| status.as_u16()), Some(500 | 502 | 503 | 504))
            }
            ErrorKind::PrematureEnd | ErrorKind::Stalled | ErrorKind::InUse => true,
            _ => self.status() == Some(StatusCode::REQUEST_TIMEOUT),
        }
    }
}

/// Constructors and setters for this crate.
impl Error {
    /// Creates an error for a value that this crate rejects before it sends a request.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// Sets the advice, which replaces that of the kind.
    pub(crate) fn advice(self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.with(|facts| facts.advice = Some(advice.into()))
    }

    /// Sets the advice unless the error has some already: advice that is set first is closer to the cause.
    pub(crate) fn default_advice(self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.with(|facts| {
            facts.advice.get_or_insert_with(|| advice.into());
        })
    }

    /// Appends to the advice.
    pub(crate) fn and_advice(self, more: &str) -> Self {
        let advice = self.facts.advice.as_deref().unwrap_or(self.facts.kind.advice());
        let advice = format!("{advice}; {more}");
        self.advice(advice)
    }

    /// Sets a cause that is reported more than once.
    #[cfg(feature = "read")]
    pub(crate) fn caused_by_shared(self, source: Arc<impl StdError + Send + Sync + 'static>) -> Self {
        self.with(|facts| facts.source = Some(source))
    }

    /// Sets a cause of unknown type.
    pub(crate) fn caused_by_boxed(self, source: Box<dyn StdError + Send + Sync>) -> Self {
        self.with(|facts| facts.source = Some(Arc::from(source)))
    }

    /// Sets the operation and the target: method and URL without its query.
    pub(crate) fn at(self, operation: &'static str, target: Option<String>) -> Self {
        self.with(|facts| {
            facts.operation = Some(operation);
            facts.target = target;
        })
    }

    /// Sets the whole response, for callers that decode it.
    pub(crate) fn with_response(self, status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Self {
        self.with(|facts| {
            facts.status = Some(status);
            facts.headers = headers.clone();
            facts.raw = body.clone();
        })
    }

    /// Sets whether the body of the response is complete.
    pub(crate) fn with_whole_body(self, whole: bool) -> Self {
        self.with(|facts| facts.incomplete = !whole)
    }

    /// Returns `true` if the body of the response is incomplete.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.facts.incomplete
    }

    /// Removes the body that [`raw_response`](Self::raw_response) returns, because an error may be kept for a long time.
    pub(crate) fn without_raw_body(self) -> Self {
        self.with(|facts| facts.raw = Bytes::new())
    }

    /// Returns the response that was not a success, or `None` if there was no such response.
    pub(crate) fn raw_response(&self) -> Option<(StatusCode, HeaderMap, Bytes)> {
        let status = self.status().filter(|status| !status.is_success())?;
        Some((status, self.facts.headers.clone(), self.facts.raw.clone()))
    }

    /// Removes the start of the body unless it is a web page, because data may contain secrets.
    pub(crate) fn without_data(self) -> Self {
        self.with(|facts| facts.body = facts.body.take().filter(|body| body.starts_with('<')))
    }

    /// Sets the number of attempts that the service may have carried out.
    pub(crate) fn with_ambiguous_attempts(self, attempts: u32) -> Self {
        self.with_number(|facts| facts.ambiguous_attempts = attempts)
    }

    /// Returns the number of attempts that the service may have carried out: at least 1 if the outcome is ambiguous.
    pub(crate) fn ambiguous_attempts(&self) -> u32 {
        if self.facts.ambiguous { self.facts.ambiguous_attempts.max(1) } else { 0 }
    }

    /// Marks the error as one about a certificate of the server that was rejected. A retry would fail as well.
    pub(crate) fn with_untrusted_server(self) -> Self {
        self.with_number(|facts| facts.untrusted = true)
    }

    /// Returns `true` if the certificate of the server was rejected.
    pub(crate) fn is_untrusted_server(&self) -> bool {
        self.facts.untrusted
    }

    /// Removes secrets from all data of the error, and from data that is set later.
    pub(crate) fn redacted(self, redactor: &Redactor) -> Self {
        self.with(|facts| facts.redactor = Some(redactor.clone()))
    }

    /// Changes data that cannot contain a secret.
    fn with_number(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(Arc::make_mut(&mut self.facts));
        self
    }

    /// Changes data that can contain a secret, and removes the secrets from it.
    fn with(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        let facts = Arc::make_mut(&mut self.facts);
        change(facts);
        if let Some(redactor) = facts.redactor.clone() {
            facts.clean(&redactor);
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display::one_line(&self.facts, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display::one_line(&self.facts, f)?;
        display::details(&self.facts, f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.facts.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests;
