//! One request and what became of it.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};

use super::{
    redirect, refusal, retry_after,
    send_error::SendError,
    sender::Sender,
    sending::{self, Interruption, Limits, Unanswered},
};
use crate::error::{Error, ErrorKind};

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
    pub(crate) disposition: Disposition,
    /// What the server asks for.
    pub(crate) wait: Option<Duration>,
}

/// What is known of a request without success.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Disposition {
    /// It was not carried out, and may succeed later: it was not sent, or the response was 408, 429 or 503.
    Transient,
    /// It may have been carried out: the answer was lost, or was 500, 502 or 504.
    Ambiguous,
    /// It may have been carried out, and nothing says that it may succeed later: another 5xx, such as the 520 and 524 of
    /// a gateway that gave up on the service behind it.
    AmbiguousPermanent,
    /// It was carried out, and its response is longer than the caller allows.
    Accepted,
    /// Repeating it would not help.
    Permanent,
}

impl Disposition {
    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            408 | 429 | 503 => Self::Transient,
            500 | 502 | 504 => Self::Ambiguous,
            // The server, or a gateway before it, says that it does not do such a thing.
            501 | 505 | 511 => Self::Permanent,
            500.. => Self::AmbiguousPermanent,
            _ => Self::Permanent,
        }
    }

    /// Whether the request may have been carried out.
    pub(crate) fn is_ambiguous(self) -> bool {
        matches!(self, Self::Ambiguous | Self::AmbiguousPermanent | Self::Accepted)
    }
}

/// Longest bodies that are read, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) success: usize,
    pub(crate) refusal: usize,
}

/// How the reading of a body ended.
enum BodyEnd {
    Whole,
    TooLong,
    Cut(Interruption),
}

/// U+FEFF in UTF-8, which some servers put before a body.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Sends the head of `request` with `body`, and follows redirects on the same origin. Reads a success to its end,
/// unless it is a stream.
pub(crate) async fn run(
    http: &Sender,
    request: &reqwest::Request,
    body: &Bytes,
    streamed: bool,
    limits: &Limits,
    sizes: Sizes,
) -> Result<Success, Failure> {
    let mut response = respond(http, request, body, limits).await?;
    let (status, headers) = (response.status(), response.headers().clone());
    if status.is_success() {
        if streamed {
            return Ok(Success { status, headers, body: Body::Open(response) });
        }
        let (body, end) = read(&mut response, limits, sizes.success).await;
        return match end {
            BodyEnd::Whole => Ok(Success { status, headers, body: Body::Whole(body) }),
            BodyEnd::TooLong => {
                let what = format!(
                    "the response is longer than {} bytes (CallOptions::response_limit)",
                    sizes.success
                );
                let error = Error::new(ErrorKind::LimitExceeded, what).with_status(status);
                Err(Failure { error, disposition: Disposition::Accepted, wait: None })
            }
            BodyEnd::Cut(why) => Err(interrupted(why, limits)),
        };
    }
    // The status decides already; a broken body of a refusal changes only what is known of it.
    let (body, end) = read(&mut response, limits, sizes.refusal).await;
    let whole = matches!(end, BodyEnd::Whole);
    Err(Failure {
        error: refusal::error(status, &headers, &body, whole, response.url()),
        disposition: Disposition::of_status(status),
        wait: retry_after::parse(&headers),
    })
}

/// Returns the first response that is not a redirect to follow.
async fn respond(
    http: &Sender,
    request: &reqwest::Request,
    body: &Bytes,
    limits: &Limits,
) -> Result<reqwest::Response, Failure> {
    let mut url = request.url().clone();
    for _ in 0..=redirect::MOST {
        let mut hop = reqwest::Request::new(request.method().clone(), url.clone());
        *hop.headers_mut() = request.headers().clone();
        let (pieces, length) = (sending::pieces(body.clone()), body.len() as u64);
        let sent = sending::send(http, hop, pieces, length, limits).await;
        let response = sent.map_err(|unanswered| unanswered_failure(unanswered, limits))?;
        if *response.url() != url {
            return Err(redirected(&response));
        }
        match redirect::target(&response) {
            Some(target) => url = target,
            None => return Ok(response),
        }
    }
    let error = Error::new(ErrorKind::Redirect, format!("more than {} redirects", redirect::MOST));
    Err(Failure { error, disposition: Disposition::Permanent, wait: None })
}

/// Reads a body of at most `limit` bytes. Returns what came of it.
async fn read(response: &mut reqwest::Response, limits: &Limits, limit: usize) -> (Bytes, BodyEnd) {
    let mut read = BytesMut::new();
    let end = loop {
        match limits.chunk(response).await {
            Ok(Some(part)) if part.len() > limit - read.len() => {
                read.extend_from_slice(&part[..limit - read.len()]);
                break BodyEnd::TooLong;
            }
            Ok(Some(part)) => read.extend_from_slice(&part),
            Ok(None) => break BodyEnd::Whole,
            Err(why) => break BodyEnd::Cut(why),
        }
    };
    let read = read.freeze();
    // RFC 8259, section 8.1: who reads JSON may ignore a byte-order mark.
    let read = if read.starts_with(BYTE_ORDER_MARK) { read.slice(BYTE_ORDER_MARK.len()..) } else { read };
    (read, end)
}

