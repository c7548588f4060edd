//! Which operation is answered how.

use std::fmt;

use datalinks_gen::{OPERATIONS, Operation};
use serde::{Serialize, Serializer};

use super::label::Label;
use crate::api::{Entry, HANDLERS};
use crate::models::Models;
use crate::server::route::prefix;

/// How an operation is answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Coverage {
    /// From what the emulator holds, or by a model that it was given.
    Computed,
    /// By what a model said once, and cassettes kept.
    Recorded,
    /// Computed, but for a part where a rule stands for a model, or that the emulator makes up. Which requests have
    /// such a part, the documentation of the crate says; the label of each response says whether it has one.
    PartlyScripted,
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
    /// The HTTP method, e.g. `POST`.
    pub method: &'static str,
    /// The path on the emulator, names in braces, e.g. `/api/v1/ingest/{namespace}/{datasetName}`.
    pub path: OperationPath,
    /// How it is answered.
    pub coverage: Coverage,
}

/// The path of an operation on an emulator. Its `Display` form is the path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OperationPath {
    prefix: &'static str,
    path: &'static str,
}

impl fmt::Display for OperationPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, self.path)
    }
}

impl Serialize for OperationPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

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
