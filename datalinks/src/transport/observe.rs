//! What an application may see of each request.

use std::{fmt, sync::Arc, time::Duration};

use http::StatusCode;

use super::{context::CallContext, span};
use crate::error::{Error, ErrorKind};

/// One request and its end, as an observer sees it. Holds no body, no header and no query.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The operation, by its `operationId` in the document; `putPart` for a part of a file on its way to the
    /// storage.
    pub operation: &'static str,
    /// Which request of the call it was, from 1.
    pub number: u32,
    /// The status, when an answer came.
    pub status: Option<StatusCode>,
    /// The sort of failure, when it was one.
    pub failure: Option<ErrorKind>,
    /// From sending to the whole answer (to its head, for a stream).
    pub duration: Duration,
    /// The pause before the next attempt; nothing when there is none.
    pub pause: Option<Duration>,
}

impl Attempt {
    pub(crate) fn success(context: &CallContext, status: StatusCode, duration: Duration) -> Self {
        Self {
            operation: context.operation,
            number: context.attempts,
            status: Some(status),
            failure: None,
            duration,
            pause: None,
        }
    }

    pub(crate) fn failure(
        context: &CallContext,
        error: &Error,
        duration: Duration,
        pause: Option<Duration>,
    ) -> Self {
        Self {
            operation: context.operation,
            number: context.attempts,
            status: error.status(),
            failure: Some(error.kind()),
            duration,
            pause,
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
