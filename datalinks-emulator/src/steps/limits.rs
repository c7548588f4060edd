//! Limits that several steps share.

use crate::response::Problem;

/// Maximum number of bytes that one step may add to its rows by repeating values for each row or item.
pub(crate) const MAX_BYTES: usize = 128 * 1024 * 1024;

/// Number of rows per prompt.
pub(super) const BATCH: usize = 20;

/// Creates the error of a step with a result above a limit. `what` names the size and the limit.
pub(super) fn too_large(step: &str, what: &str) -> Problem {
    Problem::unprocessable(format!("{step} {what}; send fewer rows at a time or change the step"))
}
