//! What to do next about a run that does not exist.

use crate::failure::Failure;

/// Adds where the ids of runs are listed to a failure about a run that does not exist.
pub(super) fn explain(error: datalinks::Error) -> Failure {
    Failure::from(error)
        .next_if_missing("datalinks conversation list, and datalinks conversation show ID for its runs")
}
