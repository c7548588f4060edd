//! What to do next about a run that does not exist.

use crate::failure::{Exit, Failure};

/// Adds what to check to a failure about a run that does not exist.
pub(super) fn explain(error: datalinks::Error) -> Failure {
    let failure = Failure::from(error);
    if failure.exit() == Exit::NotFound {
        return failure.next("check the id of the run, which `datalinks pipeline run` shows when it starts");
    }
    failure
}
