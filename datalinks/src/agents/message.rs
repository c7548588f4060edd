//! Messages between callers and agents.

use datalinks_gen::Row;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use super::{
    part::{self, AgentPart},
    proto::{Members, is_default, open_enum},
};
use crate::{error::Error, query::Decoding, secrets::Redactor};

open_enum! {
    /// The sender of an [`AgentMessage`].
    AgentRole {
        /// Not named.
        #[default]
        Unspecified => "ROLE_UNSPECIFIED",
        /// The caller.
        User => "ROLE_USER",
        /// The agent.
        Agent => "ROLE_AGENT",
    }
}

/// A message of an agent.
///
/// Serialized, it has the form of the protocol. Members that are empty are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentMessage {
    /// The id of the message, empty if the agent did not name it. The agent `assistant` ends those of its plan and its steps with `-plan` and `-step-N`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message_id: String,
    /// The sender.
    #[serde(skip_serializing_if = "is_default")]
    pub role: AgentRole,
    /// The parts, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<AgentPart>,
    /// The id of the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_id: Option<String>,
    /// The id of the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// Metadata of the message.
    #[serde(skip_serializing_if = "Row::is_empty")]
    pub metadata: Row,
    /// Other members of the message.
    #[serde(flatten)]
    pub extra: Row,
}

impl<'de> Deserialize<'de> for AgentMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        Ok(Self {
            message_id: members.optional("messageId"),
            role: members.optional("role"),
            parts: members.optional("parts"),
            context_id: members.optional("contextId"),
            task_id: members.optional("taskId"),
            metadata: members.row("metadata"),
            extra: members.rest(),
        })
    }
}

impl AgentMessage {
    /// Lets errors about the data show no secrets.
    pub(super) fn guard(&mut self, redactor: &Redactor) {
        self.parts.iter_mut().for_each(|part| part.guard(redactor));
    }

    /// Returns the texts of the message, joined with line breaks.
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
}