/// The failure of a request without a response.
fn unanswered_failure(Unanswered { why, sent }: Unanswered, limits: &Limits) -> Failure {
    let error = match why {
        why if sent => return interrupted(why, limits),
        Interruption::Failed(error) if error.unexpected().is_some() => return unexpected(&error),
        Interruption::Failed(error) if error.is_builder() => {
            // The address stands in our own error, without its query.
            let cause = error.without_url().into_cause();
            let error = Error::invalid("the request cannot be built").caused_by_boxed(cause);
            return Failure { error, disposition: Disposition::Permanent, wait: None };
        }
        Interruption::Failed(error) if error.is_connect() => {
            let error = error.without_url();
            let what = format!("no connection was made: {}", innermost(&error));
            Error::new(ErrorKind::Connect, what).caused_by_boxed(error.into_cause())
        }
        Interruption::Failed(error) => {
            let error = error.without_url();
            let what = format!("the connection closed before the request was sent: {}", innermost(&error));
            Error::new(ErrorKind::Connect, what).caused_by_boxed(error.into_cause())
        }
        Interruption::Silent | Interruption::Late => {
            let what = "the time allowed for the call ended before a connection was made; nothing was sent";
            Error::new(ErrorKind::Timeout, what)
        }
    };
    Failure { error, disposition: Disposition::Transient, wait: None }
}

/// The failure of a request that was sent.
fn interrupted(why: Interruption, limits: &Limits) -> Failure {
    let ambiguous = |error| Failure { error, disposition: Disposition::Ambiguous, wait: None };
    let error = match why {
        Interruption::Failed(error) => error,
        Interruption::Silent => {
            let what = format!("the server was silent for {} s", limits.idle.as_secs_f64());
            return ambiguous(Error::new(ErrorKind::Timeout, what));
        }
        Interruption::Late => {
            return ambiguous(Error::new(ErrorKind::Timeout, "the time allowed for the call ended"));
        }
    };
    // The address stands in our own error, without its query.
    let error = error.without_url();
    if error.is_connect() || error.is_builder() {
        // The first server took the request, so this is about another one.
        let what = format!(
            "the HTTP client of the application followed a redirect, and failed: {}",
            innermost(&error)
        );
        let error =
            Error::new(ErrorKind::Redirect, what).advice(NO_REDIRECTS).caused_by_boxed(error.into_cause());
        return Failure { error, disposition: Disposition::AmbiguousPermanent, wait: None };
    }
    let what = format!("the connection ended before the whole answer came: {}", innermost(&error));
    ambiguous(Error::new(ErrorKind::Interrupted, what).caused_by_boxed(error.into_cause()))
}

/// What to do if the HTTP client of the application follows redirects.
const NO_REDIRECTS: &str =
    "build the reqwest::Client with redirect::Policy::none(), see DataLinksBuilder::http_client";

/// The failure of a response to another address than that of the request: an HTTP client of the application has
/// followed a redirect. The server before it may have carried out the request.
fn redirected(response: &reqwest::Response) -> Failure {
    let what = "the HTTP client of the application followed a redirect";
    let error = Error::new(ErrorKind::Redirect, what).with_status(response.status()).advice(NO_REDIRECTS);
    Failure { error, disposition: Disposition::AmbiguousPermanent, wait: None }
}

/// The failure of a request that the script of a test does not expect.
fn unexpected(error: &SendError) -> Failure {
    let error = Error::new(ErrorKind::Config, error.to_string())
        .advice("add a reply with testing::Script::reply, or correct the request");
    Failure { error, disposition: Disposition::Permanent, wait: None }
}

/// The cause at the end of the chain, which says most.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 520 or 524 of a gateway was taken for a refusal: rows that the service had stored were reported as not stored.
    #[test]
    fn every_5xx_is_ambiguous_unless_it_says_that_nothing_was_done() {
        for status in 500..=999 {
            let end = Disposition::of_status(StatusCode::from_u16(status).unwrap());
            assert_eq!(end.is_ambiguous(), !matches!(status, 501 | 503 | 505 | 511), "{status}");
            let may_pass = matches!(end, Disposition::Transient | Disposition::Ambiguous);
            assert_eq!(may_pass, matches!(status, 500 | 502..=504), "{status}");
        }
        for status in 300..500 {
            assert!(
                !Disposition::of_status(StatusCode::from_u16(status).unwrap()).is_ambiguous(),
                "{status}"
            );
        }
    }
}
