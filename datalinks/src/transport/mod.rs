//! The HTTP transport: the only code that sends requests to the API and to the ingest proxy.
//!
//! For each call, [`Transport::execute`]
//!
//! 1. adds the default headers, the headers of the call, and the API key,
//! 2. waits for the shared delay after a 429,
//! 3. sends the request under the idle limit and the deadline, with the headers of the hook,
//! 4. emits a span and an [`Attempt`], and removes secrets from the error,
//! 5. retries as the [`RetryPolicy`], the class of the operation and the shared budget allow.
//!
//! Of an operation, this module knows its id and its class ([`retry_safety`]). Parts of uploads do not go through `execute`, because
//! they carry no credentials (see [`crate::uploads`]).

mod attempt;
mod backoff;
mod budget;
pub(crate) mod call;
mod chunks;
mod compression;
mod context;
mod error_response;
mod gate;
mod hints;
mod hook;
mod observe;
mod options;
mod outgoing;
mod policy;
mod rebuild;
mod received;
mod redirect;
pub mod retry;
pub(crate) mod retry_after;
mod retry_safety;
pub(crate) mod script;
mod send_error;
mod sender;
pub(crate) mod sending;
pub(crate) mod span;
mod sse_reader;
mod throttle;
mod timeouts;
mod timer;
mod urls;
mod via;

use std::{
    future::poll_fn,
    ops::Range,
    path::Path,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use datalinks_gen::Operation;
use futures::FutureExt as _;
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ACCEPT_ENCODING, AUTHORIZATION},
};
use reqwest::Url;

pub(crate) use attempt::{Body, innermost};
use attempt::{Disposition, Failure, Sizes};
pub(crate) use backoff::Backoff;
pub(crate) use call::{Call, Facts, operation};
pub(crate) use chunks::Chunks;
pub use compression::RequestCompression;
pub(crate) use context::CallContext;
pub(crate) use error_response::request_id;
pub(crate) use gate::{AttemptEnd, Gate, Pass};
use hook::set_by_caller;
pub(crate) use hook::{Hook, without_own};
pub(crate) use observe::Attempt;
pub(crate) use observe::Observer;
pub use options::CallOptions;
pub(crate) use options::ERROR_BODY_LIMIT;
pub use outgoing::OutgoingRequest;
pub(crate) use outgoing::SendObserver;
pub(crate) use policy::RetryPolicy;
pub(crate) use received::{Received, ResponseObserver};
use retry_safety::RetrySafety;
pub(crate) use retry_safety::only_reads;
pub(crate) use sender::Sender;
pub(crate) use sending::Limits;
pub(crate) use sse_reader::{SseReader, media_type};
pub(crate) use timeouts::IdleTimeouts;
pub(crate) use via::{ProxySource, Via};

use crate::{
    error::{Error, ErrorKind},
    platform::{
        clock::{self, Instant},
        random,
    },
    secrets::{self, Redactor},
};

/// Sends requests to one base URL with one API key. All clones of a client share it.
pub(crate) struct Transport {
    pub(crate) sender: Sender,
    /// Default headers of every request.
    pub(crate) headers: HeaderMap,
    /// Adds headers to each attempt.
    pub(crate) hook: Option<Hook>,
    /// The header with the API key, or `None` for a client without a key.
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) redactor: Redactor,
    /// The proxy between the client and the server.
    pub(crate) proxy: Option<Arc<Via>>,
    /// The compression of request bodies, or `None` to send them as they are.
    pub(crate) compression: Option<RequestCompression>,
    pub(crate) policy: RetryPolicy,
    /// Idle limits by operation.
    pub(crate) idle: IdleTimeouts,
    pub(crate) observer: Option<Observer>,
    pub(crate) send_observer: Option<SendObserver>,
    pub(crate) response_observer: Option<ResponseObserver>,
    /// Source of jitter.
    pub(crate) rng: Mutex<random::Rng>,
    pub(crate) budget: budget::Budget,
    pub(crate) throttle: throttle::Throttle,
    /// The URLs of the last requests.
    pub(crate) urls: urls::Urls,
}

/// A successful response, with the context of its call.
pub(crate) struct HttpResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// The response, without its headers, if its body was read.
    pub(crate) read: Option<reqwest::Response>,
    pub(crate) context: CallContext,
    /// An earlier attempt had an ambiguous outcome, so the request may have been carried out twice.
    pub(crate) repeated: bool,
}

