//! Which operation is answered how.

use serde::Serialize;

use crate::handlers::HANDLERS;

/// How an operation is answered when there is no model.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Coverage {
    /// From what the emulator holds.
    Computed,
    /// By a rule, where the service would ask a model.
    Scripted,
    /// Not at all.
    Unsupported,
}

/// An operation, and how it is answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OperationCoverage {
    /// The operation's id, e.g. `ingestData`.
    pub operation: &'static str,
    /// How it is answered.
    pub coverage: Coverage,
}

/// All operations, sorted by id.
pub(crate) fn all() -> Vec<OperationCoverage> {
    HANDLERS.iter().map(|entry| OperationCoverage { operation: entry.id, coverage: entry.coverage }).collect()
}
