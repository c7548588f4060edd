//! The cleaning agent.

use super::{Call, unsupported};
use crate::answer::Answer;
use crate::problem::Problem;

pub(super) fn request(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("requestCleaning"))
}

pub(super) fn code(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("getCleaningTaskCode"))
}
