//! One attempt: a request, and its response or failure.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};

use super::{
    compression::{self, DECODED_AT_ONCE, DecodeError, Decoder, Unsupported},
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
    /// Carried out. The response is longer than the caller allows, or cannot be decompressed.
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

/// Maximum lengths of response bodies, in bytes. They apply to the content, after decompression.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// `None` if only the expansion of a compressed body is limited.
    pub(crate) success: Option<usize>,
    pub(crate) error: usize,
}

/// The end of reading a body.
enum BodyEnd {
    Whole,
    TooLong,
    Cut(Interruption),
    /// The compressed body expands without a limit that the caller has set.
    Expands {
        /// Number of compressed bytes.
        from: u64,
    },
    /// The compressed body is many times as long as the limit, and has hardly any content.
    Barren {
        /// Number of compressed bytes.
        read: u64,
    },
    Undecodable(DecodeError),
}

/// Content of a compressed body that is decompressed whatever its expansion is, in bytes.
const EXPANSION_FREE: u64 = 64 * 1024 * 1024;

/// Largest expansion of a compressed body whose content is longer than [`EXPANSION_FREE`].
const EXPANSION: u64 = 200;

/// Number of compressed bytes that are read whatever their content is.
const BARREN_FREE: u64 = 64 * 1024;

/// Number of times that a longer compressed body may exceed the limit of its content. A server that flushes after a few bytes
/// sends some times as many bytes as the content has.
const BARREN: u64 = 8;

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
    let mut headers = match streamed && status.is_success() {
        true => response.headers().clone(),
        false => std::mem::take(response.headers_mut()),
    };
    let decoder = compression::of_response(&mut headers);
    if status.is_success() {
        let decoder = match decoder {
            Ok(decoder) => decoder,
            // Without content, there is nothing to decompress.
            Err(_) if !streamed && is_empty(http, &mut response, limits).await => None,
            Err(unsupported) => return Err(unsupported_coding(unsupported, status)),
        };
        if streamed {
            let response = match decoder {
                None => response,
                Some(decoder) => compression::opened(response, &headers, decoder),
            };
            return Ok(Success { status, headers, body: Body::Open(response), read: None });
        }
        let is_compressed = decoder.is_some();
        let (body, end) = read(http, &mut response, decoder, limits, sizes.success).await;
        return match unread(end, is_compressed, sizes.success, limits) {
            None => Ok(Success { status, headers, body: Body::Whole(body), read: Some(response) }),
            Some(Failure { error, disposition: Disposition::Accepted, wait }) => {
                Err(Failure { error: error.with_status(status), disposition: Disposition::Accepted, wait })
            }
            Some(failure) => Err(failure),
        };
    }
    // The status alone decides. An incomplete body only means that less is known about the error.
    let (body, end) = match decoder {
        Ok(decoder) => read(http, &mut response, decoder, limits, Some(sizes.error)).await,
        Err(Unsupported { .. }) => (Bytes::new(), BodyEnd::TooLong),
    };
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
            sending::send(http, hop, sending::Chunked(body.clone()), body.len() as u64, limits)
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

/// Reads at most `limit` bytes of the content of a body, and returns the bytes that were read. Without a limit, the expansion
/// of a compressed body is limited.
async fn read(
    http: &Sender,
    response: &mut reqwest::Response,
    mut decoder: Option<Decoder>,
    limits: &Limits,
    limit: Option<usize>,
) -> (Bytes, BodyEnd) {
    let most = limit.unwrap_or(usize::MAX);
    let mut timer = http.timers().timer();
    let mut read = BytesMut::new();
    let end = loop {
        match (limits.chunk(response, &mut timer).await, &mut decoder) {
            (Ok(Some(part)), None) if part.len() > most - read.len() => {
                read.extend_from_slice(&part[..most - read.len()]);
                break BodyEnd::TooLong;
            }
            (Ok(Some(part)), None) => read.extend_from_slice(&part),
            (Ok(Some(part)), Some(decoder)) => {
                if let Some(end) = decode(decoder, part, &mut read, limit).await {
                    read.truncate(most);
                    break end;
                }
            }
            (Ok(None), None) => break BodyEnd::Whole,
            (Ok(None), Some(decoder)) => {
                break decoder.finish().err().map_or(BodyEnd::Whole, BodyEnd::Undecodable);
            }
            (Err(why), _) => break BodyEnd::Cut(why),
        }
    };
    timer.keep();
    let read = read.freeze();
    // RFC 8259, section 8.1, allows parsers of JSON to ignore a byte-order mark.
    let read = if read.starts_with(BYTE_ORDER_MARK) { read.slice(BYTE_ORDER_MARK.len()..) } else { read };
    (read, end)
}

