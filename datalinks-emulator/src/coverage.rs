//! Which operation is answered how.

use serde::Serialize;

use crate::handlers::{Entry, HANDLERS};
use crate::label::Label;
use crate::models::Models;

/// How an operation is answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Coverage {
    /// From what the emulator holds, or by a model that it was given.
    Computed,
    /// By what a model said once, and cassettes kept.
    Recorded,
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

/// Operations whose rules a model takes the place of.
const BY_MODEL: &[&str] = &[
    "a2aJsonRpc",
    "autorag",
    "autoragStream",
    "curateLinks",
    "inferDescription",
    "inferSchema",
    "resumeAgentRun",
    "runPipeline",
    "streamPipeline",
];

/// All operations, sorted by id.
pub(crate) fn all(models: Option<&Models>) -> Vec<OperationCoverage> {
    let by_model = models.map(|models| match models.label() {
        Label::Recorded => Coverage::Recorded,
        _ => Coverage::Computed,
    });
    let of = |entry: &Entry| by_model.filter(|_| BY_MODEL.contains(&entry.id)).unwrap_or(entry.coverage);
    HANDLERS.iter().map(|entry| OperationCoverage { operation: entry.id, coverage: of(entry) }).collect()
}
