//! One attempt: a request, and its response or failure.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};

use super::{
    error_response, redirect, retry_after,
    send_error::SendError,
    sender::Sender,
    sending::{self, Interruption, Limits, NoResponse},
};
use crate::error::{Error, ErrorKind};

/// A successful response.
pub(crate) struct Success {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// The response, without its headers, if its body was read.
    pub(crate) read: Option<reqwest::Response>,
}

/// The body of a successful response.
pub(crate) enum Body {
    Whole(Bytes),
    /// The response to read the body from. The decoder of the stream reads it.
    Open(reqwest::Response),
}

/// A failed attempt.
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) disposition: Disposition,
    /// Delay that the server asks for.
    pub(crate) wait: Option<Duration>,
}

/// The effect of a failed attempt on the service, and on the next attempt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Disposition {
    /// Not carried out, and may succeed later. The request was not sent, or the response was 408, 429 or 503.
    Transient,
    /// May have been carried out, and may succeed later. The response was lost, or was 500, 502 or 504.
    Ambiguous,
    /// May have been carried out, and is not expected to succeed later. The response was another 5xx, such as the 520 or
    /// 524 of a gateway that had no response from the service behind it.
    AmbiguousPermanent,
    /// Carried out. The response is longer than the caller allows.
    Accepted,
    /// Not carried out, and a retry would fail as well.
    Permanent,
}

impl Disposition {
    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            408 | 429 | 503 => Self::Transient,
            500 | 502 | 504 => Self::Ambiguous,
            // With these, the server or a gateway rejects the request without carrying it out.
            501 | 505 | 511 => Self::Permanent,
            500.. => Self::AmbiguousPermanent,
            _ => Self::Permanent,
        }
    }

    /// Returns `true` if the request may have been carried out.
    pub(crate) fn is_ambiguous(self) -> bool {
        matches!(self, Self::Ambiguous | Self::AmbiguousPermanent | Self::Accepted)
    }
}

/// Maximum lengths of response bodies, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) success: usize,
    pub(crate) error: usize,
}

/// The end of reading a body.
enum BodyEnd {
    Whole,
    TooLong,
    Cut(Interruption),
}

/// U+FEFF in UTF-8, which some servers put before a body.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Sends the head of `request` with `body`, and follows redirects on the same origin. Reads the whole body of a success,
/// unless the body is a stream.
pub(crate) async fn run(
    http: &Sender,
    request: &reqwest::Request,
    body: &Bytes,
    streamed: bool,
    limits: &Limits,
    sizes: Sizes,
) -> Result<Success, Failure> {
    let mut response = respond(http, request, body, limits).await?;
    let status = response.status();
    if streamed && status.is_success() {
        let headers = response.headers().clone();
        return Ok(Success { status, headers, body: Body::Open(response), read: None });
    }
    let headers = std::mem::take(response.headers_mut());
    if status.is_success() {
        let (body, end) = read(http, &mut response, limits, sizes.success).await;
        return match end {
            BodyEnd::Whole => Ok(Success { status, headers, body: Body::Whole(body), read: Some(response) }),
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
    // The status alone decides. An incomplete body only means that less is known about the error.
    let (body, end) = read(http, &mut response, limits, sizes.error).await;
    let whole = matches!(end, BodyEnd::Whole);
    Err(Failure {
        error: error_response::error(status, &headers, &body, whole, response.url()),
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
    let mut target: Option<reqwest::Url> = None;
    for _ in 0..=redirect::MOST {
        let url = target.as_ref().unwrap_or(request.url());
        let sent = {
            let mut hop = reqwest::Request::new(request.method().clone(), url.clone());
            *hop.headers_mut() = request.headers().clone();
            sending::send(http, hop, sending::Pieces(body.clone()), body.len() as u64, limits)
        };
        let response = sent.await.map_err(|no_response| no_response_failure(no_response, limits))?;
        if response.url() != url {
            return Err(redirected(&response));
        }
        match redirect::target(&response) {
            None => return Ok(response),
            next => target = next,
        }
    }
    let error = Error::new(ErrorKind::Redirect, format!("more than {} redirects", redirect::MOST));
    Err(Failure { error, disposition: Disposition::Permanent, wait: None })
}

/// Reads at most `limit` bytes of a body, and returns the bytes that were read.
async fn read(
    http: &Sender,
    response: &mut reqwest::Response,
    limits: &Limits,
    limit: usize,
) -> (Bytes, BodyEnd) {
    let mut timer = http.timers().timer();
    let mut read = BytesMut::new();
    let end = loop {
        match limits.chunk(response, &mut timer).await {
            Ok(Some(part)) if part.len() > limit - read.len() => {
                read.extend_from_slice(&part[..limit - read.len()]);
                break BodyEnd::TooLong;
            }
            Ok(Some(part)) => read.extend_from_slice(&part),
            Ok(None) => break BodyEnd::Whole,
            Err(why) => break BodyEnd::Cut(why),
        }
    };
    timer.keep();
    let read = read.freeze();
    // RFC 8259, section 8.1, allows parsers of JSON to ignore a byte-order mark.
    let read = if read.starts_with(BYTE_ORDER_MARK) { read.slice(BYTE_ORDER_MARK.len()..) } else { read };
    (read, end)
}

/// Returns the failure of a request without a response.
fn no_response_failure(NoResponse { why, sent }: NoResponse, limits: &Limits) -> Failure {
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
            let untrusted = error.is_untrusted_server();
            let error = error.without_url();
            let what = format!("no connection was made: {}", innermost(&error));
            let error = Error::new(ErrorKind::Connect, what).caused_by_boxed(error.into_cause());
            if untrusted {
                // The server will present the same certificate again.
                let error = error.with_untrusted_server();
                return Failure { error, disposition: Disposition::Permanent, wait: None };
            }
            error
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

/// Returns the failure of a request that was sent.
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
    // The context of the call adds the URL, without its query.
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
    let what = format!("the connection ended before the whole response was received: {}", innermost(&error));
    ambiguous(Error::new(ErrorKind::Interrupted, what).caused_by_boxed(error.into_cause()))
}

/// Advice for an HTTP client of the application that follows redirects.
const NO_REDIRECTS: &str =
    "build the reqwest::Client with redirect::Policy::none(), see DataLinksBuilder::http_client";

/// Returns the failure of a response from another URL than that of the request.
///
/// An HTTP client of the application followed a redirect. The server that redirected may have carried out the request.
fn redirected(response: &reqwest::Response) -> Failure {
    let what = "the HTTP client of the application followed a redirect";
    let error = Error::new(ErrorKind::Redirect, what).with_status(response.status()).advice(NO_REDIRECTS);
    Failure { error, disposition: Disposition::AmbiguousPermanent, wait: None }
}

/// Returns the failure of a request that the script of a test does not expect.
fn unexpected(error: &SendError) -> Failure {
    let error = Error::new(ErrorKind::Config, error.to_string())
        .advice("add a reply with testing::Script::reply, or correct the request");
    Failure { error, disposition: Disposition::Permanent, wait: None }
}

/// Returns the text of the last cause in the chain, which is the most specific one.
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

    /// A 520 or 524 of a gateway was treated as a rejection, and rows that the service had stored were reported as not
    /// stored.
    #[test]
    fn every_5xx_is_ambiguous_unless_it_means_not_carried_out() {
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
