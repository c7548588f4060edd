//! Attempts, as an application can observe them.

use std::{fmt, sync::Arc, time::Duration};

use http::StatusCode;

use super::{context::CallContext, span};
use crate::error::{Error, ErrorKind};

/// One request and its outcome. Contains no body, no header and no query.
///
/// # Examples
///
/// A test of an observer creates attempts:
///
/// ```
/// use std::time::Duration;
/// use datalinks::{ErrorKind, retry::Attempt};
///
/// let mut attempt = Attempt::new("ingestData", 1, Duration::from_millis(80));
/// attempt.failure = Some(ErrorKind::Connect);
/// attempt.pause = Some(Duration::from_millis(500));
/// # let _ = attempt;
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Attempt {
    /// `operationId` of the operation in the OpenAPI document, or `putPart` for a part of a file that is sent to the storage.
    pub operation: &'static str,
    /// Number of the request within its call, from 1.
    pub number: u32,
    /// HTTP status, or `None` if there was no response.
    pub status: Option<StatusCode>,
    /// Kind of the failure, or `None` after a success.
    pub failure: Option<ErrorKind>,
    /// Time from the start of the request to the end of the response, or, for a stream, to the head of the response.
    pub duration: Duration,
    /// Delay before the next attempt, or `None` if this was the last attempt.
    pub pause: Option<Duration>,
}

impl Attempt {
    /// Creates an attempt without a status, a failure and a delay. `number` is the number of the request within its call, from 1.
    pub fn new(operation: &'static str, number: u32, duration: Duration) -> Self {
        Self { operation, number, status: None, failure: None, duration, pause: None }
    }

    pub(crate) fn success(context: &CallContext, status: StatusCode, duration: Duration) -> Self {
        Self { status: Some(status), ..Self::new(context.operation, context.attempts, duration) }
    }

    pub(crate) fn failure(
        context: &CallContext,
        error: &Error,
        duration: Duration,
        pause: Option<Duration>,
    ) -> Self {
        Self {
            status: error.status(),
            failure: Some(error.kind()),
            pause,
            ..Self::new(context.operation, context.attempts, duration)
        }
    }

    /// Logs the attempt at level `debug`, and at level `info` if it is retried.
    pub(crate) fn trace(&self) {
        let status = self.status.map(|status| status.as_u16());
        let error_type = span::error_type(self.status, self.failure);
        if let Some(delay) = self.pause {
            tracing::info!(
                operation = self.operation,
                // The number of the retry that follows.
                http.request.resend_count = self.number,
                http.response.status_code = status,
                "error.type" = error_type,
                delay_ms = delay.as_millis() as u64,
                "retrying request"
            );
        }
        tracing::debug!(
            operation = self.operation,
            http.request.resend_count = self.number.saturating_sub(1),
            http.response.status_code = status,
            "error.type" = error_type,
            duration_ms = self.duration.as_millis() as u64,
            "request finished"
        );
    }
}

/// A function that is called after each request.
#[derive(Clone)]
pub(crate) struct Observer(Arc<dyn Fn(&Attempt) + Send + Sync>);

impl Observer {
    pub(crate) fn new(call: impl Fn(&Attempt) + Send + Sync + 'static) -> Self {
        Self(Arc::new(call))
    }

    pub(crate) fn call(&self, attempt: &Attempt) {
        (self.0)(attempt);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
