//! Limits that several steps share.

use crate::response::Problem;

/// Maximum size in bytes of what one step adds to its rows, as far as it repeats something for each row or item.
pub(crate) const MAX_BYTES: usize = 128 * 1024 * 1024;

/// Rows that a model is given at a time.
pub(super) const ROWS_AT_ONCE: usize = 20;

/// The error of a step whose result would be too large. `what`: how large it would be, and how large it may be.
pub(super) fn too_much(step: &str, what: &str) -> Problem {
    Problem::unprocessable(format!("{step} {what}; send fewer rows at a time or change the step"))
}
