//! What was used.

use super::{Call, unsupported};
use crate::answer::Answer;
use crate::problem::Problem;

pub(super) fn history(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("getUserUsageHistory"))
}

pub(super) fn by_day(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("getUserUsageByDay"))
}
