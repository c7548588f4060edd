//! One request and what became of it.

use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::{refusal, retry_after};
use crate::{Error, ErrorKind};

/// A success: its head, and its body whole or still coming.
pub(crate) struct Success {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

/// The body of a success.
pub(crate) enum Body {
    Whole(Bytes),
    /// The response, read by whoever decodes the stream.
    Open(reqwest::Response),
}

/// A request without success.
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) end: End,
    /// What the server asks for.
    pub(crate) wait: Option<Duration>,
}

/// What is known of a request without success.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    /// It was not carried out, and may succeed later: no connection, 408, 429, 503.
    Refused,
    /// It may have been carried out: the answer was lost, or was 500, 502 or 504.
    Doubtful,
    /// Repeating it would not help.
    Final,
}

impl End {
    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            408 | 429 | 503 => Self::Refused,
            500 | 502 | 504 => Self::Doubtful,
            _ => Self::Final,
        }
    }
}

/// The limits that one request runs under.
pub(crate) struct Limits {
    /// Longest silence: until the head of the answer, and between two parts of its body.
    pub(crate) idle: Duration,
    /// End of the whole call.
    pub(crate) deadline: Option<Instant>,
}

impl Limits {
    /// Waits for `work` as long as the limits allow.
    async fn watch<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let silence = Instant::now().checked_add(self.idle);
        let until = match (silence, self.deadline) {
            (Some(silence), Some(deadline)) => Some(silence.min(deadline)),
            (silence, deadline) => silence.or(deadline),
        };
        let Some(until) = until else { return Ok(work.await) };
        timeout_at(until, work).await.map_err(|_| {
            let message = match self.deadline {
                Some(deadline) if deadline <= until => "the time allowed for the call ended".to_owned(),
                _ => format!("the server was silent for {} s", self.idle.as_secs_f64()),
            };
            doubtful(Error::new(ErrorKind::Timeout, message))
        })
    }
}

/// U+FEFF in UTF-8, which some servers put before a body.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Sends `request`; a success of an operation that is no stream is read to its end.
pub(crate) async fn run(
    http: &reqwest::Client,
    request: reqwest::Request,
    streamed: bool,
    limits: &Limits,
) -> Result<Success, Failure> {
    let url = request.url().clone();
    let mut response = limits.watch(http.execute(request)).await?.map_err(unanswered)?;
    let (status, headers) = (response.status(), response.headers().clone());
    if status.is_success() {
        let body =
            if streamed { Body::Open(response) } else { Body::Whole(read(&mut response, limits).await?) };
        return Ok(Success { status, headers, body });
    }
    // The status decides already; a broken body of a refusal changes nothing.
    let body = read(&mut response, limits).await.unwrap_or_default();
    Err(Failure {
        error: refusal::error(status, &headers, &body, &url),
        end: End::of_status(status),
        wait: retry_after::parse(&headers, SystemTime::now()),
    })
}

async fn read(response: &mut reqwest::Response, limits: &Limits) -> Result<Bytes, Failure> {
    let mut whole = BytesMut::new();
    while let Some(part) = limits.watch(response.chunk()).await?.map_err(unanswered)? {
        whole.extend_from_slice(&part);
    }
    let whole = whole.freeze();
    // RFC 8259, section 8.1: who reads JSON may ignore a byte-order mark.
    Ok(if whole.starts_with(BYTE_ORDER_MARK) { whole.slice(BYTE_ORDER_MARK.len()..) } else { whole })
}

fn unanswered(error: reqwest::Error) -> Failure {
    // The address stands in our own error, without its query.
    let error = error.without_url();
    if error.is_connect() {
        let what = Error::new(ErrorKind::Connect, format!("no connection was made: {}", innermost(&error)));
        return Failure { error: what.caused_by(error), end: End::Refused, wait: None };
    }
    if error.is_builder() {
        let what = Error::invalid("the request cannot be built").caused_by(error);
        return Failure { error: what, end: End::Final, wait: None };
    }
    if error.is_redirect() {
        let what = Error::new(ErrorKind::Redirect, "too many redirects").caused_by(error);
        return Failure { error: what, end: End::Final, wait: None };
    }
    let what = format!("the connection ended before the whole answer came: {}", innermost(&error));
    doubtful(Error::new(ErrorKind::Interrupted, what).caused_by(error))
}

fn doubtful(error: Error) -> Failure {
    Failure { error, end: End::Doubtful, wait: None }
}

/// The cause at the end of the chain, which says most.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}
