//! How long a server may be silent, by the kind of call.

use std::time::Duration;

/// Default for calls that read or change a few records: this crate's choice.
const SHORT: Duration = Duration::from_secs(60);
/// Default for calls that move or compute data, for calls of models, and for streams: the read limit of the vendor's
/// client.
const LONG: Duration = Duration::from_secs(600);

/// The operations whose response follows from a few stored records. All others take as long as their data, or a model,
/// takes.
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

/// The longest silence of a server: one for all calls if it was set, else by the kind of call.
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

    /// A new operation of the document fails here until its kind is chosen.
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
        let hint =
            "a new operation is long here, in datalinks/src/transport/timeouts.rs, or in FEW_RECORDS above";
        assert_eq!(long, expected, "{hint}");
        assert_eq!(long.len() + FEW_RECORDS.len(), OPERATIONS.len());
        assert!(FEW_RECORDS.is_sorted());
    }

    /// Reading one's own user could take half an hour: three attempts of 600 s of silence.
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
