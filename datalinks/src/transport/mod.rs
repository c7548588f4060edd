//! The only place that sends.
//!
//! Credentials, time limits, repetitions, the shared pause, tracing and redaction live here; of
//! operations it knows no more than their id and whether they may run twice.

mod attempt;
mod backoff;
mod budget;
pub(crate) mod call;
mod chunks;
mod context;
mod hints;
mod hook;
mod observe;
mod options;
mod policy;
mod redirect;
mod refusal;
mod repeat;
pub mod retry;
pub(crate) mod retry_after;
pub(crate) mod script;
mod send_error;
mod sender;
pub(crate) mod sending;
pub(crate) mod span;
mod sse_reader;
mod throttle;
mod timeouts;
mod via;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use datalinks_gen::Operation;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header::AUTHORIZATION};
use tokio::time::Instant;
use tracing::Instrument as _;

pub(crate) use attempt::{Body, innermost};
use attempt::{Disposition, Sizes};
pub(crate) use backoff::Backoff;
pub(crate) use call::{Call, Facts, operation};
pub(crate) use chunks::Chunks;
pub(crate) use context::CallContext;
pub(crate) use hook::{Hook, without_own};
pub(crate) use observe::Attempt;
pub(crate) use observe::Observer;
pub use options::CallOptions;
pub(crate) use options::REFUSAL_READ;
pub(crate) use policy::RetryPolicy;
pub(crate) use refusal::request_id;
use repeat::Repeat;
pub(crate) use repeat::only_reads;
pub(crate) use sender::Sender;
pub(crate) use sending::Limits;
pub(crate) use sse_reader::{SseReader, media_type};
pub(crate) use timeouts::IdleTimeouts;
pub(crate) use via::{ProxySource, Via};

use crate::{
    error::{Error, ErrorKind},
    secrets::{self, Redactor},
};

/// Sends requests for one base URL and one key. Shared by all clones of a client.
pub(crate) struct Transport {
    pub(crate) sender: Sender,
    /// Headers of every request.
    pub(crate) headers: HeaderMap,
    /// Adds headers to each attempt.
    pub(crate) hook: Option<Hook>,
    /// `None` for a client without a key.
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) redactor: Redactor,
    /// The proxy on the way.
    pub(crate) proxy: Option<Arc<Via>>,
    pub(crate) policy: RetryPolicy,
    /// Longest silence of a server.
    pub(crate) idle: IdleTimeouts,
    pub(crate) observer: Option<Observer>,
    pub(crate) rng: Mutex<fastrand::Rng>,
    pub(crate) budget: budget::Budget,
    pub(crate) throttle: throttle::Throttle,
}

