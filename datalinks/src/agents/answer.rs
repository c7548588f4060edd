//! The result of a message.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{
    event::AgentEvent,
    message::AgentMessage,
    rpc::Fault,
    task::{AgentArtifact, AgentTask},
};
use crate::error::{Error, ErrorKind};

/// The result of a message to an agent: a task, or a message.
///
/// The agents of DataLinks return tasks. A task in any state is a result: one that failed has a state and perhaps
/// artifacts. Use [`into_completed`](Self::into_completed) to get an error for every task that is not completed.
///
/// Serialized, the result has the form of the protocol: an object with the member `task` or `message`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "there is one per message, and nearly always it is a task")]
pub enum AgentAnswer {
    /// A task, with its status and its artifacts.
    Task(AgentTask),
    /// A message, without a task.
    Message(AgentMessage),
}

impl AgentAnswer {
    /// Reads a result: `{"task": …}`, `{"message": …}` or a task alone.
    pub(super) fn of_result(result: &RawValue) -> Result<Self, Fault> {
        match AgentEvent::of_result(result)? {
            Some(AgentEvent::Task(task)) => Ok(Self::Task(task)),
            Some(AgentEvent::Message(message)) => Ok(Self::Message(message)),
            Some(other) => {
                Err(Fault::Malformed(format!("its result is a {}, not a task or a message", other.name())))
            }
            None => serde_json::from_str(result.get())
                .map(Self::Task)
                .map_err(|error| Fault::Malformed(format!("its result is not a task or a message: {error}"))),
        }
    }

    /// Returns the task, or `None` for a message.
    pub fn task(&self) -> Option<&AgentTask> {
        match self {
            Self::Task(task) => Some(task),
            Self::Message(_) => None,
        }
    }

    /// Returns the task if it is completed.
    ///
    /// # Errors
    ///
    /// - [`Reported`](ErrorKind::Reported) if the task is in another state. The error names the state and repeats the
    ///   message of the agent.
    /// - [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if the agent returned a message and no task.
    pub fn into_completed(self) -> Result<AgentTask, Error> {
        let task = match self {
            Self::Task(task) => task,
            Self::Message(_) => {
                let what = "the agent returned a message and no task";
                return Err(Error::new(ErrorKind::UnexpectedResponse, what)
                    .advice("read it with AgentAnswer::text or by matching AgentAnswer::Message"));
            }
        };
        if task.status.state == super::AgentTaskState::Completed {
            return Ok(task);
        }
        let mut what = format!("the task of the agent is in the state {}", task.status.state);
        if let Some(message) = &task.status.message {
            what = format!("{what}: {}", message.text());
        }
        Err(Error::new(ErrorKind::Reported, what)
            .advice("read the message; match AgentAnswer::Task for the artifacts that there are"))
    }

    /// Returns the artifacts of the task, or an empty list for a message.
    pub fn artifacts(&self) -> &[AgentArtifact] {
        self.task().map_or(&[], |task| &task.artifacts)
    }

    /// Returns the texts of all artifacts, or of the message, joined with line breaks.
    pub fn text(&self) -> String {
        match self {
            Self::Task(task) => task.text(),
            Self::Message(message) => message.text(),
        }
    }

    /// Reads the rows of all artifacts, or of the message, each as a `T`. See [`AgentPart::rows`](super::AgentPart::rows).
    ///
    /// # Errors
    ///
    /// See [`AgentPart::rows`](super::AgentPart::rows).
    pub fn rows<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        match self {
            Self::Task(task) => task.rows(),
            Self::Message(message) => message.rows(),
        }
    }

    /// Returns the id of the conversation, which [`AgentAsk::context_id`](super::AgentAsk::context_id) takes to
    /// continue it, or `None` if the agent did not name it.
    pub fn context_id(&self) -> Option<&str> {
        match self {
            Self::Task(task) => task.context_id.as_deref(),
            Self::Message(message) => message.context_id.as_deref(),
        }
    }
}
