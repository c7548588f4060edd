//! One part on its way to the storage, as often as it takes.

use std::{sync::Arc, time::Duration};

use bytes::BytesMut;
use http::{Method, StatusCode, header::ETAG};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::{
    meter::{Flight, Meter},
    pieces::pieces,
    refusal,
    work::Part,
};
use crate::{
    client::DataLinks,
    error::{Error, ErrorKind},
    transport::{
        Attempt, CallContext, Limits, RetryPolicy, Sender, innermost, retry_after,
        sending::{self, Interruption},
        span::Traced,
    },
};

/// What errors and observers call it.
const OPERATION: &str = "putPart";
/// Bytes of a refusal that are read: its code stands at the beginning.
const REFUSAL_READ: usize = 16 * 1024;

/// What all parts have in common.
pub(super) struct Storage {
    client: DataLinks,
    policy: RetryPolicy,
    pub(super) meter: Arc<Meter>,
}

/// An attempt without success.
struct Failure {
    error: Error,
    again: bool,
    /// What the storage asks for.
    wait: Option<Duration>,
}

impl Storage {
    pub(super) fn new(client: &DataLinks, attempts: u32, meter: Arc<Meter>) -> Self {
        let policy = client.retry_policy().attempts(attempts);
        Self { client: client.clone(), policy, meter }
    }

    /// Sends a part and answers its tag. It may be sent several times: a part that arrives again replaces
    /// itself.
    ///
    /// Dropping the future closes the connection; the part may have arrived.
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
        let (http, proxy) = match self.client.connection().storage(&what, &part.url) {
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
            let outcome = self.attempt(&http, &part, &flight.0).instrument(span.clone()).await;
            context.elapsed = start.elapsed();
            let failure = match outcome {
                Ok((tag, status)) => {
                    transport.observe(Attempt::success(&context, status, sent.elapsed()), &span);
                    return Ok((part, tag));
                }
                Err(failure) => failure,
            };
            // The pause does not count as sending.
            drop(flight);
            let error = context.annotate(failure.error).with_retry_after(failure.wait);
            let pause = failure.again.then(|| self.pause(&context, failure.wait)).flatten();
            transport.observe(Attempt::failure(&context, &error, sent.elapsed(), pause), &span);
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// How long to wait before the next attempt, or nothing when there is none.
    fn pause(&self, context: &CallContext, asked: Option<Duration>) -> Option<Duration> {
        let policy = &self.policy;
        if context.attempts >= policy.attempts || asked.is_some_and(|wait| wait > policy.max_retry_after) {
            return None;
        }
        let jitter = self.client.connection().transport.jitter();
        let pause = match asked {
            Some(wait) => policy.asked(wait, jitter),
            None => policy.backoff.pause(context.attempts, jitter),
        };
        let too_late = policy.total.is_some_and(|total| context.elapsed.saturating_add(pause) >= total);
        (!too_late).then_some(pause)
    }

    async fn attempt(
        &self,
        http: &Sender,
        part: &Arc<Part>,
        flight: &Arc<Flight>,
    ) -> Result<(String, StatusCode), Failure> {
        let name = format!("part {} of {} of {}", part.number, part.of, part.file.name);
        // Made by hand: no key, and no header of the client's options, which are for the API.
        let request = reqwest::Request::new(Method::PUT, part.url.clone());
        let body = pieces(Arc::clone(part), Arc::clone(flight));
        let limits = Limits { idle: self.client.connection().transport.idle.of(OPERATION), deadline: None };
        let mut response = match sending::send(http, request, body, part.size, &limits).await {
            Ok(response) => response,
            Err(unanswered) => {
                return Err(match flight.failure() {
                    Some(error) => Failure { error, again: false, wait: None },
                    None => failure(unanswered.why, &limits, &name),
                });
            }
        };
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_success() {
            let tag =
                headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(|tag| tag.trim().trim_matches('"'));
            let Some(tag) = tag.filter(|tag| !tag.is_empty()) else {
                let what = format!("the storage took {name} and answered no ETag");
                let error = Error::new(ErrorKind::UnexpectedResponse, what).with_status(status);
                let error = error.advice("the file cannot be finished without it; ask the service");
                return Err(Failure { error, again: false, wait: None });
            };
            flight.land(part.size);
            return Ok((tag.to_owned(), status));
        }
        let mut body = BytesMut::new();
        // The status decides already; a broken body changes nothing.
        while let Ok(Some(more)) = limits.chunk(&mut response).await {
            body.extend_from_slice(&more);
            if body.len() >= REFUSAL_READ {
                break;
            }
        }
        let error = refusal::error(status, &headers, &body, &name);
        let again = matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
            || error.kind() == ErrorKind::Timeout;
        Err(Failure { error, again, wait: retry_after::parse(&headers) })
    }
}

/// Ends a flight, also when the future that waits for it is dropped.
struct Landing(Arc<Flight>);

impl Drop for Landing {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The failure of a request without a response. The URL is taken out of its causes.
fn failure(why: Interruption, limits: &Limits, name: &str) -> Failure {
    let error = match why {
        Interruption::Failed(error) => error.without_url(),
        Interruption::Silent | Interruption::Late => {
            let what = format!("the storage was silent for {} s", limits.idle.as_secs_f64());
            return Failure { error: Error::new(ErrorKind::Timeout, what), again: true, wait: None };
        }
    };
    // The script of a test has no reply for it.
    let again = error.unexpected().is_none();
    let (kind, what) = if error.is_connect() {
        (ErrorKind::Connect, format!("no connection to the storage was made for {name}"))
    } else {
        (
            ErrorKind::Interrupted,
            format!("the connection to the storage ended before {name} was acknowledged"),
        )
    };
    let what = Error::new(kind, format!("{what}: {}", innermost(&error))).caused_by_boxed(error.into_cause());
    let what = match kind {
        ErrorKind::Connect => what.advice("check the network; the storage is another host than the API"),
        _ => what.advice("try again"),
    };
    Failure { error: what, again, wait: None }
}
