//! The one error type of this crate.

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

/// What failed, where, and what to do next.
///
/// One line when displayed; the causes follow through [`source`](StdError::source). `Debug`, which `main` prints of an
/// error that it returns, begins with the same line and adds what the line does not have. Cheap to clone: the failed
/// rows of one batch share theirs.
///
/// # Secrets
///
/// No part of an error contains the key of the client, a token that the document marks as a secret, or a presigned URL,
/// also when the server sent it: neither `Display`, `Debug` and the causes, nor [`message`](Self::message),
/// [`body`](Self::body) and [`headers`](Self::headers). The key is found in the escapes of JSON, URLs and HTML and in
/// base64. Of other URLs in texts of a server, the query and the user are left out, because they may be secrets, too.
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
    /// What sort of failure this is: the thing to match on.
    pub fn kind(&self) -> ErrorKind {
        self.facts.kind
    }

    /// The HTTP status of the last answer, when there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.facts.status
    }

    /// `error_code` of the API's error body.
    pub fn code(&self) -> Option<&str> {
        self.facts.code.as_deref()
    }

    /// Returns the code of the JSON-RPC error that an agent responded with; `None` for other errors.
    ///
    /// Codes are those of JSON-RPC 2.0 and A2A 1.0: `-32602` is `InvalidParams`. The service does not document which of
    /// them it uses.
    pub fn rpc_code(&self) -> Option<i64> {
        self.facts.rpc_code
    }

    /// What failed, without the place and the advice: the service's own message when it sent one.
    pub fn message(&self) -> &str {
        &self.facts.message
    }

    /// `sub_errors` of the API's error body.
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

    /// The operation that was called, by its `operationId` in the document; `putPart` for a part of a file on its
    /// way to the storage.
    pub fn operation(&self) -> Option<&'static str> {
        self.facts.operation
    }

    /// Requests made, the last one included; 0 when nothing was sent.
    pub fn attempts(&self) -> u32 {
        self.facts.attempts
    }

    /// Time from the start of the call to its failure, pauses included.
    pub fn elapsed(&self) -> Duration {
        self.facts.elapsed
    }

    /// The wait the server asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        self.facts.retry_after
    }

    /// The headers of the last answer; empty when there was none.
    pub fn headers(&self) -> &HeaderMap {
        &self.facts.headers
    }

    /// The first part of a body that could not be understood.
    pub fn body(&self) -> Option<&str> {
        self.facts.body.as_deref()
    }

    /// Whether the request may have been carried out although no good answer came: it was sent,
    /// and the answer was lost, or was a 5xx other than 501, 503, 505 and 511. Look before you repeat it.
    pub fn is_ambiguous(&self) -> bool {
        self.facts.ambiguous
    }

    /// Whether the same call may succeed later, unchanged.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::RateLimited => true,
            ErrorKind::Server => {
                matches!(self.status().map(|status| status.as_u16()), Some(500 | 502 | 503 | 504))
            }
            ErrorKind::PrematureEnd | ErrorKind::Stalled => true,
            _ => self.status() == Some(StatusCode::REQUEST_TIMEOUT),
        }
    }
}

/// How errors are made, inside the crate. Each setter returns the error for chaining.
impl Error {
    /// A caller's value that is refused before anything is sent.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    pub(crate) fn advice(self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.with(|facts| facts.advice = Some(advice.into()))
    }

    /// Sets the advice unless the error has one of its own, which is closer to the cause.
    pub(crate) fn default_advice(self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.with(|facts| {
            facts.advice.get_or_insert_with(|| advice.into());
        })
    }

    /// More to do, after what the error advises already.
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

    /// The operation, and where the request went: method and URL without its query.
    pub(crate) fn at(self, operation: &'static str, target: Option<String>) -> Self {
        self.with(|facts| {
            facts.operation = Some(operation);
            facts.target = target;
        })
    }

    /// The whole answer, for those who decode it themselves.
    pub(crate) fn with_response(self, status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Self {
        self.with(|facts| {
            facts.status = Some(status);
            facts.headers = headers.clone();
            facts.raw = body.clone();
        })
    }

    /// Notes whether the body of the response is all there.
    pub(crate) fn with_whole_body(self, whole: bool) -> Self {
        self.with(|facts| facts.incomplete = !whole)
    }

    /// Whether the body of the response was cut off.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.facts.incomplete
    }

    /// The same without the body that [`refusal`](Self::refusal) hands on: errors live long, and share memory.
    pub(crate) fn without_raw_body(self) -> Self {
        self.with(|facts| facts.raw = Bytes::new())
    }

    /// The answer of a server that refused.
    pub(crate) fn refusal(&self) -> Option<(StatusCode, HeaderMap, Bytes)> {
        let status = self.status().filter(|status| !status.is_success())?;
        Some((status, self.facts.headers.clone(), self.facts.raw.clone()))
    }

    /// The same without the start of the body, unless that is a page: data may hold secrets.
    pub(crate) fn without_data(self) -> Self {
        self.with(|facts| facts.body = facts.body.take().filter(|body| body.starts_with('<')))
    }

    /// Sets the number of attempts that the service may have carried out.
    pub(crate) fn with_ambiguous_attempts(self, attempts: u32) -> Self {
        self.with_number(|facts| facts.ambiguous_attempts = attempts)
    }

    /// The number of attempts that the service may have carried out: at least 1 if the outcome is ambiguous.
    pub(crate) fn ambiguous_attempts(&self) -> u32 {
        if self.facts.ambiguous { self.facts.ambiguous_attempts.max(1) } else { 0 }
    }

    /// Strikes secrets from everything that the error has, and from what it is given later.
    pub(crate) fn redacted(self, redactor: &Redactor) -> Self {
        self.with(|facts| facts.redactor = Some(redactor.clone()))
    }

    /// Changes what holds no text.
    fn with_number(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(Arc::make_mut(&mut self.facts));
        self
    }

    /// Changes what is known. Every text of an error passes here: no secret gets in otherwise.
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
