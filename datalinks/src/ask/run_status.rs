//! The status of a run.

use datalinks_gen::{Row, api::types};
use serde::Serialize;
use uuid::Uuid;

use crate::types::from_wire;

/// The state of a run.
pub use datalinks_gen::enums::AgentRunStatus as RunState;

/// The status of a run, with its result if the run is complete.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RunStatus {
    /// Id of the run.
    pub run_id: Uuid,
    /// Kind of the agent.
    pub agent_kind: String,
    /// The question.
    pub question: String,
    /// State of the run.
    pub status: RunState,
    /// `true` if the run can be resumed: it is running and has a checkpoint.
    pub can_resume: bool,
    /// Result of the run. Empty if it has none.
    #[serde(skip_serializing_if = "Row::is_empty")]
    pub result: Row,
    /// Reason of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Last step that was completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_node_id: Option<String>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl RunStatus {
    /// Creates the status of a run that has no result and cannot be resumed.
    pub fn new(
        run_id: Uuid,
        agent_kind: impl Into<String>,
        question: impl Into<String>,
        status: RunState,
    ) -> Self {
        Self {
            run_id,
            agent_kind: agent_kind.into(),
            question: question.into(),
            status,
            can_resume: false,
            result: Row::new(),
            error_message: None,
            last_node_id: None,
            extra: Row::new(),
        }
    }
}

from_wire! { RunStatus = types::AgentRunStatusResponse {
    run_id, agent_kind, question, status, can_resume, result, error_message, last_node_id, extra
} }
