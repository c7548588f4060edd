//! Runs of the agent that answers questions.

use super::{Call, unsupported};
use crate::answer::Answer;
use crate::problem::Problem;

pub(super) fn status(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("getAgentRunStatus"))
}

pub(super) fn delete(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("deleteAgentRun"))
}

pub(super) fn resume(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("resumeAgentRun"))
}

pub(super) fn feedback(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("submitAgentRunFeedback"))
}
