//! Which operation is answered how.

use datalinks_gen::OPERATIONS;
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
    let operations = OPERATIONS.iter().map(|operation| operation.id);
    let coverage = |operation| of(HANDLERS, by_model, operation);
    operations.map(|operation| OperationCoverage { operation, coverage: coverage(operation) }).collect()
}

/// How an operation is answered by these handlers. `by_model`: how, if a model takes the place of its rules.
fn of(handlers: &[Entry], by_model: Option<Coverage>, operation: &str) -> Coverage {
    match handlers.iter().find(|entry| entry.id == operation) {
        Some(entry) => by_model.filter(|_| BY_MODEL.contains(&operation)).unwrap_or(entry.coverage),
        None => Coverage::Unsupported,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_without_a_handler_is_unsupported() {
        assert_eq!(of(HANDLERS, None, "autorag"), Coverage::Scripted);
        assert_eq!(of(HANDLERS, Some(Coverage::Recorded), "autorag"), Coverage::Recorded);
        assert_eq!(of(&[], Some(Coverage::Recorded), "autorag"), Coverage::Unsupported);
    }

    #[test]
    fn rules_that_a_model_replaces_belong_to_operations() {
        for id in BY_MODEL {
            assert!(datalinks_gen::Operation::by_id(id).is_some(), "{id}");
        }
    }
}
