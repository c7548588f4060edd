//! Sending one part to the storage, with retries.

use std::{sync::Arc, time::Duration};

use bytes::BytesMut;
use http::{Method, StatusCode, header::ETAG};
use tracing::Instrument as _;

use super::{
    chunks::chunks,
    meter::{Flight, Meter},
    storage_error,
    work::Part,
};
use crate::{
    client::DataLinks,
    error::{Error, ErrorKind},
    platform::clock::{self, Instant},
    transport::{
        Attempt, CallContext, Limits, RetryPolicy, Sender, innermost, retry_after,
        sending::{self, Interruption},
        span::Traced,
    },
};

/// Name of the operation in errors, observers and spans.
const OPERATION: &str = "putPart";
/// Number of bytes of an error body that are read. The code is at the beginning.
const ERROR_BODY_READ: usize = 16 * 1024;

/// The client, policy and meter that all parts share.
pub(super) struct Storage {
    client: DataLinks,
    policy: RetryPolicy,
    pub(super) meter: Arc<Meter>,
}

/// A failed attempt.
struct Failure {
    error: Error,
    again: bool,
    /// Delay that the storage requests.
    wait: Option<Duration>,
}

impl Storage {
    pub(super) fn new(client: &DataLinks, attempts: u32, meter: Arc<Meter>) -> Self {
        let policy = client.retry_policy().max_attempts(attempts);
        Self { client: client.clone(), policy, meter }
    }

    /// Sends a part and returns its `ETag`. The part may be sent several times, because a part that arrives again
    /// replaces itself.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection. The part may have arrived.
    pub(super) async fn put(self: Arc<Self>, part: Arc<Part>) -> Result<(Arc<Part>, String), Error> {
        let transport = &self.client.connection().transport;
        let start = Instant::now();
        let target = format!("PUT {}", part.url.origin().ascii_serialization());
        let mut context = CallContext {
            operation: OPERATION,
            target,
            proxy: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            redactor: transport.redactor.clone(),
        };
        let what = format!("the URL of part {} of {}", part.number, part.file.name);
        let (http, proxy) = match self.client.connection().storage(&what, &part.url).await {
            Ok((http, proxy)) => (http, proxy),
            Err(error) => return Err(context.annotate(error)),
        };
        context.proxy = proxy.map(Arc::from);
        loop {
            context.attempts += 1;
            let sent = Instant::now();
            let flight = Landing(Arc::new(Flight::new(Arc::clone(&self.meter))));
            let traced = Traced { operation: OPERATION, template: "", method: &Method::PUT, url: &part.url };
            let span = traced.attempt(context.attempts - 1);
            // The request is created without the API key and without the headers of the client, which are for the API.
            let request = reqwest::Request::new(Method::PUT, part.url.clone());
            let range = part.offset..part.offset.saturating_add(part.size);
            transport.announce_file(&context, &request, &part.file.path, range);
            let outcome = self.attempt(&http, request, &part, &flight.0).instrument(span.clone()).await;
            context.elapsed = start.elapsed();
            let failure = match outcome {
                Ok((tag, status)) => {
                    transport.observe(Attempt::success(&context, status, sent.elapsed()), &span);
                    return Ok((part, tag));
                }
                Err(failure) => failure,
            };
            // The delay does not count as time of sending.
            drop(flight);
            let error = context.annotate(failure.error).with_retry_after(failure.wait);
            let pause = failure.again.then(|| self.next_delay(&context, failure.wait)).flatten();
            transport.observe(Attempt::failure(&context, &error, sent.elapsed(), pause), &span);
            match pause {
                Some(pause) => clock::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// Returns the delay before the next attempt, or `None` if there is none.
    fn next_delay(&self, context: &CallContext, requested: Option<Duration>) -> Option<Duration> {
        let policy = &self.policy;
        if context.attempts >= policy.max_attempts
            || requested.is_some_and(|wait| wait > policy.max_retry_after)
        {
            return None;
        }
        let jitter = self.client.connection().transport.jitter();
        let pause = match requested {
            Some(wait) => policy.asked(wait, jitter),
            None => policy.backoff.pause(context.attempts, jitter),
        };
        let too_late =
            policy.retry_timeout.is_some_and(|total| context.elapsed.saturating_add(pause) >= total);
        (!too_late).then_some(pause)
    }

    async fn attempt(
        &self,
        http: &Sender,
        request: reqwest::Request,
        part: &Arc<Part>,
        flight: &Arc<Flight>,
    ) -> Result<(String, StatusCode), Failure> {
        let name = format!("part {} of {} of {}", part.number, part.of, part.file.name);
        let body = Box::pin(chunks(Arc::clone(part), Arc::clone(flight)));
        let limits = Limits { idle: self.client.connection().transport.idle.of(OPERATION), deadline: None };
        let mut response = match sending::send(http, request, body, part.size, &limits).await {
            Ok(response) => response,
            Err(no_response) => {
                return Err(match flight.failure() {
                    Some(error) => Failure { error, again: false, wait: None },
                    None => failure(no_response.why, &limits, &name),
                });
            }
        };
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_success() {
            let tag =
                headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(|tag| tag.trim().trim_matches('"'));
            let Some(tag) = tag.filter(|tag| !tag.is_empty()) else {
                let what = format!("the storage accepted {name} without an ETag in its response");
                let error = Error::new(ErrorKind::UnexpectedResponse, what).with_status(status);
                let error = error
                    .advice("the upload cannot be finished without the ETag; report this to the operator of the service");
                return Err(Failure { error, again: false, wait: None });
            };
            flight.land(part.size);
            return Ok((tag.to_owned(), status));
        }
        let mut timer = http.timers().timer();
        let mut body = BytesMut::new();
        // The status decides, so a broken body is ignored.
        while let Ok(Some(more)) = limits.chunk(&mut response, &mut timer).await {
            body.extend_from_slice(&more);
            if body.len() >= ERROR_BODY_READ {
                break;
            }
        }
        let error = storage_error::error(status, &headers, &body, &name);
        let again = matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
            || error.kind() == ErrorKind::Timeout;
        Err(Failure { error, again, wait: retry_after::parse(&headers) })
    }
}

/// Ends a flight, even if the future that waits for it is dropped.
struct Landing(Arc<Flight>);

impl Drop for Landing {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Returns the failure of a request without a response. The URL is removed from its causes.
fn failure(why: Interruption, limits: &Limits, name: &str) -> Failure {
    let error = match why {
        Interruption::Failed(error) => error.without_url(),
        Interruption::Silent | Interruption::Late => {
            let what = format!("the storage was silent for {} s", limits.idle.as_secs_f64());
            return Failure { error: Error::new(ErrorKind::Timeout, what), again: true, wait: None };
        }
    };
    let untrusted = error.is_untrusted_server();
    // Neither an error of a scripted transport in a test nor a rejected certificate is retried.
    let again = error.unexpected().is_none() && !untrusted;
    let (kind, what) = if error.is_connect() {
        (ErrorKind::Connect, format!("connecting to the storage for {name} failed"))
    } else {
        (
            ErrorKind::Interrupted,
            format!("the connection to the storage ended before {name} was acknowledged"),
        )
    };
    let what = Error::new(kind, format!("{what}: {}", innermost(&error))).caused_by_boxed(error.into_cause());
    let what = match kind {
        ErrorKind::Connect => what.advice("check the network; the storage has another host than the API"),
        _ => what.advice("retry the upload"),
    };
    let error = if untrusted { what.with_untrusted_server() } else { what };
    Failure { error, again, wait: None }
}
