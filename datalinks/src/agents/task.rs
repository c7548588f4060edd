//! Tasks of agents, and what they produce.

use chrono::{DateTime, FixedOffset};
use datalinks_gen::Row;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use super::{
    message::AgentMessage,
    part::{self, AgentPart, AgentPartContent},
    proto::{Members, is_default, items, no_items, open_enum},
};
use crate::{error::Error, query::Decoding, secrets::Redactor, types::Listing};

open_enum! {
    /// The state of an [`AgentTask`].
    ///
    /// The service names submitted, working, completed and failed. The other states are those of the protocol.
    AgentTaskState {
        /// Not named.
        #[default]
        Unspecified => "TASK_STATE_UNSPECIFIED",
        /// The agent has accepted the task.
        Submitted => "TASK_STATE_SUBMITTED",
        /// The agent works on the task.
        Working => "TASK_STATE_WORKING",
        /// The agent waits for another message of the caller.
        InputRequired => "TASK_STATE_INPUT_REQUIRED",
        /// The agent waits for credentials.
        AuthRequired => "TASK_STATE_AUTH_REQUIRED",
        /// The task is done.
        Completed => "TASK_STATE_COMPLETED",
        /// The task has failed.
        Failed => "TASK_STATE_FAILED",
        /// The task was canceled.
        Canceled => "TASK_STATE_CANCELED",
        /// The agent rejected the task.
        Rejected => "TASK_STATE_REJECTED",
    }
}

impl AgentTaskState {
    /// Returns `true` if the task has ended: completed, failed, canceled or rejected.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled | Self::Rejected)
    }

    /// Returns `true` if the task waits for the caller: input or credentials are required.
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Self::InputRequired | Self::AuthRequired)
    }
}

/// The status of an [`AgentTask`].
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentTaskStatus {
    /// The state.
    #[serde(skip_serializing_if = "is_default")]
    pub state: AgentTaskState,
    /// A message of the agent about the state, which is the reason for a failed task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<AgentMessage>,
    /// The time of the change to this state, as the agent wrote it. See [`time`](Self::time).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// Other members of the status.
    #[serde(flatten)]
    pub extra: Row,
}

impl<'de> Deserialize<'de> for AgentTaskStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        Ok(Self {
            state: members.optional("state"),
            message: members.optional("message"),
            timestamp: members.optional("timestamp"),
            extra: members.rest(),
        })
    }
}

impl AgentTaskStatus {
    /// Strikes secrets from the message of a task that has ended without success, and the key from that of any other task
    /// that is not completed, because [`AgentAnswer::into_completed`](super::AgentAnswer::into_completed) repeats it.
    pub(super) fn clean(&mut self, redactor: &Redactor) {
        self.message.iter_mut().for_each(|message| message.guard(redactor));
        if self.state == AgentTaskState::Completed {
            return;
        }
        let failed = self.state.is_terminal();
        if failed {
            // A message of another form is there.
            redactor.row(&mut self.extra);
        }
        if let AgentTaskState::Other(state) = &mut self.state {
            *state = redactor.exact(state, false).into_owned();
        }
        for part in self.message.iter_mut().flat_map(|message| &mut message.parts) {
            match &mut part.content {
                AgentPartContent::Text(text) if failed => redactor.string(text),
                AgentPartContent::Text(text) => *text = redactor.exact(text, false).into_owned(),
                AgentPartContent::Data(data) if failed => data.clean(redactor),
                _ => {}
            }
        }
    }

    /// Returns the time of the change to this state, or `None` if there is none, or if it is not in the form of RFC 3339.
    pub fn time(&self) -> Option<DateTime<FixedOffset>> {
        DateTime::parse_from_rfc3339(self.timestamp.as_deref()?).ok()
    }
}

/// A result of an [`AgentTask`]: texts, and rows as data.
///
/// The agent `nl2ql` produces `generated-query` and `result-data`. The agent `assistant` produces `step-0`, `step-1`
/// and so on, and `answer`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentArtifact {
    /// The id of the artifact within its task, empty if the agent did not name it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub artifact_id: String,
    /// The name. The agents of DataLinks send the id of the artifact as its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The parts, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<AgentPart>,
    /// Metadata of the artifact. Steps of the agent `assistant` have `index`, `instruction` and `reasoning`.
    #[serde(skip_serializing_if = "Row::is_empty")]
    pub metadata: Row,
    /// Other members of the artifact.
    #[serde(flatten)]
    pub extra: Row,
}