/// A success, and what it took.
pub(crate) struct HttpResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) context: CallContext,
    /// An earlier attempt ended in doubt: the request may have been carried out twice.
    pub(crate) repeated: bool,
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
    ) -> Result<HttpResponse, Error> {
        hook::override_with(request.headers_mut(), &self.headers);
        hook::override_with(request.headers_mut(), &without_own(options.headers.clone()));
        self.authorize(operation, &mut request)?;
        let span = traced(operation, request.method(), request.url()).call();
        let result = self.retry_loop(operation, request, options).instrument(span.clone()).await;
        let (status, attempts, failure) = match &result {
            Ok(answer) => (Some(answer.status), answer.context.attempts, None),
            Err(error) => (error.status(), error.attempts(), Some(error.kind())),
        };
        span::record(&span, status, failure);
        if attempts > 1 {
            span.record("http.request.resend_count", attempts - 1);
        }
        result
    }

    /// Adds the key, which what the contract declares public does not get. Without a key, nothing else is called.
    fn authorize(&self, operation: &'static Operation, request: &mut reqwest::Request) -> Result<(), Error> {
        let headers = request.headers_mut();
        headers.remove(AUTHORIZATION);
        match &self.authorization {
            _ if operation.public => Ok(()),
            Some(key) => {
                headers.insert(AUTHORIZATION, key.clone());
                Ok(())
            }
            None => {
                let what = "the operation needs a key, and the client was made without one; nothing was sent";
                let error = Error::new(ErrorKind::Config, what)
                    .advice("make the client with a key, as DataLinks::builder or DataLinks::from_env does");
                Err(error.at(operation.id, Some(target(request))))
            }
        }
    }

    async fn retry_loop(
        &self,
        operation: &'static Operation,
        mut request: reqwest::Request,
        options: &CallOptions,
    ) -> Result<HttpResponse, Error> {
        let start = Instant::now();
        let body = body_of(&mut request).await?;
        let policy = options.policy(&self.policy);
        let deadline = options.timeout.and_then(|timeout| start.checked_add(timeout));
        let total = policy.total.and_then(|total| start.checked_add(total));
        // No attempt begins after this moment.
        let latest = deadline.into_iter().chain(total).min();
        let limits = Limits { idle: self.idle.of(operation.id), deadline };
        let may_retry_ambiguous = options.retry_ambiguous.unwrap_or(Repeat::of(operation.id) == Repeat::Safe);
        let changes_something = request.method() != Method::GET;
        let writes = !only_reads(operation.id);
        let streams = operation.stream_of(&body).is_some();
        let mut context = CallContext {
            operation: operation.id,
            target: target(&request),
            proxy: self.proxy.clone(),
            attempts: 0,
            elapsed: Duration::ZERO,
            redactor: self.redactor.for_call(operation, &body, &without_own(request.headers().clone())),
        };
        // The headers of every attempt, before the hook adds to them.
        let headers = self.hook.as_ref().map(|hook| (hook, request.headers().clone()));
        let sizes = Sizes {
            success: options.response_limit.unwrap_or(usize::MAX),
            refusal: options.refusal_kept.unwrap_or(REFUSAL_READ),
        };
        let mut ambiguous_before = false;
        let mut ambiguous_attempts = 0;
        let mut last: Option<Error> = None;
        loop {
            if let Err(left) = self.throttle.wait(latest, || policy.jitter(self.jitter())).await {
                context.elapsed = start.elapsed();
                let error = context
                    .annotate(out_of_time(left))
                    .with_retry_after(Some(left))
                    .with_ambiguous(ambiguous_before && changes_something)
                    .with_ambiguous_attempts(ambiguous_attempts);
                return Err(match last {
                    Some(last) => error.caused_by(last),
                    None => error,
                });
            }
            context.attempts += 1;
            let sent = Instant::now();
            let span = traced(operation, request.method(), request.url()).attempt(context.attempts - 1);
            if let Some((hook, headers)) = &headers {
                request.headers_mut().clone_from(headers);
                span.in_scope(|| hook.add(request.headers_mut()));
                context.redactor =
                    self.redactor.for_call(operation, &body, &without_own(request.headers().clone()));
            }
            let attempt = attempt::run(&self.sender, &request, &body, streams, &limits, sizes);
            let outcome = attempt.instrument(span.clone()).await;
            context.elapsed = start.elapsed();
            let mut failure = match outcome {
                Ok(attempt::Success { status, headers, body }) => {
                    self.budget.refill();
                    self.observe(Attempt::success(&context, status, sent.elapsed()), &span);
                    return Ok(HttpResponse { status, headers, body, context, repeated: ambiguous_before });
                }
                Err(failure) => failure,
            };
            if ambiguous_before {
                failure.error = hints::add_gone(failure.error, operation);
            }
            ambiguous_before |= failure.disposition.is_ambiguous();
            if options.refusal_kept.is_none() {
                failure.error = failure.error.without_raw_body();
            }
            ambiguous_attempts += u32::from(failure.disposition.is_ambiguous());
            if secrets::in_response_of(operation.id) {
                failure.error = failure.error.without_data();
            }
            let error = context
                .annotate(hints::add(failure.error, operation, &request))
                .with_retry_after(failure.wait)
                .with_ambiguous(ambiguous_before && changes_something)
                .with_ambiguous_attempts(ambiguous_attempts);
            if error.status() == Some(StatusCode::TOO_MANY_REQUESTS) {
                self.throttle.extend(failure.wait.unwrap_or(policy.backoff.base).min(policy.max_retry_after));
            }
            let next = match failure.disposition {
                Disposition::Permanent => Next::Stop,
                Disposition::Accepted if writes => Next::Check,
                Disposition::Accepted => Next::Stop,
                Disposition::AmbiguousPermanent => Next::Check,
                Disposition::Ambiguous if !may_retry_ambiguous => Next::Check,
                Disposition::Transient | Disposition::Ambiguous => {
                    self.next(&policy, &context, failure.wait, latest)
                }
            };
            self.observe(Attempt::failure(&context, &error, sent.elapsed(), next.pause()), &span);
            match next {
                Next::Retry(pause) => tokio::time::sleep(pause).await,
                next => return Err(next.advise(error, changes_something)),
            }
            last = Some(error);
        }
    }

    /// Returns what follows an attempt that failed and may be repeated.
    fn next(
        &self,
        policy: &RetryPolicy,
        context: &CallContext,
        asked: Option<Duration>,
        latest: Option<Instant>,
    ) -> Next {
        if asked.is_some_and(|wait| wait > policy.max_retry_after) {
            return Next::TooLong;
        }
        if context.attempts >= policy.attempts {
            return Next::Stop;
        }
        let pause = match asked {
            Some(wait) => policy.asked(wait, self.jitter()),
            None => policy.backoff.pause(context.attempts, self.jitter()),
        };
        let too_late = latest.is_some_and(|latest| {
            // A moment that cannot be expressed is after every other.
            Instant::now().checked_add(pause).is_none_or(|begin| begin >= latest)
        });
        if too_late {
            return Next::Stop;
        }
        // The budget last: only a repetition that will happen takes from it.
        if self.budget.take() { Next::Retry(pause) } else { Next::OutOfBudget }
    }

    /// A number from 0 to 1, for jitter.
    pub(crate) fn jitter(&self) -> f64 {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }

    /// Logs an attempt, records its end in its span, and shows it to the observer.
    pub(crate) fn observe(&self, attempt: Attempt, span: &tracing::Span) {
        span::record(span, attempt.status, attempt.failure);
        attempt.trace();
        if let Some(observer) = &self.observer {
            observer.call(&attempt);
        }
    }
}

