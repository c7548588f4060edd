//! Runs of the agent that answers questions.

use std::time::Duration;

use datalinks_gen::api::types;
use http::StatusCode;
use uuid::Uuid;

use super::{
    event::AskEvent,
    poll::{ReadStatus, Reading, until_ended},
    resume::ResumePolicy,
    run_status::RunStatus,
    stream::AskStream,
};
use crate::{
    client::{DataLinks, uuid},
    error::{Error, ErrorKind},
    stream::EVENT_LIMIT,
    transport::CallOptions,
    types::{FromWire as _, impl_into_future},
};

/// A handle to a run of the agent that answers questions.
///
/// Creating a handle sends nothing. Clones are cheap and share the client.
#[derive(Clone, Debug)]
pub struct AgentRun {
    client: DataLinks,
    id: Uuid,
}

impl DataLinks {
    /// Returns a handle to a run, by the id that [`AskStream::run_id`] returned. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id is not a UUID.
    pub fn run(&self, id: impl ToString) -> Result<AgentRun, Error> {
        Ok(AgentRun { client: self.clone(), id: uuid("run id", &id.to_string())? })
    }
}

impl AgentRun {
    /// Returns the id of the run.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Returns the status of the run, and its result if it is complete.
    ///
    /// # Errors
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the run does not exist, or belongs to another user.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn status(&self) -> Result<RunStatus, Error> {
        let call = self.client.call();
        let result = call.client().get_agent_run_status(&self.id).await;
        call.finish(result).map(RunStatus::from_wire)
    }

    /// Waits until the run has ended, and returns its last status.
    ///
    /// The status is polled, with the pauses and for the 600 seconds of the default [`ResumePolicy`]. A run that
    /// failed or expired is not an error: its state is in the field `status`. A state that this version does not know ends the
    /// wait and is not an error, either.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks, id: String) -> Result<(), datalinks::Error> {
    /// use datalinks::ask::RunState;
    ///
    /// let run = dl.run(id)?.wait().await?;
    /// if run.status == RunState::Completed {
    ///     println!("{:?}", run.result.get("response"));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Timeout`](crate::ErrorKind::Timeout) if the run is still running when the time is up. It may still
    ///   complete. Call this method again to wait longer.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the run does not exist, or belongs to another user.
    ///
    /// Transient failures do not end the wait before the time is up.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the polling. This operation only reads. A second call starts its own clock.
    pub async fn wait(&self) -> Result<RunStatus, Error> {
        self.poll(&ResumePolicy::default()).await
    }

    /// Polls the status until the run has ended, within the limits of `policy`.
    pub(crate) async fn poll(&self, policy: &ResumePolicy) -> Result<RunStatus, Error> {
        until_ended(&self.id, policy, self).await
    }

    /// Resumes the run from its last checkpoint, as a stream that begins with `run-started`.
    ///
    /// If the run cannot be resumed, the stream has one event: [`NoCheckpoint`](AskEvent::NoCheckpoint) for a run that
    /// may still be running (409), or [`Terminal`](AskEvent::Terminal) for one that has completed or expired (410) or
    /// failed (422). The vendor's contract documents that the agent that answers questions writes no checkpoints, so wait for
    /// the run with [`wait`](Self::wait) instead.
    ///
    /// A run has one stream. If any client resumes the run again, this stream ends at the next checkpoint of the run without a
    /// last event: an `Err` of kind [`PrematureEnd`](crate::ErrorKind::PrematureEnd).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Ask::stream`](crate::ask::Ask::stream).
    pub async fn resume(&self) -> Result<AskStream, Error> {
        self.open(self.client.options(), EVENT_LIMIT).await
    }

    /// Resumes the run in one attempt, for a stream that counts attempts itself.
    pub(crate) async fn resume_once(&self, event_limit: usize) -> Result<AskStream, Error> {
        self.open(&self.client.options().clone().max_attempts(1), event_limit).await
    }