impl<'de> Deserialize<'de> for AgentArtifact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        Ok(Self {
            artifact_id: members.optional("artifactId"),
            name: members.optional("name"),
            description: members.optional("description"),
            parts: members.optional("parts"),
            metadata: members.row("metadata"),
            extra: members.rest(),
        })
    }
}

impl AgentArtifact {
    /// Lets errors about the data show no secrets.
    pub(super) fn guard(&mut self, redactor: &Redactor) {
        self.parts.iter_mut().for_each(|part| part.guard(redactor));
    }

    /// Returns the texts of the artifact, joined with line breaks.
    pub fn text(&self) -> String {
        part::text(&self.parts)
    }

    /// Reads the rows of all data parts, each as a `T`. See [`AgentPart::rows`].
    ///
    /// # Errors
    ///
    /// See [`AgentPart::rows`].
    pub fn rows<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        part::rows(&self.parts, Decoding::default())
    }

    /// Reads the rows with the columns whose name begins with an underscore. See [`AgentPart::rows_with_metadata`].
    ///
    /// # Errors
    ///
    /// See [`AgentPart::rows`].
    pub fn rows_with_metadata<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        part::rows(&self.parts, Decoding { metadata_columns: true, ..Decoding::default() })
    }
}

/// A task of an agent: its status and its results.
///
/// Serialized, it has the form of the protocol. Members that are empty, and items that could not be read, are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentTask {
    /// The id of the task, empty if the agent did not name it. The agents of DataLinks do not keep tasks, so it cannot be used to read the task again.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The id of the conversation, which [`AgentAsk::context_id`](super::AgentAsk::context_id) takes to continue it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_id: Option<String>,
    /// The status.
    pub status: AgentTaskStatus,
    /// The results, in order. Those that cannot be read are in [`rejected`](Listing::rejected).
    #[serde(skip_serializing_if = "no_items", serialize_with = "items")]
    pub artifacts: Listing<AgentArtifact>,
    /// Earlier messages, in order.
    #[serde(skip_serializing_if = "no_items", serialize_with = "items")]
    pub history: Listing<AgentMessage>,
    /// Metadata of the task.
    #[serde(skip_serializing_if = "Row::is_empty")]
    pub metadata: Row,
    /// Other members of the task.
    #[serde(flatten)]
    pub extra: Row,
}

impl<'de> Deserialize<'de> for AgentTask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        Ok(Self {
            id: members.optional("id"),
            context_id: members.optional("contextId"),
            status: members.required("status")?,
            artifacts: members.listing("artifacts"),
            history: members.listing("history"),
            metadata: members.row("metadata"),
            extra: members.rest(),
        })
    }
}

impl AgentTask {
    /// Returns the artifact with this id, or `None` if there is none.
    pub fn artifact(&self, id: &str) -> Option<&AgentArtifact> {
        self.artifacts.iter().find(|artifact| artifact.artifact_id == id)
    }

    /// Returns the texts of all artifacts, joined with line breaks.
    pub fn text(&self) -> String {
        let texts = self.parts().filter_map(AgentPart::as_text);
        texts.collect::<Vec<_>>().join("\n")
    }

    /// Reads the rows of all artifacts, one after the other, each as a `T`. See [`AgentPart::rows`].
    ///
    /// # Errors
    ///
    /// See [`AgentPart::rows`].
    pub fn rows<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        part::rows(self.parts(), Decoding::default())
    }

    fn parts(&self) -> impl Iterator<Item = &AgentPart> {
        self.artifacts.iter().flat_map(|artifact| &artifact.parts)
    }

    /// Strikes secrets from what reports a failure, and from what is set aside.
    pub(super) fn clean(&mut self, redactor: &Redactor) {
        self.status.clean(redactor);
        self.artifacts.items.iter_mut().for_each(|artifact| artifact.guard(redactor));
        self.history.items.iter_mut().for_each(|message| message.guard(redactor));
        let rejected = self.artifacts.rejected.iter_mut().chain(&mut self.history.rejected);
        rejected.for_each(|item| item.clean(redactor));
    }
}
