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

    /// The table of the crate's documentation, held against the defaults in the code.
    #[test]
    fn the_documented_table_has_the_defaults() {
        use crate::{CallOptions, Reconnect, ResumePolicy, RetryPolicy, client::Settings};

        let table: Vec<(&str, &str)> = include_str!("../lib.rs")
            .lines()
            .skip_while(|line| *line != "//! # Time limits")
            .filter_map(|line| line.strip_prefix("//! | "))
            .take_while(|line| !line.contains("Python"))
            .filter_map(|line| Some((line, line.trim_end_matches(" |").rsplit_once(" | ")?.1)))
            .collect();
        let documented = |limit: &str| {
            let rows: Vec<_> = table.iter().filter(|(line, _)| line.starts_with(limit)).collect();
            assert_eq!(rows.len(), 1, "{limit}: {table:?}");
            rows[0].1.to_owned()
        };
        let seconds = |limit: Duration| format!("{} s", limit.as_secs_f64());
        let optional = |limit: Option<Duration>| limit.map_or("none".to_owned(), seconds);
        let (settings, retry) = (Settings::default(), RetryPolicy::default());
        let (reconnect, resume) = (Reconnect::default(), ResumePolicy::default());
        let client = crate::DataLinks::builder("http://127.0.0.1:9/api/v1", "k").build().unwrap();
        let wait = client.dataset("cinema", "films").unwrap().wait_for(uuid::Uuid::nil());
        for (limit, default) in [
            ("making a connection", seconds(settings.connect)),
            ("no progress of a call", seconds(settings.idle.of("getCurrentUser"))),
            ("no progress of any other call", seconds(settings.idle.of("ingestData"))),
            ("no data on a stream", seconds(settings.idle.of("autoragStream"))),
            ("a whole call", optional(CallOptions::new().timeout)),
            ("attempts of a call", settings.retry.attempts.to_string()),
            (
                "first and longest pause",
                format!("{}, {}", seconds(retry.backoff.base), seconds(retry.backoff.cap)),
            ),
            ("a wait that the server asks for", seconds(retry.longest_wait)),
            ("time in which an attempt may begin", optional(retry.total)),
            ("reconnects of a pipeline run", reconnect.without_progress.to_string()),
            ("attempts to resume an answer", resume.max_reconnects_without_progress.to_string()),
            ("polling a run", seconds(resume.poll_timeout)),
            ("waiting for an ingestion", seconds(wait.limit())),
        ] {
            assert_eq!(documented(limit), default, "{limit}");
        }
        // The head of the table is the only other line.
        assert_eq!(table.len(), 13 + 1, "{table:?}");
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
