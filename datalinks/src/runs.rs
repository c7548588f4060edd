//! Runs of the agent that answers questions.

use datalinks_gen::api::types;
use http::StatusCode;
use uuid::Uuid;

use crate::{
    AskEvent, AskStream, CallOptions, DataLinks, Error, ask::EVENT_LIMIT, awaitable::awaitable, client::uuid,
};

/// How a run stands, and its result once there is one.
pub type RunStatus = types::AgentRunStatusResponse;

/// The states of a run.
pub type RunState = datalinks_gen::enums::AgentRunStatus;

/// A run by its id. Cheap to clone; making one sends nothing.
#[derive(Clone, Debug)]
pub struct AgentRun {
    client: DataLinks,
    id: Uuid,
}

impl DataLinks {
    /// A run, by the id that [`AskStream::run_id`] told. Sends nothing.
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

    /// How it stands.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such run or it is someone else's, and as any
    /// call.
    pub async fn status(&self) -> Result<RunStatus, Error> {
        let call = self.client.call();
        let result = call.client().get_agent_run_status(&self.id).await;
        call.finish(result)
    }

    /// Goes on with it from its last checkpoint, as a stream that begins with `run-started`.
    ///
    /// When there is nothing to go on with, the stream has one event:
    /// [`NoCheckpoint`](AskEvent::NoCheckpoint) for a run that may still be going (409), or
    /// [`Terminal`](AskEvent::Terminal) for one that is over, expired or failed (410, 422).
    ///
    /// # Errors
    ///
    /// As [`Ask::stream`](crate::Ask::stream).
    pub async fn resume(&self) -> Result<AskStream, Error> {
        self.open(self.client.options(), EVENT_LIMIT).await
    }

    /// The same, in one attempt: who resumes a broken stream has a count of its own.
    pub(crate) async fn resume_once(&self, event_limit: usize) -> Result<AskStream, Error> {
        self.open(&self.client.options().clone().attempts(1), event_limit).await
    }

    async fn open(&self, options: &CallOptions, event_limit: usize) -> Result<AskStream, Error> {
        let call = self.client.call_with(options);
        let result = call.client().resume_agent_run(&self.id).await;
        let idle = self.client.connection().transport.idle;
        match call.finish_with_facts(result) {
            Ok((bytes, facts)) => AskStream::open(bytes.into_inner(), facts, idle, event_limit),
            Err(error) => {
                let Some((status, headers, body)) = error.refusal() else { return Err(error) };
                // A body that is missing or no object tells nothing, as in the vendor's client.
                let told = serde_json::from_slice(&body).unwrap_or_default();
                let event = match status {
                    StatusCode::CONFLICT => AskEvent::NoCheckpoint(told),
                    StatusCode::GONE | StatusCode::UNPROCESSABLE_ENTITY => AskEvent::Terminal(told),
                    _ => return Err(error),
                };
                Ok(AskStream::only(event, status, headers))
            }
        }
    }

    /// Deletes it with its checkpoint.
    ///
    /// # Errors
    ///
    /// As [`status`](Self::status).
    pub async fn delete(&self) -> Result<(), Error> {
        let call = self.client.call();
        let result = call.client().delete_agent_run(&self.id).await;
        call.finish(result)
    }

    /// Rates its answer; a later rating replaces an earlier one. Await what this answers.
    pub fn rate(&self, thumbs_up: bool) -> Rate {
        Rate { run: self.clone(), body: types::AgentRunFeedbackRequest { thumbs_up, comment: None } }
    }
}

/// A rating about to be sent; await it. It fails with 422 when the run is not complete.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Rate {
    run: AgentRun,
    body: types::AgentRunFeedbackRequest,
}

impl Rate {
    /// Why.
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

awaitable!(Rate => ());
