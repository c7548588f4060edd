//! One part on its way to the storage, as often as it takes.

use std::{sync::Arc, time::Duration};

use bytes::BytesMut;
use http::{Method, StatusCode, header::ETAG};
use tokio::time::Instant;

use super::{
    meter::{Flight, Meter},
    pieces::pieces,
    refusal,
    work::Part,
};
use crate::{
    DataLinks, Error, ErrorKind, RetryPolicy,
    transport::{
        Attempt, Effort, Limits, innermost, retry_after,
        sending::{self, Interruption},
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
        let mut effort = Effort {
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
            Err(error) => return Err(effort.tell(error)),
        };
        effort.proxy = proxy.map(Arc::from);
        loop {
            effort.attempts += 1;
            let sent = Instant::now();
            let flight = Landing(Arc::new(Flight::new(Arc::clone(&self.meter))));
            let outcome = self.attempt(&http, &part, &flight.0).await;
            effort.elapsed = start.elapsed();
            let failure = match outcome {
                Ok((tag, status)) => {
                    transport.observe(Attempt::success(&effort, status, sent.elapsed()), true);
                    return Ok((part, tag));
                }
                Err(failure) => failure,
            };
            // The pause does not count as sending.
            drop(flight);
            let error = effort.tell(failure.error).with_retry_after(failure.wait);
            let pause = failure.again.then(|| self.pause(&effort, failure.wait)).flatten();
            transport.observe(Attempt::failure(&effort, &error, sent.elapsed(), pause), true);
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// How long to wait before the next attempt, or nothing when there is none.
    fn pause(&self, effort: &Effort, asked: Option<Duration>) -> Option<Duration> {
        let policy = &self.policy;
        if effort.attempts >= policy.attempts || asked.is_some_and(|wait| wait > policy.longest_wait) {
            return None;
        }
        let draw = self.client.connection().transport.draw();
        let pause = match asked {
            Some(wait) => policy.asked(wait, draw),
            None => policy.backoff.pause(effort.attempts, draw),
        };
        let too_late = policy.total.is_some_and(|total| effort.elapsed.saturating_add(pause) >= total);
        (!too_late).then_some(pause)
    }

    async fn attempt(
        &self,
        http: &reqwest::Client,
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
                let error = Error::new(ErrorKind::UnexpectedAnswer, what).with_status(status);
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
    let (kind, what) = if error.is_connect() {
        (ErrorKind::Connect, format!("no connection to the storage was made for {name}"))
    } else {
        (
            ErrorKind::Interrupted,
            format!("the connection to the storage ended before {name} was acknowledged"),
        )
    };
    let what = Error::new(kind, format!("{what}: {}", innermost(&error))).caused_by(error);
    let what = match kind {
        ErrorKind::Connect => what.advice("check the network; the storage is another host than the API"),
        _ => what.advice("try again"),
    };
    Failure { error: what, again: true, wait: None }
}
