//! Admission of attempts, for callers that limit their requests by what the server bears.

use std::{fmt, sync::Arc, time::Duration};

use futures::future::BoxFuture;

use super::attempt::Failure;
use crate::error::Error;

/// Admits the attempts of a call, retries included, and learns how each of them ended.
pub(crate) trait Gate: fmt::Debug + Send + Sync {
    /// Waits until an attempt with a body of `bytes` bytes may start. An error ends the call before the attempt.
    fn admit(self: Arc<Self>, bytes: usize) -> BoxFuture<'static, Result<Box<dyn Pass>, Error>>;

    /// Waits until no further attempt may start. A call that has sent nothing ends with the returned error then, and any other
    /// call with the error of its last attempt.
    fn closed(self: Arc<Self>) -> BoxFuture<'static, Error> {
        Box::pin(std::future::pending())
    }

    /// Returns `true` if rejections make the gate admit fewer attempts. The retry budget does not limit retries after them then.
    fn slows_down(&self) -> bool {
        false
    }

    /// Reports that the call pauses before a retry. The pause ends when the returned value is dropped.
    fn pause(self: Arc<Self>) -> Box<dyn Send>;

    /// Records the present limits in the span of an attempt.
    fn record(&self, span: &tracing::Span);
}

/// An admitted attempt. Dropping it withdraws the attempt.
pub(crate) trait Pass: Send {
    /// Reports that the request is sent now. The time before is not part of the latency.
    fn sent(&mut self);

    /// Reports the end of the attempt.
    fn end(self: Box<Self>, end: AttemptEnd);
}

/// The end of an attempt, as far as it shows what the server bears.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AttemptEnd {
    /// The server responded to the content of the request with a success.
    Answered,
    /// The server responded to the content of the request with an error.
    Declined,
    /// The response was 429.
    OverQuota {
        /// Delay that the server asks for, up to the limit of the policy.
        retry_after: Option<Duration>,
    },
    /// The response was 503.
    Rejected {
        /// Delay that the server asks for, up to the limit of the policy.
        retry_after: Option<Duration>,
    },
    /// The response was 413.
    TooLarge,
    /// There was no response, or the server failed.
    Failed,
}

impl AttemptEnd {
    /// Returns the end of an attempt, which failed unless `failure` is `None`. A delay beyond `most` ends the call. Other calls
    /// do not pause for longer than `most`.
    pub(super) fn of(failure: Option<&Failure>, most: Duration) -> Self {
        let Some(Failure { error, wait, .. }) = failure else { return Self::Answered };
        match error.status().map(|status| status.as_u16()) {
            Some(429) => Self::OverQuota { retry_after: wait.map(|wait| wait.min(most)) },
            Some(503) => Self::Rejected { retry_after: wait.map(|wait| wait.min(most)) },
            Some(413) => Self::TooLarge,
            None | Some(408 | 500..) => Self::Failed,
            Some(_) => Self::Declined,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::{
        error::{Error, ErrorKind},
        transport::attempt::Disposition,
    };

    const MOST: Duration = Duration::from_secs(60);

    fn end(status: Option<u16>, wait: Option<u64>) -> AttemptEnd {
        let mut error = Error::new(ErrorKind::Server, "x");
        if let Some(status) = status {
            error = error.with_status(StatusCode::from_u16(status).unwrap());
        }
        let wait = wait.map(Duration::from_secs);
        AttemptEnd::of(Some(&Failure { error, disposition: Disposition::Transient, wait }), MOST)
    }

    #[test]
    fn response_shows_what_the_server_bears() {
        assert_eq!(AttemptEnd::of(None, MOST), AttemptEnd::Answered);
        let cases = [(None, None), (Some(5), Some(Duration::from_secs(5))), (Some(3_600), Some(MOST))];
        for (wait, retry_after) in cases {
            assert_eq!(end(Some(429), wait), AttemptEnd::OverQuota { retry_after });
            assert_eq!(end(Some(503), wait), AttemptEnd::Rejected { retry_after });
        }
        assert_eq!(end(Some(413), None), AttemptEnd::TooLarge);
        for status in [None, Some(408), Some(500), Some(502), Some(504)] {
            assert_eq!(end(status, None), AttemptEnd::Failed, "{status:?}");
        }
        for status in [400, 401, 404, 409, 422] {
            assert_eq!(end(Some(status), None), AttemptEnd::Declined, "{status}");
        }
    }
}
