//! Polling the status of a run until the run has ended.
//!
//! [`until_ended`] knows the service only through a function that reads the status, so that its tests run on a paused
//! clock without a server.

use std::{fmt, time::Duration};

use super::{
    resume::ResumePolicy,
    run_status::{RunState, RunStatus},
};
use crate::{
    error::{Error, ErrorKind},
    platform::clock::{Instant, sleep},
};

/// Minimum time limit of one request, even if less time is left for the polling.
const REQUEST_TIME: Duration = Duration::from_secs(10);

/// A status of a run, and the number of requests that reading it took.
pub(crate) struct Reading {
    pub(crate) status: RunStatus,
    pub(crate) requests: u32,
}

/// The service as polling sees it.
pub(crate) trait ReadStatus {
    /// Reads the status, retried as the client's policy allows, within `timeout`.
    fn read(&self, timeout: Duration) -> impl Future<Output = Result<Reading, Error>> + Send;
    /// Returns the maximum delay that the server may request.
    fn max_retry_after(&self) -> Duration;
    /// Returns a number from 0 to 1.
    fn jitter(&self) -> f64;
}

/// Polls the status of the run `id` until it is no longer `running`, and returns that status.
///
/// A transient failure counts as a poll. Other failures end the polling.
///
/// # Errors
///
/// Returns an error of kind [`Timeout`](ErrorKind::Timeout) if [`ResumePolicy::poll_timeout`] has elapsed. The run may still be
/// running then, so the error does not state that it failed.
///
/// # Cancel safety
///
/// Dropping the future stops the polling, which only reads.
pub(crate) async fn until_ended(
    id: impl fmt::Display,
    policy: &ResumePolicy,
    service: &impl ReadStatus,
) -> Result<RunStatus, Error> {
    let read_later =
        format!("read the status later with DataLinks::run({:?}) and AgentRun::status", id.to_string());
    let start = Instant::now();
    let remaining = || policy.poll_timeout.saturating_sub(start.elapsed());
    let (mut running, mut requests) = (false, 0_u32);
    let mut count = 0_u32;
    loop {
        count = count.saturating_add(1);
        let (wait, failure) = match service.read(remaining().max(REQUEST_TIME)).await {
            Ok(reading) if reading.status.status != RunState::Running => return Ok(reading.status),
            Ok(reading) => {
                requests = requests.saturating_add(reading.requests);
                running = true;
                (None, None)
            }
            Err(error) if error.status() == Some(http::StatusCode::NOT_FOUND) => {
                return Err(error.advice("the run was deleted, or it belongs to another user"));
            }
            Err(error) => {
                requests = requests.saturating_add(error.attempts());
                let wait = error.retry_after();
                if !error.is_retryable() || wait.is_some_and(|wait| wait > service.max_retry_after()) {
                    return Err(error.and_advice(&read_later));
                }
                (wait, Some(error))
            }
        };
        let remaining = remaining();
        if remaining.is_zero() || wait.is_some_and(|wait| wait > remaining) {
            let what = if running {
                format!("run {id} was still `running` when its status was last read")
            } else {
                format!("the status of run {id} could not be read in the time allowed for polling")
            };
            let error = Error::new(ErrorKind::Timeout, what)
                .with_attempts(requests, start.elapsed())
                .with_retry_after(wait)
                .advice(format!("the run may still complete: {read_later}, or poll for longer"));
            return Err(match failure {
                Some(failure) => error.caused_by(failure),
                None => error,
            });
        }
        let pause = wait.unwrap_or_else(|| policy.poll_pause(count, service.jitter()).min(remaining));
        tracing::debug!(run = %id, poll = count, running, pause_ms = pause.as_millis() as u64, "polling run");
        sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, sync::Mutex};

    use serde_json::json;

    use super::*;

    const ID: &str = "c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3";

    /// One scripted response, and the time that it takes.
    type Reply = (Result<&'static str, Error>, Duration);

    /// A service that repeats its last reply without end.
    struct Script {
        replies: Mutex<VecDeque<Reply>>,
        /// When each request was made, and the time it had.
        requests: Mutex<Vec<(Duration, Duration)>>,
        start: Instant,
    }

    impl Script {
        fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
            let replies = Mutex::new(replies.into_iter().collect());
            Self { replies, requests: Mutex::default(), start: Instant::now() }
        }

        fn times(&self) -> Vec<f64> {
            self.requests.lock().unwrap().iter().map(|(at, _)| at.as_secs_f64()).collect()
        }
    }

    impl ReadStatus for Script {
        async fn read(&self, timeout: Duration) -> Result<Reading, Error> {
            self.requests.lock().unwrap().push((self.start.elapsed(), timeout));
            let (status, time) = {
                let mut replies = self.replies.lock().unwrap();
                let reply = replies.front().cloned().unwrap();
                if replies.len() > 1 {
                    replies.pop_front();
                }
                reply
            };
            if time > timeout {
                sleep(timeout).await;
                return Err(Error::new(ErrorKind::Timeout, "too slow").with_attempts(1, timeout));
            }
            sleep(time).await;
            let status = json!({
                "runId": ID, "agentKind": "auto_rag", "question": "why?", "status": status?, "canResume": false
            });
            Ok(Reading { status: serde_json::from_value(status).unwrap(), requests: 1 })
        }

        fn max_retry_after(&self) -> Duration {
            Duration::from_secs(60)
        }

        fn jitter(&self) -> f64 {
            1.0
        }
    }

    fn at_once(status: &'static str) -> Reply {
        (Ok(status), Duration::ZERO)
    }

    fn unavailable(wait: Option<u64>) -> Reply {
        let error = Error::new(ErrorKind::Server, "down")
            .with_status(http::StatusCode::SERVICE_UNAVAILABLE)
            .with_attempts(3, Duration::ZERO)
            .with_retry_after(wait.map(Duration::from_secs));
        (Err(error), Duration::ZERO)
    }

    fn rejected(kind: ErrorKind, status: http::StatusCode) -> Reply {
        (Err(Error::new(kind, "no").with_status(status)), Duration::ZERO)
    }

    async fn poll(script: &Script, timeout: u64) -> Result<RunStatus, Error> {
        let policy = ResumePolicy::default().poll_timeout(Duration::from_secs(timeout));
        until_ended(ID, &policy, script).await
    }

    #[tokio::test(start_paused = true)]
    async fn polls_with_growing_pauses_until_the_run_has_ended() {
        for end in ["completed", "failed", "expired", "paused by an operator"] {
            let running = (0..6).map(|_| at_once("running"));
            let script = Script::new(running.chain([at_once(end)]));
            assert_eq!(poll(&script, 600).await.unwrap().status.as_str(), end);
            assert_eq!(script.times(), [0.0, 1.0, 3.0, 7.0, 12.0, 17.0, 22.0], "{end}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn polling_ends_at_its_time_limit_after_one_last_request() {
        let script = Script::new([at_once("running")]);
        let error = poll(&script, 10).await.unwrap_err();
        assert_eq!(script.times(), [0.0, 1.0, 3.0, 7.0, 10.0]);
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 5));
        assert_eq!(error.elapsed(), Duration::from_secs(10));
        let text = error.to_string();
        assert!(text.contains(&format!("run {ID} was still `running`")), "{text}");
        assert!(text.contains(&format!("DataLinks::run({ID:?}) and AgentRun::status")), "{text}");
        assert!(!text.contains("failed"), "{text}");
        // Zero reads the status once.
        let script = Script::new([at_once("running")]);
        assert_eq!(poll(&script, 0).await.unwrap_err().kind(), ErrorKind::Timeout);
        assert_eq!(script.times(), [0.0]);
        let script = Script::new([at_once("completed")]);
        assert_eq!(poll(&script, 0).await.unwrap().status, RunState::Completed);
    }

    #[tokio::test(start_paused = true)]
    async fn hanging_request_exceeds_the_time_limit_by_its_own_limit_at_most() {
        let script = Script::new([at_once("running"), (Ok("running"), Duration::MAX)]);
        let start = Instant::now();
        let error = poll(&script, 30).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.to_string().contains("still `running`"), "{error}");
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("too slow"));
        assert_eq!(start.elapsed(), Duration::from_secs(30), "the request had what was left");
        // A request that begins when the time is up has its own.
        let slow = (Ok("running"), Duration::from_secs(25));
        let script = Script::new([slow, (Ok("running"), Duration::MAX)]);
        let start = Instant::now();
        poll(&script, 26).await.unwrap_err();
        assert_eq!(start.elapsed(), Duration::from_secs(36));
    }

    #[tokio::test(start_paused = true)]
    async fn transient_failures_count_against_the_time_limit() {
        let script =
            Script::new([unavailable(None), at_once("running"), unavailable(None), at_once("completed")]);
        assert_eq!(poll(&script, 600).await.unwrap().status, RunState::Completed);
        assert_eq!(script.times(), [0.0, 1.0, 3.0, 7.0]);
        let script = Script::new([unavailable(None)]);
        let error = poll(&script, 10).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::Timeout, 15),
            "five polls of three requests"
        );
        assert!(error.to_string().contains("could not be read"), "{error}");
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("down"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_the_server_asks_for_is_kept_within_the_limits() {
        let script = Script::new([unavailable(Some(40)), at_once("completed")]);
        poll(&script, 600).await.unwrap();
        assert_eq!(script.times(), [0.0, 40.0]);
        // Longer than the policy of retries allows: as for any other call.
        let script = Script::new([unavailable(Some(61))]);
        let error = poll(&script, 600).await.unwrap_err();
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Server, Some(Duration::from_secs(61))));
        assert!(error.to_string().contains("AgentRun::status"), "{error}");
        // Longer than the time that is left: neither too early nor too late.
        let script = Script::new([at_once("running"), unavailable(Some(40))]);
        let error = poll(&script, 30).await.unwrap_err();
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Timeout, Some(Duration::from_secs(40))));
        assert_eq!(script.times(), [0.0, 1.0]);
    }

    #[tokio::test(start_paused = true)]
    async fn lasting_failures_end_the_polling_at_once() {
        for (kind, status) in [
            (ErrorKind::Unauthorized, http::StatusCode::UNAUTHORIZED),
            (ErrorKind::Forbidden, http::StatusCode::FORBIDDEN),
            (ErrorKind::NotFound, http::StatusCode::NOT_FOUND),
            (ErrorKind::UnexpectedResponse, http::StatusCode::OK),
        ] {
            let script = Script::new([at_once("running"), rejected(kind, status)]);
            let error = poll(&script, 600).await.unwrap_err();
            assert_eq!(error.kind(), kind);
            let advice = if kind == ErrorKind::NotFound { "deleted" } else { "AgentRun::status" };
            assert!(error.to_string().contains(advice), "{error}");
            assert_eq!(script.times().len(), 2);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_paused_reader_gets_one_more_look_before_the_time_is_up() {
        let script = Script::new([at_once("running"), at_once("completed")]);
        let mut polling = Box::pin(poll(&script, 10));
        assert!(futures::poll!(&mut polling).is_pending());
        tokio::time::advance(Duration::from_secs(3_600)).await;
        assert_eq!(polling.await.unwrap().status, RunState::Completed);
    }
}
