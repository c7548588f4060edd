//! The table of operations: for each, its handler, its coverage and the permission that it requires.

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures::FutureExt;
use futures::future::BoxFuture;

use super::access::AccessRule::{self, Dataset, FullToken, Namespace, Nothing, Token};
use super::call::OperationCall;
use super::{
    a2a, agent_runs, ask, build_specs, cleaning, conversations, datasets, ingest, ingestions, links,
    ontology, pipeline, query, sessions, shares, suggest, tokens, uploads, usage, user,
};
use crate::response::{ApiResponse, Coverage, Problem};
use crate::store::Right::{Own, Read, Write};

use Coverage::{Computed, PartlyScripted, Scripted};
use Handler::{Now, Waiting};

/// An operation and how the emulator handles it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) id: &'static str,
    /// Coverage without a model.
    pub(crate) coverage: Coverage,
    /// The permission that the operation requires.
    pub(crate) needs: AccessRule,
    pub(crate) handler: Handler,
}

/// The handler of one operation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Handler {
    /// A handler that returns immediately and runs in one transaction. Whatever takes time is a stream in its response.
    Now(fn(&OperationCall<'_>) -> Result<ApiResponse, Problem>),
    /// A handler that waits for a model or for work in the background. Changes before a wait may be persisted without
    /// the changes after it, so changes that belong together must not have a wait between them.
    Waiting(for<'a> fn(&'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>>),
}

impl Handler {
    /// Handles a call. If the handler panics, its changes are rolled back if the state has a data directory, and the
    /// panic is resumed.
    pub(crate) async fn answer(self, call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
        match self {
            Self::Now(answer) => call.state.transaction(|| answer(call))?,
            Self::Waiting(answer) => {
                let since = call.state.state_store.rollbacks();
                let answer = AssertUnwindSafe(async { answer(call).await }).catch_unwind().await;
                let answer = answer.unwrap_or_else(|panic| {
                    call.state.roll_back();
                    resume_unwind(panic)
                });
                call.state.flush(since)?;
                answer
            }
        }
    }
}

/// All supported operations, sorted by id. The response to any other operation is a 501.
#[rustfmt::skip]
pub(crate) static HANDLERS: &[Entry] = &[
    Entry { id: "a2aJsonRpc", coverage: Scripted, needs: Token, handler: Waiting(a2a::call) },
    Entry { id: "abortFileUpload", coverage: Computed, needs: Token, handler: Now(sessions::abort) },
    Entry { id: "abortMultipartUpload", coverage: Computed, needs: Dataset(Write), handler: Now(uploads::abort) },
    Entry { id: "addLink", coverage: Computed, needs: Token, handler: Now(links::add) },
    Entry { id: "addToken", coverage: Computed, needs: FullToken, handler: Now(tokens::create) },
    Entry { id: "autorag", coverage: Scripted, needs: Token, handler: Waiting(ask::answer) },
    Entry { id: "autoragStream", coverage: Scripted, needs: Token, handler: Now(ask::stream) },
    Entry { id: "balefireDataset", coverage: Computed, needs: Dataset(Own), handler: Now(datasets::balefire) },
    Entry { id: "balefireNamespace", coverage: Computed, needs: Namespace(Own), handler: Now(datasets::balefire_namespace) },
    Entry { id: "clearDataset", coverage: Computed, needs: Dataset(Write), handler: Now(datasets::clear) },
    Entry { id: "createBuildSpec", coverage: Computed, needs: Token, handler: Now(build_specs::create) },
    Entry { id: "createDataset", coverage: Computed, needs: Dataset(Own), handler: Now(ingest::create) },
    Entry { id: "curateLinks", coverage: Scripted, needs: Token, handler: Waiting(ontology::curate) },
    Entry { id: "deleteAgentRun", coverage: Computed, needs: Token, handler: Now(agent_runs::delete) },
    Entry { id: "deleteBuildSpec", coverage: Computed, needs: Token, handler: Now(build_specs::delete) },
    Entry { id: "deleteToken", coverage: Computed, needs: FullToken, handler: Now(tokens::revoke) },
    Entry { id: "editBuildSpec", coverage: Computed, needs: Token, handler: Now(build_specs::edit) },
    Entry { id: "finishFileUpload", coverage: Computed, needs: Token, handler: Now(sessions::finish_file) },
    Entry { id: "finishMultipartUpload", coverage: PartlyScripted, needs: Dataset(Write), handler: Now(uploads::finish) },
    Entry { id: "getA2aAgentCard", coverage: Computed, needs: Nothing, handler: Now(a2a::card) },
    Entry { id: "getAgentRunStatus", coverage: PartlyScripted, needs: Token, handler: Now(agent_runs::status) },
    Entry { id: "getBuildSpec", coverage: Computed, needs: Token, handler: Now(build_specs::get) },
    Entry { id: "getCleaningTaskCode", coverage: Scripted, needs: Token, handler: Now(cleaning::code) },
    Entry { id: "getConnectedLinks", coverage: Computed, needs: Dataset(Read), handler: Waiting(links::read_active) },
    Entry { id: "getConversation", coverage: PartlyScripted, needs: Token, handler: Now(conversations::detail) },
    Entry { id: "getCurrentUser", coverage: Computed, needs: Token, handler: Now(user::me) },
    Entry { id: "getDatasetInformation", coverage: Computed, needs: Dataset(Read), handler: Now(datasets::information) },
    Entry { id: "getDatasets", coverage: Computed, needs: Token, handler: Now(datasets::list) },
    Entry { id: "getDatasetsInNamespace", coverage: Computed, needs: Token, handler: Now(datasets::list_in_namespace) },
    Entry { id: "getLinks", coverage: Computed, needs: Dataset(Read), handler: Waiting(links::read_all) },
    Entry { id: "getPipelineTrace", coverage: Computed, needs: Token, handler: Now(pipeline::trace) },
    Entry { id: "getUserUsageByDay", coverage: PartlyScripted, needs: Token, handler: Now(usage::by_day) },
    Entry { id: "getUserUsageHistory", coverage: PartlyScripted, needs: Token, handler: Now(usage::history) },
    Entry { id: "inferDescription", coverage: Scripted, needs: Token, handler: Waiting(suggest::description) },
    Entry { id: "inferSchema", coverage: Scripted, needs: Token, handler: Waiting(suggest::schema) },
    Entry { id: "ingestData", coverage: PartlyScripted, needs: Dataset(Write), handler: Waiting(ingest::ingest) },
    Entry { id: "listA2aAgents", coverage: Computed, needs: Nothing, handler: Now(a2a::list) },
    Entry { id: "listAllDatasets", coverage: Computed, needs: Token, handler: Now(datasets::list) },
    Entry { id: "listBuildSpecs", coverage: Computed, needs: Token, handler: Now(build_specs::list) },
    Entry { id: "listConversations", coverage: Computed, needs: Token, handler: Now(conversations::list) },
    Entry { id: "listDatasetShares", coverage: Computed, needs: Dataset(Own), handler: Now(shares::of_dataset) },
    Entry { id: "listDatasetsWithinNamespace", coverage: Computed, needs: Token, handler: Now(datasets::list_within_namespace) },
    Entry { id: "listIngestions", coverage: Computed, needs: Dataset(Read), handler: Now(ingestions::list) },
    Entry { id: "listNamespaceShares", coverage: Computed, needs: Namespace(Own), handler: Now(shares::of_namespace) },
    Entry { id: "listSessionFiles", coverage: Computed, needs: Token, handler: Now(sessions::files) },
    Entry { id: "listTokenPermissions", coverage: Computed, needs: FullToken, handler: Now(tokens::permissions) },
    Entry { id: "listTokens", coverage: Computed, needs: FullToken, handler: Now(tokens::list) },
    Entry { id: "listUserNamespaces", coverage: Computed, needs: Token, handler: Now(datasets::namespaces) },
    Entry { id: "markIngestionSeen", coverage: Computed, needs: Token, handler: Now(ingestions::mark_seen) },
    Entry { id: "prepareFileUpload", coverage: Computed, needs: Token, handler: Now(sessions::prepare) },
    Entry { id: "prepareMultipartUpload", coverage: Computed, needs: Dataset(Write), handler: Now(uploads::prepare) },
    Entry { id: "previewInfer", coverage: PartlyScripted, needs: Token, handler: Waiting(ingest::preview) },
    Entry { id: "previewLinks", coverage: Computed, needs: Dataset(Read), handler: Waiting(links::preview) },
    Entry { id: "queryData", coverage: PartlyScripted, needs: Token, handler: Waiting(query::run) },
    Entry { id: "rebuildLinks", coverage: Computed, needs: Dataset(Write), handler: Waiting(links::rebuild) },
    Entry { id: "renameDataset", coverage: Computed, needs: Dataset(Own), handler: Now(datasets::rename) },
    Entry { id: "renameNamespace", coverage: Computed, needs: Namespace(Own), handler: Now(datasets::rename_namespace) },
    Entry { id: "requestCleaning", coverage: Scripted, needs: Dataset(Read), handler: Waiting(cleaning::request) },
    Entry { id: "resumeAgentRun", coverage: Scripted, needs: Token, handler: Now(agent_runs::resume) },
    Entry { id: "resumePipelineHook", coverage: Computed, needs: Token, handler: Now(pipeline::hook) },
    Entry { id: "retryIngestion", coverage: Computed, needs: Token, handler: Now(ingestions::retry) },
    Entry { id: "revokeDatasetAccess", coverage: Computed, needs: Dataset(Own), handler: Now(shares::revoke_dataset) },
    Entry { id: "revokeNamespaceAccess", coverage: Computed, needs: Namespace(Own), handler: Now(shares::revoke_namespace) },
    Entry { id: "runPipeline", coverage: Scripted, needs: Token, handler: Waiting(pipeline::run) },
    Entry { id: "saveConnections", coverage: Computed, needs: Dataset(Write), handler: Now(ontology::save) },
    Entry { id: "shareDatasetAccess", coverage: Computed, needs: Dataset(Own), handler: Now(shares::grant_dataset) },
    Entry { id: "shareNamespaceAccess", coverage: Computed, needs: Namespace(Own), handler: Now(shares::grant_namespace) },
    Entry { id: "streamPipeline", coverage: Scripted, needs: Token, handler: Now(pipeline::stream) },
    Entry { id: "submitAgentRunFeedback", coverage: Computed, needs: Token, handler: Now(agent_runs::feedback) },
    Entry { id: "updateInferDefinition", coverage: Computed, needs: Dataset(Write), handler: Now(datasets::update_definition) },
    Entry { id: "updateSortOrder", coverage: Computed, needs: Dataset(Write), handler: Now(datasets::update_sort_order) },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use datalinks_gen::{OPERATIONS, Operation};

    use super::*;

    const FILE: &str = "datalinks-emulator/src/api/table.rs";

    /// A new operation of the OpenAPI document fails this test, and no other test of this crate, until it has a
    /// handler.
    #[test]
    fn every_operation_has_a_handler() {
        let answered: BTreeSet<&str> = HANDLERS.iter().map(|entry| entry.id).collect();
        let missing: Vec<String> =
            OPERATIONS.iter().filter(|operation| !answered.contains(operation.id)).map(advice).collect();
        assert!(
            missing.is_empty(),
            "operations of the OpenAPI document without a handler (the response is a 501):\n{}\nCONTRIBUTING.md, \"Adding an \
             endpoint\", step 4, shows how.",
            missing.join("\n")
        );
    }

    fn advice(operation: &Operation) -> String {
        let like = |other: &&Operation| other.tag == operation.tag && other.id != operation.id;
        let neighbors: Vec<String> =
            OPERATIONS.iter().filter(like).take(3).map(|other| format!("`{}`", other.id)).collect();
        format!(
            "- `{id}` ({} {}): open {FILE}, add `Entry {{ id: \"{id}\", .. }}` in the order of ids, and write its handler \
             beside those of {}",
            operation.method,
            operation.path,
            neighbors.join(", "),
            id = operation.id,
        )
    }

    #[test]
    fn entries_are_operations_sorted_by_id() {
        for entry in HANDLERS {
            assert!(
                Operation::by_id(entry.id).is_some(),
                "the OpenAPI document has no operation `{id}`: open {FILE}, and remove its entry and its handler",
                id = entry.id
            );
        }
        assert!(HANDLERS.is_sorted_by(|one, two| one.id < two.id), "{FILE}: sort the entries by id");
    }
}