/// What the spans of an operation are about.
fn traced<'a>(operation: &'static Operation, method: &'a Method, url: &'a reqwest::Url) -> span::Traced<'a> {
    span::Traced { operation: operation.id, template: operation.path, method, url }
}

/// What follows a failed attempt.
#[derive(Debug)]
enum Next {
    Retry(Duration),
    /// Nothing: the failure is final, or attempts or time are used up.
    Stop,
    /// Nothing, because the outcome is ambiguous and the operation must not run twice.
    Check,
    /// Nothing, because the server asks for a longer wait than is allowed.
    TooLong,
    /// Nothing, because the retry budget is used up.
    OutOfBudget,
}

impl Next {
    fn pause(&self) -> Option<Duration> {
        match self {
            Self::Retry(pause) => Some(*pause),
            _ => None,
        }
    }

    /// Adds what follows to the error of the last attempt.
    fn advise(&self, error: Error, changes_something: bool) -> Error {
        match self {
            Self::Retry(_) | Self::Stop => error,
            // Neither the kind of the error nor a wait that the server asks for is a reason to send it again.
            Self::Check if changes_something => {
                error.default_advice("check whether it took effect before you send it again")
            }
            Self::Check => error,
            Self::TooLong => error.advice(
                "the server asks for a longer wait than is allowed (RetryPolicy::max_retry_after); try again after it",
            ),
            Self::OutOfBudget => error.and_advice(
                "it was not retried because the retry budget of this client is used up: too many of its requests \
                 failed",
            ),
        }
    }
}

/// The error of a call whose time ends before the pause does that all clones of the client keep.
fn out_of_time(left: Duration) -> Error {
    let what = format!(
        "the client pauses for {:.1} s more, because the service asked for it (429), and the time allowed for the call \
         ends before that",
        left.as_secs_f64()
    );
    Error::new(ErrorKind::Timeout, what).advice("try again after the pause, or allow more time")
}

/// Returns the body of `request`, without copying it. The request keeps it.
async fn body_of(request: &mut reqwest::Request) -> Result<Bytes, Error> {
    let Some(body) = request.body_mut().take() else { return Ok(Bytes::new()) };
    // Only the body of a response can be taken as bytes. Bodies are in memory here, so this neither fails nor waits.
    let body = reqwest::Response::from(http::Response::new(body)).bytes().await;
    let body = body.map_err(|error| Error::invalid("the request body cannot be read").caused_by(error))?;
    *request.body_mut() = Some(body.clone().into());
    Ok(body)
}

/// Method and address, without the query: a cursor or a signature is nobody's business.
fn target(request: &reqwest::Request) -> String {
    let mut url = request.url().clone();
    url.set_query(None);
    format!("{} {url}", request.method())
}
