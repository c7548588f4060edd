//! The reviewed table of operations that are safe to run twice.
//!
//! The HTTP method does not decide this. A POST may only read (`queryData`), and a DELETE that runs twice may delete a
//! resource that was created in between.

/// The class of an operation: whether it may be retried after an ambiguous outcome.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum RetrySafety {
    /// Running the operation twice has the effect of running it once.
    Safe,
    /// Running the operation twice has a second effect, costs twice, or hides the first result.
    Never,
}

use RetrySafety::{Never, Safe};

/// Every operation with its class, sorted by id.
const TABLE: &[(&str, RetrySafety)] = &[
    ("a2aJsonRpc", Never),            // may start agent work
    ("abortFileUpload", Safe),        // aborted stays aborted
    ("abortMultipartUpload", Safe),   // likewise
    ("addLink", Safe),                // the second response is 200, exists already
    ("addToken", Never),              // would leave a token that nobody has
    ("autorag", Never),               // costs a model run, adds a run and a turn
    ("autoragStream", Never),         // likewise
    ("balefireDataset", Never),       // could destroy a dataset created in between
    ("balefireNamespace", Never),     // likewise
    ("clearDataset", Never),          // could destroy rows ingested in between
    ("createBuildSpec", Never),       // would create a second one
    ("createDataset", Safe),          // the second response is 409, exists already
    ("curateLinks", Never),           // costs a model run
    ("deleteAgentRun", Safe),         // ids are not used twice
    ("deleteBuildSpec", Safe),        // likewise
    ("deleteToken", Safe),            // likewise
    ("editBuildSpec", Never),         // could overwrite a change of another user
    ("finishFileUpload", Never),      // the second response hides the first
    ("finishMultipartUpload", Never), // could ingest twice
    ("getA2aAgentCard", Safe),
    ("getAgentRunStatus", Safe),
    ("getBuildSpec", Safe),
    ("getCleaningTaskCode", Safe),
    ("getConnectedLinks", Safe),
    ("getConversation", Safe),
    ("getCurrentUser", Safe),
    ("getDatasetInformation", Safe),
    ("getDatasets", Safe),
    ("getDatasetsInNamespace", Safe),
    ("getLinks", Safe),
    ("getPipelineTrace", Safe),
    ("getUserUsageByDay", Safe),
    ("getUserUsageHistory", Safe),
    ("inferDescription", Never), // costs a model run
    ("inferSchema", Never),      // likewise
    ("ingestData", Never),       // stores twice; the delivery mode decides
    ("listA2aAgents", Safe),
    ("listAllDatasets", Safe),
    ("listBuildSpecs", Safe),
    ("listConversations", Safe),
    ("listDatasetShares", Safe),
    ("listDatasetsWithinNamespace", Safe),
    ("listIngestions", Safe),
    ("listNamespaceShares", Safe),
    ("listSessionFiles", Safe),
    ("listTokenPermissions", Safe),
    ("listTokens", Safe),
    ("listUserNamespaces", Safe),
    ("markIngestionSeen", Safe),       // seen stays seen
    ("prepareFileUpload", Never),      // would leave a session that nobody aborts
    ("prepareMultipartUpload", Never), // likewise
    ("previewInfer", Never),           // costs a model run
    ("previewLinks", Safe),            // stores nothing
    ("queryData", Safe),               // reads; the caller marks questions as Never
    ("rebuildLinks", Safe),            // computes the same links again
    ("renameDataset", Never),          // the second response is 404 and hides the first
    ("renameNamespace", Never),        // likewise
    ("requestCleaning", Never),        // starts a second task
    ("resumeAgentRun", Safe),          // follows a run without starting one
    ("resumePipelineHook", Never),     // answers a question twice
    ("retryIngestion", Never),         // starts a second ingestion
    ("revokeDatasetAccess", Safe),     // revoked stays revoked
    ("revokeNamespaceAccess", Safe),   // likewise
    ("runPipeline", Never),            // starts a second run
    ("saveConnections", Safe),         // adds and removes by value
    ("shareDatasetAccess", Safe),      // a second grant replaces the first
    ("shareNamespaceAccess", Safe),    // likewise
    ("streamPipeline", Safe),          // reads
    ("submitAgentRunFeedback", Safe),  // replaces an earlier rating
    ("updateInferDefinition", Safe),   // writes the same definition
    ("updateSortOrder", Safe),         // writes the same order
];

impl RetrySafety {
    /// Returns the class of an operation. An operation that is not in the table is not retried.
    pub(crate) fn of(operation: &str) -> Self {
        match TABLE.binary_search_by(|(id, _)| (*id).cmp(operation)) {
            Ok(index) => TABLE.get(index).map_or(Never, |(_, safety)| *safety),
            Err(_) => Never,
        }
    }
}

/// POST operations that only read and cost nothing.
const READING_POSTS: [&str; 2] = ["previewLinks", "queryData"];

/// Returns `true` if an operation only reads and costs nothing, so that its outcome needs no check. Returns `false` for an
/// operation that is not in the OpenAPI document.
pub(crate) fn only_reads(operation: &str) -> bool {
    READING_POSTS.contains(&operation)
        || datalinks_gen::OPERATIONS.iter().any(|own| own.id == operation && own.method == "GET")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use datalinks_gen::OPERATIONS;

    use super::*;

    const FILE: &str = "datalinks/src/transport/retry_safety.rs";

    /// Fails if the OpenAPI document has an operation without a class.
    #[test]
    fn every_operation_of_the_document_is_reviewed() {
        let reviewed: BTreeSet<&str> = TABLE.iter().map(|(id, _)| *id).collect();
        let document: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.id).collect();
        let missing: Vec<&&str> = document.difference(&reviewed).collect();
        assert!(
            missing.is_empty(),
            "operations of the document that are not reviewed: {missing:?}. Open {FILE} and add a line for each to TABLE: \
             `Safe` if running it twice has the effect of running it once, and `Never` if not, or if this is unknown."
        );
        let gone: Vec<&&str> = reviewed.difference(&document).collect();
        assert!(
            gone.is_empty(),
            "no operations of the document (any more): {gone:?}. Open {FILE} and remove their lines."
        );
        assert!(TABLE.is_sorted_by(|(one, _), (two, _)| one < two), "{FILE}: sort the lines of TABLE by id");
    }

    #[test]
    fn guide_lists_exactly_the_operations_that_are_not_retried() {
        let guide = include_str!("../guide/errors_and_retries.md");
        let listed: BTreeSet<&str> = guide
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|id| *id != "queryData" && TABLE.iter().any(|(own, _)| own == id))
            .collect();
        let never: BTreeSet<&str> =
            TABLE.iter().filter(|(_, safety)| *safety == Never).map(|(id, _)| *id).collect();
        assert_eq!(listed, never, "datalinks/src/guide/errors_and_retries.md, the table of operations");
    }

    #[test]
    fn reading_operations_are_safe_to_retry() {
        for operation in datalinks_gen::OPERATIONS {
            assert!(!only_reads(operation.id) || RetrySafety::of(operation.id) == Safe, "{}", operation.id);
        }
        assert!(only_reads("queryData") && only_reads("getLinks") && !only_reads("addLink"));
        assert!(!only_reads("putPart"));
    }
}
