//! Idle limits by operation.

use std::time::Duration;

/// Default for calls that read or change a few records.
const SHORT: Duration = Duration::from_secs(60);
/// Default for calls that transfer or compute data, for calls of models, and for streams. The read timeout of the vendor's
/// client has the same value.
const LONG: Duration = Duration::from_secs(600);

/// The operations whose response depends on a few stored records. The duration of all others depends on the amount of data or
/// on a model.
const FEW_RECORDS: &[&str] = &[
    "abortFileUpload",
    "abortMultipartUpload",
    "addLink",
    "addToken",
    "createBuildSpec",
    "createDataset",
    "deleteAgentRun",
    "deleteBuildSpec",
    "deleteToken",
    "editBuildSpec",
    "getA2aAgentCard",
    "getAgentRunStatus",
    "getBuildSpec",
    "getCleaningTaskCode",
    "getConversation",
    "getCurrentUser",
    "getDatasetInformation",
    "getDatasets",
    "getDatasetsInNamespace",
    "getUserUsageByDay",
    "getUserUsageHistory",
    "listA2aAgents",
    "listAllDatasets",
    "listBuildSpecs",
    "listConversations",
    "listDatasetShares",
    "listDatasetsWithinNamespace",
    "listIngestions",
    "listNamespaceShares",
    "listSessionFiles",
    "listTokenPermissions",
    "listTokens",
    "listUserNamespaces",
    "markIngestionSeen",
    "revokeDatasetAccess",
    "revokeNamespaceAccess",
    "shareDatasetAccess",
    "shareNamespaceAccess",
    "submitAgentRunFeedback",
    "updateInferDefinition",
    "updateSortOrder",
];

/// The longest time without progress: one value for all calls if it was set, and otherwise a default by operation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct IdleTimeouts(Option<Duration>);

impl IdleTimeouts {
    /// Sets one limit for all calls.
    pub(crate) fn all(limit: Duration) -> Self {
        Self(Some(limit))
    }

    /// Returns the limit of an operation.
    pub(crate) fn of(self, operation: &str) -> Duration {
        match self.0 {
            Some(limit) => limit,
            None if FEW_RECORDS.binary_search(&operation).is_ok() => SHORT,
            None => LONG,
        }
    }

    /// Returns the limit that was set for all calls.
    pub(crate) fn set(self) -> Option<Duration> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use datalinks_gen::OPERATIONS;

    use super::*;

    /// Fails if the OpenAPI document has an operation that is in neither list.
    #[test]
    fn every_operation_has_the_default_of_its_kind() {
        let long: Vec<&str> = OPERATIONS
            .iter()
            .map(|operation| operation.id)
            .filter(|id| IdleTimeouts::default().of(id) == LONG)
            .collect();
        let expected = [
            "a2aJsonRpc",
            "autorag",
            "autoragStream",
            "balefireDataset",
            "balefireNamespace",
            "clearDataset",
            "curateLinks",
            "finishFileUpload",
            "finishMultipartUpload",
            "getConnectedLinks",
            "getLinks",
            "getPipelineTrace",
            "inferDescription",
            "inferSchema",
            "ingestData",
            "prepareFileUpload",
            "prepareMultipartUpload",
            "previewInfer",
            "previewLinks",
            "queryData",
            "rebuildLinks",
            "renameDataset",
            "renameNamespace",
            "requestCleaning",
            "resumeAgentRun",
            "resumePipelineHook",
            "retryIngestion",
            "runPipeline",
            "saveConnections",
            "streamPipeline",
        ];
        let hint = "add a new operation to this list, in datalinks/src/transport/timeouts.rs, or to FEW_RECORDS above";
        assert_eq!(long, expected, "{hint}");
        assert_eq!(long.len() + FEW_RECORDS.len(), OPERATIONS.len());
        assert!(FEW_RECORDS.is_sorted());
    }

    /// A call that reads one record could take half an hour: three attempts with 600 s of silence each.
    #[test]
    fn documented_defaults() {
        let of = |operation| IdleTimeouts::default().of(operation).as_secs();
        assert_eq!((of("getCurrentUser"), of("ingestData"), of("putPart")), (60, 600, 600));
        let set = IdleTimeouts::all(Duration::from_secs(5));
        assert_eq!(
            (set.of("getCurrentUser"), set.of("ingestData")),
            (Duration::from_secs(5), Duration::from_secs(5))
        );
    }
}
