//! How each operation is answered: computed, recorded, rule-based or not at all.

use datalinks_gen::{OPERATIONS, Operation};

use super::path::prefix;
use super::table::{Entry, HANDLERS};
use crate::models::Models;
use crate::response::{Coverage, Label, OperationCoverage, OperationPath};

/// Operations with rules that a configured model replaces.
const BY_MODEL: &[&str] = &[
    "a2aJsonRpc",
    "autorag",
    "autoragStream",
    "curateLinks",
    "finishMultipartUpload",
    "getAgentRunStatus",
    "getConversation",
    "inferDescription",
    "inferSchema",
    "previewInfer",
    "queryData",
    "resumeAgentRun",
    "runPipeline",
    "streamPipeline",
];

/// Returns the coverage of all operations, sorted by id.
pub(crate) fn all(models: Option<&Models>) -> Vec<OperationCoverage> {
    let by_model = models.map(|models| match models.label() {
        Label::Recorded => Coverage::Recorded,
        _ => Coverage::Computed,
    });
    let covered = |operation: &Operation| OperationCoverage {
        operation: operation.id,
        method: operation.method,
        path: OperationPath { prefix: prefix(operation.server), path: operation.path },
        coverage: of(HANDLERS, by_model, operation.id),
    };
    OPERATIONS.iter().map(covered).collect()
}

/// Returns the coverage of an operation. `by_model` is the coverage of the operations in [`BY_MODEL`] if a model is
/// configured.
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
    fn operation_without_a_handler_is_unsupported() {
        assert_eq!(of(HANDLERS, None, "autorag"), Coverage::Scripted);
        assert_eq!(of(HANDLERS, Some(Coverage::Recorded), "autorag"), Coverage::Recorded);
        assert_eq!(of(&[], Some(Coverage::Recorded), "autorag"), Coverage::Unsupported);
    }

    #[test]
    fn operations_by_model_exist_in_the_contract() {
        for id in BY_MODEL {
            assert!(datalinks_gen::Operation::by_id(id).is_some(), "{id}");
        }
    }
}
