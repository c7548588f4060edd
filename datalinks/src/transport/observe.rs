//! What an application may see of each request.

use std::{fmt, sync::Arc, time::Duration};

use http::StatusCode;

use super::context::CallContext;
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

    /// Logs the attempt at level `debug`. An attempt of a call that `writes`, if it is retried, also at level `info`.
    pub(crate) fn trace(&self, writes: bool) {
        let status = self.status.map(|status| status.as_u16());
        if let Some(pause) = self.pause.filter(|_| writes) {
            tracing::info!(
                operation = self.operation,
                attempt = self.number,
                status,
                failure = self.failure.map(tracing::field::debug),
                pause_ms = pause.as_millis() as u64,
                "retrying a request that writes"
            );
        }
        tracing::debug!(
            operation = self.operation,
            attempt = self.number,
            status,
            failure = self.failure.map(tracing::field::debug),
            duration_ms = self.duration.as_millis() as u64,
            pause_ms = self.pause.map(|pause| pause.as_millis() as u64),
            "request"
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