impl Transport {
    /// Sends a request, and retries it as the policy, the operation and the retry budget allow.
    ///
    /// # Errors
    ///
    /// Returns the error of the last attempt, with the number of attempts and the elapsed time. It is ambiguous if any attempt
    /// of a request other than GET had an ambiguous outcome.
    ///
    /// # Cancel safety
    ///
    /// This method is not cancel safe. If the future is dropped after the request was sent, the outcome is ambiguous.
    pub(crate) async fn execute(
        &self,
        operation: &'static Operation,
        request: &mut reqwest::Request,
        options: &CallOptions,
    ) -> Result<HttpResponse, Error> {
        hook::override_with(request.headers_mut(), &self.headers);
        if !options.headers.is_empty() {
            hook::override_with(request.headers_mut(), &without_own(options.headers.clone()));
        }
        self.authorize(operation, request)?;
        if let Some(codings) =
            compression::accept().filter(|_| !request.headers().contains_key(ACCEPT_ENCODING))
        {
            request.headers_mut().insert(ACCEPT_ENCODING, codings);
        }
        let span = traced(operation, request.method(), request.url()).call();
        // Not `Instrument`: it would move the future, which is large.
        let mut attempts = pin!(self.retry_loop(operation, request, options));
        let result = poll_fn(|cx| {
            let _entered = span.enter();
            attempts.as_mut().poll(cx)
        })
        .await;
        let (status, attempts, failure) = match &result {
            Ok(response) => (Some(response.status), response.context.attempts, None),
            Err(error) => (error.status(), error.attempts(), Some(error.kind())),
        };
        span::record(&span, status, failure);
        if attempts > 1 {
            span.record("http.request.resend_count", attempts - 1);
        }
        result
    }

    /// Adds the API key, unless the contract declares the operation public. Rejects other operations of a client without a key.
    fn authorize(&self, operation: &'static Operation, request: &mut reqwest::Request) -> Result<(), Error> {
        let headers = request.headers_mut();
        match &self.authorization {
            _ if operation.public => {
                headers.remove(AUTHORIZATION);
                Ok(())
            }
            Some(key) => {
                headers.insert(AUTHORIZATION, key.clone());
                Ok(())
            }
            None => {
                let what = "the operation needs an API key, and the client has none; nothing was sent";
                let error = Error::new(ErrorKind::Config, what).advice(
                    "create the client with an API key: use DataLinks::builder or DataLinks::from_env",
                );
                Err(error.at(operation.id, Some(target(request))))
            }
        }
    }

