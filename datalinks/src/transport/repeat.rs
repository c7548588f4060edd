//! Which operations may run twice: the reviewed table.
//!
//! The HTTP verb does not tell. A POST may only read (`queryData`), and a DELETE that ran twice may
//! have removed something that was made in between.

/// Whether an operation may be repeated when it is not known whether it was carried out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Repeat {
    /// It changes nothing, or running it twice leaves what running it once leaves.
    Safe,
    /// Running it twice does, stores or costs something twice, or hides the first result.
    Never,
}

use Repeat::{Never, Safe};

/// Every operation with its class, sorted by id.
const TABLE: &[(&str, Repeat)] = &[
    ("a2aJsonRpc", Never),            // may start agent work
    ("abortFileUpload", Safe),        // aborted stays aborted
    ("abortMultipartUpload", Safe),   // likewise
    ("addLink", Safe),                // the second answer is 200, there already
    ("addToken", Never),              // would leave a token nobody knows
    ("autorag", Never),               // costs a model run, makes a run and a turn
    ("autoragStream", Never),         // likewise
    ("balefireDataset", Never),       // could destroy a dataset made anew meanwhile
    ("balefireNamespace", Never),     // likewise
    ("clearDataset", Never),          // could destroy rows ingested meanwhile
    ("createBuildSpec", Never),       // would create a second one
    ("createDataset", Safe),          // the second answer is 409, there already
    ("curateLinks", Never),           // costs a model run
    ("deleteAgentRun", Safe),         // ids are not used twice
    ("deleteBuildSpec", Safe),        // likewise
    ("deleteToken", Safe),            // likewise
    ("editBuildSpec", Never),         // could replace what somebody else has written meanwhile
    ("finishFileUpload", Never),      // the second answer hides the first
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
    ("ingestData", Never),       // stores and pays twice; the caller's choice of delivery decides
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
    ("prepareFileUpload", Never),      // would leave a session nobody aborts
    ("prepareMultipartUpload", Never), // likewise
    ("previewInfer", Never),           // costs a model run
    ("previewLinks", Safe),            // stores nothing
    ("queryData", Safe),               // reads; a question in words is marked Never by its caller
    ("rebuildLinks", Safe),            // computes the same links again
    ("renameDataset", Never),          // the second finds nothing and hides the first
    ("renameNamespace", Never),        // likewise
    ("requestCleaning", Never),        // starts a second task
    ("resumeAgentRun", Safe),          // follows a run, starts none
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

impl Repeat {
    /// The class of an operation; one that nobody reviewed is not repeated.
    pub(crate) fn of(operation: &str) -> Self {
        match TABLE.binary_search_by(|(id, _)| (*id).cmp(operation)) {
            Ok(index) => TABLE.get(index).map_or(Never, |(_, repeat)| *repeat),
            Err(_) => Never,
        }
    }
}

/// POST operations that only read, and cost nothing.
const READING_POSTS: [&str; 2] = ["previewLinks", "queryData"];

/// Whether an operation changes nothing and costs nothing, so that an unreadable response leaves nothing to look for.
/// An operation that the document does not have is not one of them.
pub(crate) fn only_reads(operation: &str) -> bool {
    READING_POSTS.contains(&operation)
        || datalinks_gen::OPERATIONS.iter().any(|own| own.id == operation && own.method == "GET")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use datalinks_gen::OPERATIONS;

    use super::*;

    const FILE: &str = "datalinks/src/transport/repeat.rs";

    /// A new operation of the document fails here until somebody has decided whether it may be sent twice.
    #[test]
    fn every_operation_of_the_document_is_reviewed() {
        let reviewed: BTreeSet<&str> = TABLE.iter().map(|(id, _)| *id).collect();
        let document: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.id).collect();
        let missing: Vec<&&str> = document.difference(&reviewed).collect();
        assert!(
            missing.is_empty(),
            "operations of the document that nobody has reviewed: {missing:?}. Open {FILE} and add a line for each to TABLE: \
             `Safe` if running it twice leaves what running it once leaves, and `Never` if not, or if nothing is known."
        );
        let gone: Vec<&&str> = reviewed.difference(&document).collect();
        assert!(
            gone.is_empty(),
            "no operations of the document (any more): {gone:?}. Open {FILE} and remove their lines."
        );
        assert!(TABLE.is_sorted_by(|(one, _), (two, _)| one < two), "{FILE}: sort the lines of TABLE by id");
    }

    #[test]
    fn the_guide_names_the_operations_that_are_not_retried_and_no_others() {
        let guide = include_str!("../guide/errors_and_retries.md");
        let told: BTreeSet<&str> = guide
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|id| *id != "queryData" && TABLE.iter().any(|(own, _)| own == id))
            .collect();
        let never: BTreeSet<&str> =
            TABLE.iter().filter(|(_, repeat)| *repeat == Never).map(|(id, _)| *id).collect();
        assert_eq!(told, never, "datalinks/src/guide/errors_and_retries.md, the table of operations");
    }

    #[test]
    fn what_only_reads_may_be_repeated() {
        for operation in datalinks_gen::OPERATIONS {
            assert!(!only_reads(operation.id) || Repeat::of(operation.id) == Safe, "{}", operation.id);
        }
        assert!(only_reads("queryData") && only_reads("getLinks") && !only_reads("addLink"));
        assert!(!only_reads("putPart"));
    }
}
