//! Which operation is answered how.

use datalinks_gen::{OPERATIONS, Operation};

use super::path::prefix;
use super::table::{Entry, HANDLERS};
use crate::models::Models;
use crate::response::{Coverage, Label, OperationCoverage, OperationPath};

/// Operations whose rules a model takes the place of.
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

/// All operations, sorted by id.
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