/// Reads the first bytes of a body, and returns `true` if it has none.
async fn is_empty(http: &Sender, response: &mut reqwest::Response, limits: &Limits) -> bool {
    matches!(read(http, response, None, limits, Some(0)).await.1, BodyEnd::Whole)
}

/// Decompresses a chunk of a body, and appends its content to `read`. Returns the reason to read no further.
async fn decode(
    decoder: &mut Decoder,
    mut part: Bytes,
    read: &mut BytesMut,
    limit: Option<usize>,
) -> Option<BodyEnd> {
    let mut pause = decoder.written() + DECODED_AT_ONCE;
    loop {
        let more = match decoder.step(&mut part, read) {
            Ok(more) => more,
            Err(error) => return Some(BodyEnd::Undecodable(error)),
        };
        match limit {
            Some(limit) if read.len() > limit => return Some(BodyEnd::TooLong),
            Some(limit) if decoder.read() / BARREN > BARREN_FREE.max(limit as u64) => {
                return Some(BodyEnd::Barren { read: decoder.read() });
            }
            None if decoder.written() > EXPANSION_FREE && decoder.written() / EXPANSION > decoder.read() => {
                return Some(BodyEnd::Expands { from: decoder.read() });
            }
            _ if !more => return None,
            _ => {}
        }
        if decoder.written() > pause {
            pause = decoder.written() + DECODED_AT_ONCE;
            tokio::task::yield_now().await;
        }
    }
}

/// Returns the failure of a success whose body was not read as a whole.
fn unread(end: BodyEnd, is_compressed: bool, limit: Option<usize>, limits: &Limits) -> Option<Failure> {
    let accepted = |error| Some(Failure { error, disposition: Disposition::Accepted, wait: None });
    match end {
        BodyEnd::Whole => None,
        BodyEnd::Cut(why) => Some(interrupted(why, limits)),
        BodyEnd::TooLong => {
            let after = if is_compressed { " after decompression" } else { "" };
            let limit = limit.unwrap_or(usize::MAX);
            let what =
                format!("the response is longer than {limit} bytes{after} (CallOptions::response_limit)");
            accepted(Error::new(ErrorKind::LimitExceeded, what))
        }
        BodyEnd::Expands { from } => {
            let what = format!(
                "{from} bytes of the compressed response expand to more than {EXPANSION_FREE} bytes, which is more than \
                 {EXPANSION} times as many"
            );
            let advice =
                "if you trust the server, set CallOptions::response_limit to the length that you expect";
            accepted(Error::new(ErrorKind::LimitExceeded, what).advice(advice))
        }
        BodyEnd::Barren { read } => {
            let what = format!("{read} bytes of the compressed response have hardly any content");
            accepted(Error::new(ErrorKind::LimitExceeded, what))
        }
        BodyEnd::Undecodable(error @ DecodeError::Corrupt { .. }) => accepted(corrupt(&error)),
        // As after a connection that was lost: a retry may bring the rest.
        BodyEnd::Undecodable(error @ DecodeError::Cut { .. }) => {
            let error = Error::new(ErrorKind::Interrupted, error.to_string());
            Some(Failure { error, disposition: Disposition::Ambiguous, wait: None })
        }
    }
}

/// Returns the error for a body that is not valid in its coding.
pub(super) fn corrupt(error: &DecodeError) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, error.to_string()).advice(
        "the server or a proxy in between sends invalid compressed data: report it, or set the header Accept-Encoding to \
         identity, which asks for none",
    )
}

/// Returns the failure of a success in a coding that this build cannot decompress.
fn unsupported_coding(Unsupported { named, feature }: Unsupported, status: StatusCode) -> Failure {
    let what = format!("the response is compressed ({named:?}), which this client cannot decompress");
    let error = Error::new(ErrorKind::UnexpectedResponse, what).with_status(status);
    let error = match feature {
        Some(feature) => error.advice(format!("enable the feature {feature} of the crate datalinks")),
        None => error.advice("set the header Accept-Encoding to identity, which asks for no compression"),
    };
    Failure { error, disposition: Disposition::Accepted, wait: None }
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