    async fn retry_loop(
        &self,
        operation: &'static Operation,
        request: &mut reqwest::Request,
        options: &CallOptions,
    ) -> Result<HttpResponse, Error> {
        let start = Instant::now();
        let body = body_of(request)?;
        // Retries send the same compressed bytes. Everything else, such as the removal of secrets, reads the content.
        let compressed =
            compression::compressed(self.compression.as_ref(), request.headers_mut(), &body).await;
        let sent_body = compressed.as_ref().unwrap_or(&body);
        let policy = options.policy(&self.policy);
        let deadline = options.timeout.and_then(|timeout| start.checked_add(timeout));
        let total = policy.retry_timeout.and_then(|total| start.checked_add(total));
        // No attempt starts after this time.
        let latest = deadline.into_iter().chain(total).min();
        let limits = Limits { idle: self.idle.of(operation.id), deadline };
        let rules = RetryRules {
            policy: &policy,
            latest,
            retry_ambiguous: options.retry_ambiguous,
            operation: operation.id,
        };
        let changes_something = request.method() != Method::GET;
        let streams = operation.stream_of(&body).is_some();
        let mut context = CallContext {
            operation: operation.id,
            target: target(request),
            proxy: self.proxy.clone(),
            attempts: 0,
            elapsed: Duration::ZERO,
            redactor: self.redactor.for_call(operation, &body, set_by_caller(request.headers())),
        };
        // The headers without those that the hook adds, which differ per attempt.
        let headers = self.hook.as_ref().map(|_| request.headers().clone());
        let sizes = Sizes {
            success: options.response_limit,
            error: options.error_body_kept.unwrap_or(ERROR_BODY_LIMIT),
        };
        let mut ambiguous = AmbiguousAttempts { count: 0, changes_something };
        let mut last: Option<Error> = None;
        loop {
            let admitted = match &options.gate {
                None if self.throttle.is_unset() => Ok(None),
                gate => self.admission(gate.as_ref(), body.len(), latest, &policy).await,
            };
            let pass = match admitted {
                Ok(pass) => pass,
                Err(reason) => {
                    context.elapsed = start.elapsed();
                    return Err(reason.into_error(last, |error| ambiguous.annotate(context.annotate(error))));
                }
            };
            context.attempts += 1;
            let sent = Instant::now();
            let span = traced(operation, request.method(), request.url()).attempt(context.attempts - 1);
            if let Some(gate) = &options.gate {
                gate.record(&span);
            }
            if let Some(headers) = &headers {
                request.headers_mut().clone_from(headers);
            }
            self.announce(operation, request, &body, &mut context, &span);
            let outcome = {
                let mut attempt =
                    pin!(attempt::run(&self.sender, request, sent_body, streams, &limits, sizes));
                poll_fn(|cx| {
                    let _entered = span.enter();
                    attempt.as_mut().poll(cx)
                })
                .await
            };
            let end = Instant::now();
            context.elapsed = end.saturating_duration_since(start);
            let duration = end.saturating_duration_since(sent);
            if let Some(observer) = &self.response_observer {
                observer.call(operation, &outcome, &context.redactor);
            }
            if let Some(pass) = pass {
                pass.end(AttemptEnd::of(outcome.as_ref().err(), policy.max_retry_after));
            }
            let Failure { mut error, disposition, wait } = match outcome {
                Ok(attempt::Success { status, headers, body, read }) => {
                    self.budget.refill();
                    self.observe(Attempt::success(&context, status, duration), &span);
                    let repeated = ambiguous.count > 0;
                    return Ok(HttpResponse { status, headers, body, read, context, repeated });
                }
                Err(failure) => failure,
            };
            if ambiguous.count > 0 {
                error = hints::add_gone(error, operation);
            }
            ambiguous.count += u32::from(disposition.is_ambiguous());
            if compressed.is_some() && error.status() == Some(StatusCode::UNSUPPORTED_MEDIA_TYPE) {
                error = error.advice(compression::UNSUPPORTED_ADVICE);
            }
            let mut error = hints::add(without_content(error, operation, options), operation, request);
            if compressed.is_some() && error.status() == Some(StatusCode::BAD_REQUEST) {
                error = error.and_advice(compression::UNREAD_ADVICE);
            }
            let error = ambiguous.annotate(context.annotate(error).with_retry_after(wait));
            if error.status() == Some(StatusCode::TOO_MANY_REQUESTS) {
                self.throttle.extend(wait.unwrap_or(policy.backoff.base).min(policy.max_retry_after));
            }
            // A gate that slows down protects the server in place of the budget, which other calls need.
            let is_rejected = matches!(error.status().map(|status| status.as_u16()), Some(429 | 503));
            let is_slowed = is_rejected && options.gate.as_ref().is_some_and(|gate| gate.slows_down());
            let next = self.next(disposition, wait, &rules, context.attempts, is_slowed);
            self.observe(Attempt::failure(&context, &error, duration, next.pause()), &span);
            match next {
                Next::Retry(pause) => {
                    let _paused = options.gate.clone().map(|gate| gate.pause());
                    tokio::select! {
                        biased;
                        _ = closed(options.gate.as_ref()) => {}
                        () = clock::sleep(pause) => {}
                    }
                }
                next => return Err(next.advise(error, changes_something)),
            }
            last = Some(error);
        }
    }

    /// Waits for admission by the gate, and for the shared delay after a 429, unless the gate closes. None of this is part of the
    /// attempt.
    async fn admission(
        &self,
        gate: Option<&Arc<dyn Gate>>,
        bytes: usize,
        latest: Option<Instant>,
        policy: &RetryPolicy,
    ) -> Result<Option<Box<dyn Pass>>, NotAdmitted> {
        tokio::select! {
            biased;
            error = closed(gate) => Err(NotAdmitted::Closed(error)),
            pass = self.open_admission(gate, bytes, latest, policy) => pass.map_err(NotAdmitted::Failed),
        }
    }

    /// Waits for admission by an open gate, and for the shared delay after a 429.
    async fn open_admission(
        &self,
        gate: Option<&Arc<dyn Gate>>,
        bytes: usize,
        latest: Option<Instant>,
        policy: &RetryPolicy,
    ) -> Result<Option<Box<dyn Pass>>, Error> {
        let mut pass = match (gate.map(|gate| Arc::clone(gate).admit(bytes)), latest) {
            (None, _) => None,
            (Some(admission), None) => Some(admission.await?),
            (Some(admission), Some(latest)) => {
                Some(clock::timeout_at(latest, admission).await.map_err(|_| not_admitted())??)
            }
        };
        let delay = self.throttle.wait(latest, || policy.jitter(self.jitter())).await;
        delay.map_err(|left| out_of_time(left).with_retry_after(Some(left)))?;
        if let Some(pass) = &mut pass {
            pass.sent();
        }
        Ok(pass)
    }