    async fn open(&self, options: &CallOptions, event_limit: usize) -> Result<AskStream, Error> {
        // The body of a 4xx response may hold the result of the run.
        let call = self.client.call_with(&options.clone().keep_error_body(event_limit));
        let result = call.client().resume_agent_run(&self.id).await;
        let idle = self.client.connection().transport.idle.of("resumeAgentRun");
        match call.finish_with_facts(result) {
            Ok((bytes, facts)) => AskStream::open(bytes.into_inner(), facts, idle, event_limit),
            Err(error) => {
                let Some((status, headers, body)) = error.raw_response() else { return Err(error) };
                let is_complete = !matches!(status.as_u16(), 409 | 410 | 422) || !error.is_incomplete();
                if !is_complete {
                    return Err(cut_off(error));
                }
                // A body that is missing or not an object is ignored, as in the vendor's client.
                let body = serde_json::from_slice(&body).unwrap_or_default();
                let event = match status {
                    StatusCode::CONFLICT => AskEvent::NoCheckpoint(body),
                    StatusCode::GONE | StatusCode::UNPROCESSABLE_ENTITY => AskEvent::Terminal(body),
                    _ => return Err(error),
                };
                let redactor = self.client.connection().transport.redactor.clone();
                Ok(AskStream::only(event, status, headers, redactor))
            }
        }
    }

    /// Deletes the run with its checkpoint.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`status`](Self::status).
    pub async fn delete(&self) -> Result<(), Error> {
        let call = self.client.call();
        let result = call.client().delete_agent_run(&self.id).await;
        call.finish(result)
    }

    /// Returns a builder that rates the answer of the run. Await it to send the request.
    ///
    /// A later rating replaces an earlier one.
    ///
    /// # Errors
    ///
    /// - [`Rejected`](crate::ErrorKind::Rejected) if the run is not complete (422).
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the run does not exist, or belongs to another user.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub fn rate(&self, thumbs_up: bool) -> RateRun {
        RateRun { run: self.clone(), body: types::AgentRunFeedbackRequest { thumbs_up, comment: None } }
    }
}

/// Returns the error for a truncated response that reports the end of a run. The result that it may hold is not lost, because
/// it can be read again.
fn cut_off(error: Error) -> Error {
    let status = error.status().map(|status| status.to_string()).unwrap_or_default();
    let what =
        format!("the response to resuming the run ({status}) was cut off, or is longer than the event limit");
    Error::new(ErrorKind::Interrupted, what)
        .with_request_id(error.request_id().map(str::to_owned))
        .with_attempts(error.attempts(), error.elapsed())
        .advice("resume the run again, or read its result from AgentRun::status")
        .caused_by(error)
}

impl ReadStatus for AgentRun {
    async fn read(&self, timeout: Duration) -> Result<Reading, Error> {
        let options = self.client.options().clone();
        let timeout = options.timeout.map_or(timeout, |own| own.min(timeout));
        let call = self.client.call_with(&options.timeout(timeout));
        let result = call.client().get_agent_run_status(&self.id).await;
        let (status, facts) = call.finish_with_facts(result)?;
        Ok(Reading { status: RunStatus::from_wire(status), requests: facts.context.attempts })
    }

    fn max_retry_after(&self) -> Duration {
        self.client.retry_policy().max_retry_after
    }

    fn jitter(&self) -> f64 {
        self.client.connection().transport.jitter()
    }
}

/// A builder for the rating of a run. Await it to send the request.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct RateRun {
    run: AgentRun,
    body: types::AgentRunFeedbackRequest,
}

impl RateRun {
    /// Sets a comment on the rating.
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        self.body.comment = Some(text.into());
        self
    }

    async fn send(self) -> Result<(), Error> {
        let call = self.run.client.call();
        let result = call.client().submit_agent_run_feedback(&self.run.id, &self.body).await;
        call.finish(result)
    }
}

impl_into_future!(RateRun => ());

crate::client::handle_options!(AgentRun, crate::client::DataLinks, client);
crate::client::builder_options!(RateRun, run);

#[cfg(test)]
mod tests {
    use crate::client::DataLinks;

    #[test]
    fn run_is_the_one_that_was_named() {
        let client = DataLinks::builder("http://127.0.0.1:9/api/v1", "k").build().unwrap();
        let id = "6f1c4e0a-5a55-4c39-9a0e-2f6f6a1d7b11";
        let run = client.run(id).unwrap();
        assert_eq!(run.id().to_string(), id);
        assert_eq!(client.run(run.id()).unwrap().id(), run.id());
        assert!(client.run("7").unwrap_err().to_string().contains("run id"));
    }
}
