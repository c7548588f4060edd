//! Active links: added, removed, curated.

use super::{Call, unsupported};
use crate::answer::Answer;
use crate::problem::Problem;

pub(super) fn curate(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("curateLinks"))
}

pub(super) fn save(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("saveConnections"))
}
