//! Events of an agent that works on a message.

use std::collections::BTreeMap;

use datalinks_gen::Row;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{
    message::AgentMessage,
    proto::{Members, is_default},
    rpc::{self, Fault},
    task::{AgentArtifact, AgentTask, AgentTaskState, AgentTaskStatus},
};
use crate::{json::name::Name, secrets::Redactor};

/// A change of the status of a task.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentStatusUpdate {
    /// The id of the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// The id of the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_id: Option<String>,
    /// The new status. A message in it reports progress: the plan and the steps of the agent `assistant`.
    pub status: AgentTaskStatus,
    /// Metadata of the update.
    #[serde(skip_serializing_if = "Row::is_empty")]
    pub metadata: Row,
    /// Other members of the update.
    #[serde(flatten)]
    pub extra: Row,
}

impl<'de> Deserialize<'de> for AgentStatusUpdate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        Ok(Self {
            task_id: members.optional("taskId"),
            context_id: members.optional("contextId"),
            status: members.required("status")?,
            metadata: members.row("metadata"),
            extra: members.rest(),
        })
    }
}

/// A result of a task, or a part of one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentArtifactUpdate {
    /// The id of the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// The id of the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_id: Option<String>,
    /// The result.
    pub artifact: AgentArtifact,
    /// `true` if the parts are added to those of an earlier update with the same artifact id.
    #[serde(skip_serializing_if = "is_default")]
    pub append: bool,
    /// `true` if no further parts of this artifact follow. The agents of DataLinks send each artifact whole and leave
    /// this member out.
    #[serde(skip_serializing_if = "is_default")]
    pub last_chunk: bool,
    /// Metadata of the update.
    #[serde(skip_serializing_if = "Row::is_empty")]
    pub metadata: Row,
    /// Other members of the update.
    #[serde(flatten)]
    pub extra: Row,
}

impl<'de> Deserialize<'de> for AgentArtifactUpdate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        Ok(Self {
            task_id: members.optional("taskId"),
            context_id: members.optional("contextId"),
            artifact: members.required("artifact")?,
            append: members.optional("append"),
            last_chunk: members.optional("lastChunk"),
            metadata: members.row("metadata"),
            extra: members.rest(),
        })
    }
}

/// One event of an [`AgentStream`](super::AgentStream).
///
/// Serialized, an event has the form of the protocol: an object with one member, such as `statusUpdate`. An event that this
/// version does not know is the member `unknown`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum AgentEvent {
    /// The task as it stands (`task`). The agent `assistant` begins with it.
    Task(AgentTask),
    /// A change of the status (`statusUpdate`). A terminal state ends the stream.
    StatusUpdate(AgentStatusUpdate),
    /// A result (`artifactUpdate`).
    ArtifactUpdate(AgentArtifactUpdate),
    /// A message instead of a task (`message`), which ends the stream.
    Message(AgentMessage),
    /// An event that this version does not know.
    Unknown {
        /// Name of the server-sent event, or `message` if it has none.
        name: String,
        /// The data of the event, usually JSON.
        data: String,
    },
}

/// The members of a result, one of which says what it is.
const MEMBERS: [&str; 4] = ["task", "statusUpdate", "artifactUpdate", "message"];

impl AgentEvent {
    /// Reads a server-sent event. An unknown one is kept, and a known one with an invalid payload is an error.
    pub(super) fn decode(name: &str, data: &str) -> Result<Self, Fault> {
        let unknown = || Self::Unknown { name: name.to_owned(), data: data.to_owned() };
        // The protocol names no events, so one with a name counts only if it is a JSON-RPC response.
        if name != "message" && !rpc::is_response(data.as_bytes()) {
            return Ok(unknown());
        }
        Ok(Self::of_result(rpc::result(data.as_bytes())?)?.unwrap_or_else(unknown))
    }

    /// Reads the result of a message, or `None` if it has none of the known members.
    pub(super) fn of_result(result: &RawValue) -> Result<Option<Self>, Fault> {
        fn read<T: DeserializeOwned>(name: &str, raw: &RawValue) -> Result<T, Fault> {
            serde_json::from_str(raw.get())
                .map_err(|error| Fault::Malformed(format!("the {name} in it cannot be read: {error}")))
        }
        let members: BTreeMap<Name, &RawValue> = serde_json::from_str(result.get())
            .map_err(|error| Fault::Malformed(format!("its result is not a JSON object: {error}")))?;
        let mut known = MEMBERS
            .iter()
            .filter_map(|name| members.get(*name).filter(|raw| raw.get() != "null").map(|raw| (*name, *raw)));
        let (Some((name, raw)), other) = (known.next(), known.next()) else { return Ok(None) };
        if let Some((other, _)) = other {
            return Err(Fault::Malformed(format!("its result holds both {name} and {other}")));
        }
        Ok(Some(match name {
            "task" => Self::Task(read(name, raw)?),
            "statusUpdate" => Self::StatusUpdate(read(name, raw)?),
            "artifactUpdate" => Self::ArtifactUpdate(read(name, raw)?),
            _ => Self::Message(read(name, raw)?),
        }))
    }

    /// Strikes secrets from what reports a failure, and the key from what is not understood.
    pub(super) fn clean(&mut self, redactor: &Redactor) {
        match self {
            Self::Task(task) => task.clean(redactor),
            Self::StatusUpdate(update) => update.status.clean(redactor),
            Self::Unknown { name, data } => {
                for text in [name, data] {
                    *text = redactor.exact(text, false).into_owned();
                }
            }
            Self::ArtifactUpdate(update) => update.artifact.guard(redactor),
            Self::Message(message) => message.guard(redactor),
        }
    }

    /// Returns the name of the event on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::Task(_) => "task",
            Self::StatusUpdate(_) => "statusUpdate",
            Self::ArtifactUpdate(_) => "artifactUpdate",
            Self::Message(_) => "message",
            Self::Unknown { name, .. } => name,
        }
    }

    /// Returns `true` if the stream ends with this event: a message, or a task in a terminal state.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Message(_)) || self.state().is_some_and(AgentTaskState::is_terminal)
    }

    /// Returns the state of the task, or `None` if the event does not name it.
    pub fn state(&self) -> Option<&AgentTaskState> {
        match self {
            Self::Task(task) => Some(&task.status.state),
            Self::StatusUpdate(update) => Some(&update.status.state),
            _ => None,
        }
    }

    /// The ids of the task and the conversation.
    pub(super) fn ids(&self) -> (Option<&String>, Option<&String>) {
        match self {
            Self::Task(task) => (Some(&task.id), task.context_id.as_ref()),
            Self::StatusUpdate(update) => (update.task_id.as_ref(), update.context_id.as_ref()),
            Self::ArtifactUpdate(update) => (update.task_id.as_ref(), update.context_id.as_ref()),
            Self::Message(message) => (message.task_id.as_ref(), message.context_id.as_ref()),
            Self::Unknown { .. } => (None, None),
        }
    }
}
