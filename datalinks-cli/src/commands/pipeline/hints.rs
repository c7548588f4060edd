//! What to do next about a run that does not exist.

use crate::failure::Failure;

/// Adds what to check to a failure about a run that does not exist.
pub(super) fn explain(error: datalinks::Error) -> Failure {
    Failure::from(error)
        .next_if_missing("check the id of the run, which `datalinks pipeline run` shows when it starts")
}
