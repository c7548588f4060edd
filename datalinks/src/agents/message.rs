//! Messages between callers and agents.

use datalinks_gen::Row;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    AgentPart, part,
    proto::{open_enum, or_default},
};
use crate::{Error, query::Decoding, secrets::Redactor};

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
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentMessage {
    /// The id of the message. The agent `assistant` ends those of its plan and its steps with `-plan` and `-step-N`.
    pub message_id: String,
    /// The sender.
    #[serde(default, deserialize_with = "or_default")]
    pub role: AgentRole,
    /// The parts, in order.
    #[serde(default, deserialize_with = "or_default")]
    pub parts: Vec<AgentPart>,
    /// The id of the conversation.
    pub context_id: Option<String>,
    /// The id of the task.
    pub task_id: Option<String>,
    /// Metadata of the message.
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: Row,
    /// Other members of the message.
    #[serde(flatten)]
    pub extra: Row,
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
