//! Agents over the agent-to-agent protocol.

use super::{Call, unsupported};
use crate::answer::Answer;
use crate::problem::Problem;

pub(super) fn call(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("a2aJsonRpc"))
}

pub(super) fn list(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("listA2aAgents"))
}

pub(super) fn card(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("getA2aAgentCard"))
}
