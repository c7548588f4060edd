//! A conversation with its questions and their results.

use datalinks_gen::{Row, api::types};
use serde::Serialize;
use uuid::Uuid;

use super::run_status::RunState;
use crate::types::{FromWire, from_wire};

/// A conversation: its questions and their results.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Conversation {
    /// Id of the conversation, for [`Ask::conversation`](crate::ask::Ask::conversation).
    pub id: Uuid,
    /// Title of the conversation.
    pub title: String,
    /// The questions and their results, oldest first.
    pub turns: Vec<ConversationTurn>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

/// A question of a conversation, and the result of its run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConversationTurn {
    /// Id of the run that answers the question.
    pub run_id: Uuid,
    /// The question.
    pub question: String,
    /// State of the run.
    pub status: RunState,
    /// Result of the run. Empty if it has none.
    #[serde(skip_serializing_if = "Row::is_empty")]
    pub result: Row,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl Conversation {
    /// Creates a conversation.
    pub fn new(id: Uuid, title: impl Into<String>, turns: Vec<ConversationTurn>) -> Self {
        Self { id, title: title.into(), turns, extra: Row::new() }
    }
}

impl ConversationTurn {
    /// Creates a question whose run has no result.
    pub fn new(run_id: Uuid, question: impl Into<String>, status: RunState) -> Self {
        Self { run_id, question: question.into(), status, result: Row::new(), extra: Row::new() }
    }
}

from_wire! { Conversation = types::ConversationDetailResponse {
    id, title, turns: FromWire::from_wire(turns), extra
} }

from_wire! { ConversationTurn = types::ConversationTurnResponse { run_id, question, status, result, extra } }
