//! What to do next about a run that does not exist.

use crate::failure::{Exit, Failure};

/// Adds where the ids of runs are listed to a failure about a run that does not exist.
pub(super) fn explain(error: datalinks::Error) -> Failure {
    let failure = Failure::from(error);
    if failure.exit() == Exit::NotFound {
        return failure.next("datalinks conversation list, and datalinks conversation show ID for its runs");
    }
    failure
}
