//! The result of verifying an answer.

use serde::Serialize;

use super::{changes::RowChanges, unsupported::UnsupportedSentence};
use crate::error::Error;

/// The result of [`Namespace::verify`](crate::Namespace::verify): for each step of an answer, whether its query still returns
/// the same rows, and the sentences whose values are in no row.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Verification {
    /// The steps, in the order of the answer.
    pub steps: Vec<VerifiedStep>,
    /// The sentences of the answer with values that are in no row of its steps. This is a hint, see
    /// [`UnsupportedSentence`].
    pub unsupported: Vec<UnsupportedSentence>,
}

impl Verification {
    /// Creates a result.
    pub fn new(steps: Vec<VerifiedStep>, unsupported: Vec<UnsupportedSentence>) -> Self {
        Self { steps, unsupported }
    }

    /// Returns `true` if every step holds, and there is at least one. Sentences do not count.
    pub fn holds(&self) -> bool {
        !self.steps.is_empty() && self.steps.iter().all(|step| matches!(step.outcome, StepOutcome::Holds))
    }
}

/// A step of an answer, and the outcome of repeating its query.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VerifiedStep {
    /// The query of the step.
    pub query: String,
    /// Number of rows of the step.
    pub row_count: usize,
    /// The digest of the rows of the step, see [`AutoRagStep::rows_digest`](super::AutoRagStep::rows_digest).
    pub rows_digest: String,
    /// Number of rows that the query returned now, or `None` if it returned none because it was not sent or failed.
    pub found_count: Option<usize>,
    /// The outcome of repeating the query.
    pub outcome: StepOutcome,
    /// The query limits rows that it does not sort. The service does not document which rows such a query returns, so a change
    /// may come from another choice of the service.
    pub limits_unsorted_rows: bool,
}

impl VerifiedStep {
    /// Creates a step whose query returned the rows of the step.
    pub fn new(query: impl Into<String>, row_count: usize, rows_digest: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            row_count,
            rows_digest: rows_digest.into(),
            found_count: Some(row_count),
            outcome: StepOutcome::Holds,
            limits_unsorted_rows: false,
        }
    }
}

/// The outcome of repeating the query of a step.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum StepOutcome {
    /// The query returned the same rows.
    Holds,
    /// The query returned other rows, or the rows in another order than that by which it sorts.
    Changed(RowChanges),
    /// The step cannot be repeated.
    NotRepeatable {
        /// The reason.
        reason: String,
    },
    /// The query failed.
    Failed(Error),
}
