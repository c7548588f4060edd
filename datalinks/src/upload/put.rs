//! One part on its way to the storage, as often as it takes.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::BytesMut;
use http::{
    Method, StatusCode,
    header::{CONTENT_LENGTH, ETAG},
};
use reqwest::Body;
use tokio::time::{Instant, timeout};

use super::{
    meter::{Flight, Meter},
    pieces::pieces,
    refusal,
    work::Part,
};
use crate::{
    DataLinks, Error, ErrorKind, RetryPolicy,
    transport::{Attempt, Effort, innermost, retry_after},
};

/// What errors and observers call it.
const OPERATION: &str = "putPart";
/// Bytes of a refusal that are read: its code stands at the beginning.
const REFUSAL_READ: usize = 16 * 1024;

/// What all parts have in common.
pub(super) struct Storage {
    client: DataLinks,
    http: reqwest::Client,
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
    pub(super) fn new(client: &DataLinks, attempts: u32, meter: Arc<Meter>) -> Result<Self, Error> {
        let connection = client.connection();
        let policy = client.options().policy(&connection.transport.policy).attempts(attempts);
        Ok(Self { client: client.clone(), http: connection.storage()?, policy, meter })
    }

    /// Sends a part and answers its tag. It may be sent several times: a part that arrives again replaces
    /// itself.
    ///
    /// Dropping the future closes the connection; the part may have arrived.
    pub(super) async fn put(self: Arc<Self>, part: Arc<Part>) -> Result<(Arc<Part>, String), Error> {
        let transport = &self.client.connection().transport;
        let start = Instant::now();
        let target = format!("PUT {}", part.url.origin().ascii_serialization());
        let mut effort = Effort { operation: OPERATION, target, attempts: 0, elapsed: Duration::ZERO };
        loop {
            effort.attempts += 1;
            let sent = Instant::now();
            let flight = Landing(Arc::new(Flight::new(Arc::clone(&self.meter))));
            let outcome = self.attempt(&part, &flight.0).await;
            effort.elapsed = start.elapsed();
            let failure = match outcome {
                Ok((tag, status)) => {
                    transport.observe(Attempt::success(&effort, status, sent.elapsed()));
                    return Ok((part, tag));
                }
                Err(failure) => failure,
            };
            // The pause does not count as sending.
            drop(flight);
            let error = effort.tell(failure.error).with_retry_after(failure.wait);
            let pause = failure.again.then(|| self.pause(&effort, failure.wait)).flatten();
            transport.observe(Attempt::failure(&effort, &error, sent.elapsed(), pause));
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
        let pause = asked.unwrap_or_else(|| policy.pause(effort.attempts, draw));
        let too_late = policy.total.is_some_and(|total| effort.elapsed + pause >= total);
        (!too_late).then_some(pause)
    }

    async fn attempt(&self, part: &Arc<Part>, flight: &Arc<Flight>) -> Result<(String, StatusCode), Failure> {
        let name = format!("part {} of {} of {}", part.number, part.of, part.file.name);
        // Made by hand: no key, and no header of the client's options, which are for the API.
        let mut request = reqwest::Request::new(Method::PUT, part.url.clone());
        // The storage takes no chunks, and wants the length of nothing too.
        request.headers_mut().insert(CONTENT_LENGTH, part.size.into());
        if part.size > 0 {
            let body = pieces(Arc::clone(part), Arc::clone(flight));
            *request.body_mut() = Some(Body::wrap_stream(body));
        }
        let mut response = match self.watch(self.http.execute(request), flight).await? {
            Ok(response) => response,
            Err(error) => {
                return Err(match flight.failure() {
                    Some(error) => Failure { error, again: false, wait: None },
                    None => unanswered(error, &name),
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
        while let Ok(Ok(Some(more))) = self.watch(response.chunk(), flight).await {
            body.extend_from_slice(&more);
            if body.len() >= REFUSAL_READ {
                break;
            }
        }
        let error = refusal::error(status, &headers, &body, &name);
        let again = matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
            || error.kind() == ErrorKind::Timeout;
        Err(Failure { error, again, wait: retry_after::parse(&headers, SystemTime::now()) })
    }

    /// Waits for `work` as long as bytes leave, and then for as long as a server may be silent.
    async fn watch<T>(&self, work: impl Future<Output = T>, flight: &Flight) -> Result<T, Failure> {
        let idle = self.client.connection().transport.idle;
        let mut work = std::pin::pin!(work);
        loop {
            match timeout(idle, work.as_mut()).await {
                Ok(done) => return Ok(done),
                Err(_) if flight.has_moved() => {}
                Err(_) => {
                    let what = format!("the storage was silent for {} s", idle.as_secs_f64());
                    let error = Error::new(ErrorKind::Timeout, what);
                    return Err(Failure { error, again: true, wait: None });
                }
            }
        }
    }
}

/// Ends a flight, also when the future that waits for it is dropped.
struct Landing(Arc<Flight>);

impl Drop for Landing {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The error of a request without an answer. The URL is taken out of its causes.
fn unanswered(error: reqwest::Error, name: &str) -> Failure {
    let error = error.without_url();
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
