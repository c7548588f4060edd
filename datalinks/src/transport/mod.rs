//! The only place that sends.
//!
//! Credentials, time limits, repetitions, the shared pause, tracing and redaction live here; of
//! operations it knows no more than their id and whether they may run twice.

mod attempt;
mod budget;
mod chunks;
mod hints;
mod observe;
mod options;
mod pause;
mod policy;
mod redirect;
mod refusal;
mod repeat;
pub(crate) mod retry_after;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use datalinks_gen::Operation;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header::AUTHORIZATION};
use tokio::time::Instant;
use tracing::Instrument as _;

use attempt::End;
pub(crate) use attempt::{Body, innermost};
pub(crate) use chunks::Chunks;
pub use observe::Attempt;
pub(crate) use observe::Observer;
pub use options::CallOptions;
pub use policy::RetryPolicy;
pub(crate) use redirect::same_origin_only;
pub(crate) use refusal::request_id;
use repeat::Repeat;
pub(crate) use repeat::only_reads;

use crate::{Error, ErrorKind, secrets};

/// Sends requests for one base URL and one key. Shared by all clones of a client.
pub(crate) struct Transport {
    pub(crate) http: reqwest::Client,
    pub(crate) authorization: HeaderValue,
    pub(crate) policy: RetryPolicy,
    /// Longest silence of a server.
    pub(crate) idle: Duration,
    pub(crate) observer: Option<Observer>,
    pub(crate) dice: Mutex<fastrand::Rng>,
    pub(crate) budget: budget::Budget,
    pub(crate) pause: pause::Pause,
}

/// A success, and what it took.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) effort: Effort,
    /// An earlier attempt ended in doubt: the request may have been carried out twice.
    pub(crate) repeated: bool,
}

/// Where a call went and what it took: what its errors tell.
#[derive(Clone, Debug)]
pub(crate) struct Effort {
    pub(crate) operation: &'static str,
    pub(crate) target: String,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
}

impl Effort {
    /// The error with the place and the effort in it.
    pub(crate) fn tell(&self, error: Error) -> Error {
        error.at(self.operation, Some(self.target.clone())).with_effort(self.attempts, self.elapsed)
    }
}

impl Transport {
    /// Sends `request` and repeats it as the policy, the operation and the budget allow.
    ///
    /// Dropping the future stops at once; a request that was sent may still be carried out.
    pub(crate) async fn execute(
        &self,
        operation: &'static Operation,
        mut request: reqwest::Request,
        options: &CallOptions,
    ) -> Result<Answer, Error> {
        for (name, value) in &options.headers {
            request.headers_mut().insert(name, value.clone());
        }
        request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        let span = tracing::debug_span!("datalinks", operation = operation.id);
        self.repeat(operation, request, options).instrument(span).await
    }

    async fn repeat(
        &self,
        operation: &'static Operation,
        request: reqwest::Request,
        options: &CallOptions,
    ) -> Result<Answer, Error> {
        let start = Instant::now();
        let policy = options.policy(&self.policy);
        let deadline = options.timeout.and_then(|timeout| start.checked_add(timeout));
        let limits = attempt::Limits { idle: self.idle, deadline };
        let may_repeat_doubtful = options.repeat_doubtful.unwrap_or(Repeat::of(operation.id) == Repeat::Safe);
        let changes_something = request.method() != Method::GET;
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let streams = operation.stream_of(body).is_some();
        let mut effort = Effort {
            operation: operation.id,
            target: target(&request),
            attempts: 0,
            elapsed: Duration::ZERO,
        };
        let mut doubtful_before = false;
        loop {
            if let Err(error) = self.wait_for_pause(deadline).await {
                effort.elapsed = start.elapsed();
                return Err(effort.tell(error).with_outcome_unknown(doubtful_before && changes_something));
            }
            let Some(this_attempt) = request.try_clone() else {
                // Bodies are bytes here; a stream would be a defect of this crate.
                return Err(effort.tell(Error::invalid("the request body cannot be sent twice")));
            };
            effort.attempts += 1;
            let sent = Instant::now();
            let outcome = attempt::run(&self.http, this_attempt, streams, &limits).await;
            effort.elapsed = start.elapsed();
            let mut failure = match outcome {
                Ok(attempt::Success { status, headers, body }) => {
                    self.budget.refill();
                    self.observe(Attempt::success(&effort, status, sent.elapsed()));
                    return Ok(Answer { status, headers, body, effort, repeated: doubtful_before });
                }
                Err(failure) => failure,
            };
            if doubtful_before {
                failure.error = hints::add_gone(failure.error, operation);
            }
            doubtful_before |= failure.end == End::Doubtful;
            if secrets::in_response_of(operation.id) {
                failure.error = failure.error.without_data();
            }
            let error = effort
                .tell(hints::add(failure.error, operation, &request).redacted(self.secret()))
                .with_retry_after(failure.wait)
                .with_outcome_unknown(doubtful_before && changes_something);
            if error.status() == Some(StatusCode::TOO_MANY_REQUESTS) {
                self.pause.extend(failure.wait.unwrap_or(policy.base).min(policy.longest_wait));
            }
            let pause = match failure.end {
                End::Final => None,
                End::Doubtful if !may_repeat_doubtful => None,
                End::Refused | End::Doubtful => self.next_pause(&policy, &effort, failure.wait, deadline),
            };
            self.observe(Attempt::failure(&effort, &error, sent.elapsed(), pause));
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None if failure.wait.is_some_and(|wait| wait > policy.longest_wait) => {
                    return Err(
                        error.advice("the server asks for a longer wait than is allowed; try again after it")
                    );
                }
                None => return Err(error),
            }
        }
    }

    /// How long to wait before the next attempt, or nothing when there is none.
    fn next_pause(
        &self,
        policy: &RetryPolicy,
        effort: &Effort,
        asked: Option<Duration>,
        deadline: Option<Instant>,
    ) -> Option<Duration> {
        if effort.attempts >= policy.attempts || asked.is_some_and(|wait| wait > policy.longest_wait) {
            return None;
        }
        let pause = asked.unwrap_or_else(|| policy.pause(effort.attempts, self.draw()));
        let too_late = policy.total.is_some_and(|total| effort.elapsed + pause >= total)
            || deadline.is_some_and(|deadline| Instant::now() + pause >= deadline);
        // The budget last: only a repetition that will happen takes from it.
        (!too_late && self.budget.take()).then_some(pause)
    }

    /// A number from 0 to 1, for jitter.
    pub(crate) fn draw(&self) -> f64 {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }

    async fn wait_for_pause(&self, deadline: Option<Instant>) -> Result<(), Error> {
        let Some(deadline) = deadline else {
            self.pause.wait().await;
            return Ok(());
        };
        tokio::time::timeout_at(deadline, self.pause.wait()).await.map_err(|_| {
            Error::new(
                ErrorKind::Timeout,
                "the time allowed for the call ended while the server asked to wait",
            )
        })
    }

    pub(crate) fn observe(&self, attempt: Attempt) {
        attempt.trace();
        if let Some(observer) = &self.observer {
            observer.call(&attempt);
        }
    }

    /// The key, to keep it out of texts that a server echoes.
    fn secret(&self) -> &str {
        self.authorization.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
    }
}

/// Method and address, without the query: a cursor or a signature is nobody's business.
fn target(request: &reqwest::Request) -> String {
    let mut url = request.url().clone();
    url.set_query(None);
    format!("{} {url}", request.method())
}