    /// Adds the headers of the hook to a request, and shows the request to the observer.
    fn announce(
        &self,
        operation: &'static Operation,
        request: &mut reqwest::Request,
        body: &Bytes,
        context: &mut CallContext,
        span: &tracing::Span,
    ) {
        if let Some(hook) = &self.hook {
            span.in_scope(|| hook.add(request.headers_mut()));
            context.redactor = self.redactor.for_call(operation, body, set_by_caller(request.headers()));
        }
        if let Some(observer) = &self.send_observer {
            observer.call(&OutgoingRequest {
                operation: operation.id,
                number: context.attempts,
                request,
                body,
                redactor: &context.redactor,
                file: None,
            });
        }
    }

    /// Shows the observer a request to a presigned URL, whose body is read from a range of a file.
    pub(crate) fn announce_file(
        &self,
        context: &CallContext,
        request: &reqwest::Request,
        file: &Path,
        range: Range<u64>,
    ) {
        if let Some(observer) = &self.send_observer {
            observer.call(&OutgoingRequest {
                operation: context.operation,
                number: context.attempts,
                request,
                body: &Bytes::new(),
                redactor: &context.redactor,
                file: Some((file, range)),
            });
        }
    }

    /// Decides on a retry after a failed attempt, the number of which is `attempts`. If `is_slowed`, the retry takes nothing from
    /// the budget.
    fn next(
        &self,
        disposition: Disposition,
        asked: Option<Duration>,
        rules: &RetryRules<'_>,
        attempts: u32,
        is_slowed: bool,
    ) -> Next {
        let policy = rules.policy;
        match disposition {
            Disposition::Permanent => return Next::Stop,
            Disposition::Accepted => return if rules.writes() { Next::Check } else { Next::Stop },
            Disposition::AmbiguousPermanent => return Next::Check,
            Disposition::Ambiguous if !rules.ambiguous() => return Next::Check,
            Disposition::Transient | Disposition::Ambiguous => {}
        }
        if asked.is_some_and(|wait| wait > policy.max_retry_after) {
            return Next::TooLong;
        }
        if attempts >= policy.max_attempts {
            return Next::Stop;
        }
        let pause = match asked {
            Some(wait) => policy.asked(wait, self.jitter()),
            None => policy.backoff.pause(attempts, self.jitter()),
        };
        let too_late = rules.latest.is_some_and(|latest| {
            // A time beyond the range of `Instant` is later than any limit.
            Instant::now().checked_add(pause).is_none_or(|begin| begin >= latest)
        });
        if too_late {
            return Next::Stop;
        }
        // The budget is checked last, so that only a retry that will be sent takes tokens.
        if is_slowed || self.budget.take() { Next::Retry(pause) } else { Next::OutOfBudget }
    }

    /// Returns a random number from 0 to 1, for jitter.
    pub(crate) fn jitter(&self) -> f64 {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }

    /// Logs an attempt, records its outcome in its span, and passes it to the observer.
    pub(crate) fn observe(&self, attempt: Attempt, span: &tracing::Span) {
        span::record(span, attempt.status, attempt.failure);
        attempt.trace();
        if let Some(observer) = &self.observer {
            observer.call(&attempt);
        }
    }
}

/// The reason for an attempt that does not start.
enum NotAdmitted {
    /// The gate is closed.
    Closed(Error),
    /// The gate rejected the attempt, or the time of the call is over.
    Failed(Error),
}

impl NotAdmitted {
    /// Returns the error of the call, whose last attempt ended with `last`.
    fn into_error(self, last: Option<Error>, annotate: impl FnOnce(Error) -> Error) -> Error {
        match (self, last) {
            // An attempt that was sent says more than the reason for which the next one is not.
            (Self::Closed(_), Some(last)) => {
                last.and_advice("it was not sent again, because the run stopped")
            }
            (Self::Failed(error), Some(last)) => annotate(error).caused_by(last),
            (Self::Closed(error) | Self::Failed(error), None) => annotate(error),
        }
    }
}

/// Waits until the gate closes.
async fn closed(gate: Option<&Arc<dyn Gate>>) -> Error {
    match gate {
        Some(gate) => Arc::clone(gate).closed().await,
        None => std::future::pending().await,
    }
}

