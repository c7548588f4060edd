//! Questions that belong together.

use super::{Call, unsupported};
use crate::answer::Answer;
use crate::problem::Problem;

pub(super) fn detail(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("getConversation"))
}

pub(super) fn list(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("listConversations"))
}
