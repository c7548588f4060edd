//! What a dataset is about, suggested from a sample.

use super::{Call, unsupported};
use crate::answer::Answer;
use crate::problem::Problem;

pub(super) fn description(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("inferDescription"))
}

pub(super) fn schema(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("inferSchema"))
}