/// Returns the data for the spans of a call.
fn traced<'a>(operation: &'static Operation, method: &'a Method, url: &'a Url) -> span::Traced<'a> {
    span::Traced { operation: operation.id, template: operation.path, method, url }
}

/// The conditions under which a call is retried.
struct RetryRules<'a> {
    policy: &'a RetryPolicy,
    /// No attempt starts after this time.
    latest: Option<Instant>,
    /// Overrides the table of operations.
    retry_ambiguous: Option<bool>,
    operation: &'static str,
}

impl RetryRules<'_> {
    /// Returns `true` if a retry may follow an ambiguous outcome.
    fn ambiguous(&self) -> bool {
        self.retry_ambiguous.unwrap_or_else(|| RetrySafety::of(self.operation) == RetrySafety::Safe)
    }

    /// Returns `true` if the operation changes something or costs something.
    fn writes(&self) -> bool {
        !only_reads(self.operation)
    }
}

/// The attempts of a call whose outcome is ambiguous.
struct AmbiguousAttempts {
    count: u32,
    /// `false` for requests that only read, whose errors are never ambiguous.
    changes_something: bool,
}

impl AmbiguousAttempts {
    fn annotate(&self, error: Error) -> Error {
        error.with_ambiguous(self.count > 0 && self.changes_something).with_ambiguous_attempts(self.count)
    }
}

/// Removes the body that the caller does not read, and data that may be secret.
fn without_content(error: Error, operation: &Operation, options: &CallOptions) -> Error {
    let error = if options.error_body_kept.is_none() { error.without_raw_body() } else { error };
    if secrets::in_response_of(operation.id) { error.without_data() } else { error }
}

/// The step after a failed attempt.
#[derive(Debug)]
enum Next {
    /// A retry after this delay.
    Retry(Duration),
    /// No retry, because the failure is final, or attempts or time are used up.
    Stop,
    /// No retry, because the outcome is ambiguous and the operation must not run twice.
    Check,
    /// No retry, because the server asks for a longer delay than the policy allows.
    TooLong,
    /// No retry, because the retry budget is used up.
    OutOfBudget,
}

impl Next {
    fn pause(&self) -> Option<Duration> {
        match self {
            Self::Retry(pause) => Some(*pause),
            _ => None,
        }
    }

    /// Adds the reason for the missing retry to the error of the last attempt.
    fn advise(&self, error: Error, changes_something: bool) -> Error {
        match self {
            Self::Retry(_) | Self::Stop => error,
            // The advice of the kind could suggest a second request, which may not be safe.
            Self::Check if changes_something => {
                error.default_advice("check whether it took effect before you send it again")
            }
            Self::Check => error,
            Self::TooLong => error.advice(
                "the server asks for a longer delay than RetryPolicy::max_retry_after; try again after that delay",
            ),
            Self::OutOfBudget => error.and_advice(
                "the request was not retried because the retry budget of this client is used up: too many of its requests \
                 failed",
            ),
        }
    }
}

/// Returns the error of a call whose time limit ends before the shared delay after a 429. `left` is the rest of the delay.
fn out_of_time(left: Duration) -> Error {
    let what = format!(
        "the client waits {:.1} s more because the service asked for it (429), and the time limit of the call ends \
         before that",
        left.as_secs_f64()
    );
    Error::new(ErrorKind::Timeout, what).advice("try again after the delay, or allow more time")
}

fn not_admitted() -> Error {
    let what = "the client waits because the service rejected or delayed other requests of the run, or because their usage \
                is not reported yet, and the time limit of the call ended before the request could be sent";
    Error::new(ErrorKind::Timeout, what).advice("try again later, or allow more time")
}

/// Returns the body of `request`, without copying it. The request keeps it.
fn body_of(request: &mut reqwest::Request) -> Result<Bytes, Error> {
    let Some(body) = request.body_mut().take() else { return Ok(Bytes::new()) };
    // Only the body of a response can be read as bytes. All bodies are in memory, so this neither fails nor waits.
    let body = rebuild::rebuild(Some(request.url().clone()), StatusCode::OK, HeaderMap::new(), body);
    let unreadable = || Error::invalid("the request body cannot be read");
    let body = body.bytes().now_or_never().ok_or_else(unreadable)?;
    let body = body.map_err(|error| unreadable().caused_by(error))?;
    *request.body_mut() = Some(body.clone().into());
    Ok(body)
}

/// Returns the method and the URL for error messages. The query is removed because it can contain cursors and signatures.
fn target(request: &reqwest::Request) -> String {
    [request.method().as_str(), " ", &request.url()[..url::Position::AfterPath]].concat()
}
