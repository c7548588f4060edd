//! The one error type of this crate.

mod display;
mod kind;

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

pub use kind::ErrorKind;

/// What failed, where, and what to do next.
///
/// One line when displayed; the causes follow through [`source`](StdError::source). Neither ever
/// holds a token or a presigned URL. Cheap to clone: the failed rows of one batch share theirs.
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

/// Everything that is known of a failure. Filled by the constructors below, read by the accessors.
#[derive(Clone, Default)]
struct Facts {
    kind: ErrorKind,
    message: String,
    advice: Option<Cow<'static, str>>,
    operation: Option<&'static str>,
    target: Option<String>,
    status: Option<StatusCode>,
    code: Option<String>,
    rpc_code: Option<i64>,
    sub_errors: Vec<SubError>,
    request_id: Option<String>,
    headers: HeaderMap,
    raw: Bytes,
    body: Option<String>,
    attempts: u32,
    elapsed: Duration,
    retry_after: Option<Duration>,
    outcome_unknown: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// One of the finer errors in the API's error body.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SubError {
    /// The service's word for it.
    pub code: String,
    /// What the service says.
    pub message: String,
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
    /// and the answer was lost, or was a 500, 502 or 504. Look before you repeat it.
    pub fn outcome_unknown(&self) -> bool {
        self.facts.outcome_unknown
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
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { facts: Arc::new(Facts { kind, message: message.into(), ..Facts::default() }) }
    }

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

    pub(crate) fn caused_by(self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.with(|facts| facts.source = Some(Arc::new(source)))
    }

    /// The operation, and where the request went: method and URL without its query.
    pub(crate) fn at(self, operation: &'static str, target: Option<String>) -> Self {
        self.with(|facts| {
            facts.operation = Some(operation);
            facts.target = target;
        })
    }

    pub(crate) fn with_code(self, code: String, sub_errors: Vec<SubError>) -> Self {
        self.with(|facts| {
            facts.code = Some(code);
            facts.sub_errors = sub_errors;
        })
    }

    pub(crate) fn with_rpc_code(self, code: i64) -> Self {
        self.with(|facts| facts.rpc_code = Some(code))
    }

    pub(crate) fn with_request_id(self, request_id: Option<String>) -> Self {
        self.with(|facts| facts.request_id = request_id)
    }

    /// The whole answer, for those who decode it themselves.
    pub(crate) fn with_answer(self, status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Self {
        self.with(|facts| {
            facts.status = Some(status);
            facts.headers = headers.clone();
            facts.raw = body.clone();
        })
    }

    /// The status of an answer of which nothing else is passed on.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        self.with(|facts| facts.status = Some(status))
    }

    /// The answer of a server that refused.
    pub(crate) fn refusal(&self) -> Option<(StatusCode, HeaderMap, Bytes)> {
        let status = self.status().filter(|status| !status.is_success())?;
        Some((status, self.facts.headers.clone(), self.facts.raw.clone()))
    }

    pub(crate) fn with_body(self, body: &[u8]) -> Self {
        self.with(|facts| facts.body = Some(display::first_part(body)))
    }

    /// The same without the start of the body, unless that is a page: data may hold secrets.
    pub(crate) fn without_data(self) -> Self {
        self.with(|facts| facts.body = facts.body.take().filter(|body| body.starts_with('<')))
    }

    pub(crate) fn with_effort(self, attempts: u32, elapsed: Duration) -> Self {
        self.with(|facts| {
            facts.attempts = attempts;
            facts.elapsed = elapsed;
        })
    }

    pub(crate) fn with_retry_after(self, wait: Option<Duration>) -> Self {
        self.with(|facts| facts.retry_after = wait)
    }

    pub(crate) fn with_outcome_unknown(self, unknown: bool) -> Self {
        self.with(|facts| facts.outcome_unknown = unknown)
    }

    /// The same with `secret` struck out wherever a server may have echoed it.
    pub(crate) fn redacted(self, secret: &str) -> Self {
        if secret.is_empty() {
            return self;
        }
        let strike = |text: &mut String| {
            if text.contains(secret) {
                *text = text.replace(secret, "[key]");
            }
        };
        self.with(|facts| {
            strike(&mut facts.message);
            facts.code.as_mut().map(strike);
            facts.body.as_mut().map(strike);
            facts.request_id.as_mut().map(strike);
            for sub_error in &mut facts.sub_errors {
                strike(&mut sub_error.code);
                strike(&mut sub_error.message);
            }
        })
    }

    fn with(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(Arc::make_mut(&mut self.facts));
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
        f.debug_struct("Error")
            .field("kind", &self.facts.kind)
            .field("message", &self.facts.message)
            .field("operation", &self.facts.operation)
            .field("target", &self.facts.target)
            .field("status", &self.facts.status)
            .field("code", &self.facts.code)
            .field("rpc_code", &self.facts.rpc_code)
            .field("sub_errors", &self.facts.sub_errors)
            .field("request_id", &self.facts.request_id)
            .field("attempts", &self.facts.attempts)
            .field("elapsed", &self.facts.elapsed)
            .field("retry_after", &self.facts.retry_after)
            .field("outcome_unknown", &self.facts.outcome_unknown)
            .field("source", &self.facts.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.facts.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
