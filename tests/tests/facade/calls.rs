//! A call of the façade for every operation of the document.

use std::{fmt::Debug, time::Duration};

use datalinks::{
    DataLinks, Error, InferenceStep, IngestProxy,
    datasets::{BuildSpecDraft, ColumnRef, DatasetCoordinate, Link, Role},
    pipeline::{PipelineSource, ReconnectPolicy},
    uploads::UploadedPart,
};
use datalinks_gen::{OPERATIONS, Operation};
use serde_json::{Value, json};
use uuid::Uuid;

/// The clients of a server.
pub(crate) struct Clients {
    pub(crate) dl: DataLinks,
    pub(crate) proxy: IngestProxy,
    /// The owner of the namespaces and datasets in the calls.
    pub(crate) owner: &'static str,
}

/// Returns the caller's view of a success.
fn seen<T: Debug>(result: Result<T, Error>) -> Result<String, Error> {
    result.map(|value| format!("{value:?}"))
}

fn row() -> [Value; 1] {
    [json!({ "text": "An oak, 21 m" })]
}

fn link() -> [Link; 1] {
    [serde_json::from_value(
        json!({ "origin": "a", "destination": "b", "hits": 1, "matchType": "ExactMatch" }),
    )
    .unwrap()]
}

fn id() -> Uuid {
    Uuid::from_u128(7)
}

fn draft() -> BuildSpecDraft {
    BuildSpecDraft::new(DatasetCoordinate::new("ana", "plants", "totals"), "cHJpbnQoMSk=")
        .source(DatasetCoordinate::new("ana", "plants", "trees"))
}

fn parts() -> [UploadedPart; 1] {
    [UploadedPart::new(1, "e1")]
}

/// The name in calls whose names do not matter.
pub(crate) const NAME: &str = "plants";

/// Returns the operations for which [`call`] has an arm.
pub(crate) fn operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().filter(|operation| has(operation))
}

/// Returns the files to open if the call of an operation does not send the documented request.
pub(crate) fn hint(operation: &Operation) -> String {
    format!(
        "the call of `{}` does not match the document: open its arm in tests/tests/facade/calls.rs, and the \
         method that the arm calls, which is in the file of datalinks/src that has the methods of the tag `{}` (the id \
         of the operation is also in datalinks/src/transport/retry_safety.rs)",
        operation.id, operation.tag
    )
}

/// Returns `true` if [`call`] has an arm for an operation. The check searches the source, because running an
/// arm sends a request.
pub(crate) fn has(operation: &Operation) -> bool {
    include_str!("calls.rs").contains(&format!("\n        \"{}\" => ", operation.id))
}

/// Calls the operation with `name` for every name and id in its path. If `name` is [`NAME`], ids are a UUID.
pub(crate) async fn call(operation: &str, on: &Clients, name: &str) -> Result<String, Error> {
    let (dl, proxy) = (&on.dl, &on.proxy);
    let namespace = || dl.namespace(name)?.with_owner(on.owner);
    let dataset = || namespace()?.dataset(name);
    let text_id = if name == NAME { id().to_string() } else { name.to_owned() };
    match operation {
        "a2aJsonRpc" => seen(dl.agent(name)?.call(datalinks::raw::Row::new()).await),
        "abortFileUpload" => seen(dl.session(&text_id)?.abort().await),
        "abortMultipartUpload" => seen(dataset()?.abort_upload("u", "k").await),
        "addLink" => seen(dl.add_link(ColumnRef::new("n", "a", "x"), ColumnRef::new("n", "b", "y")).await),
        "addToken" => seen(dl.create_token("ci").await),
        "autorag" => seen(namespace()?.ask("why?").autorag().await),
        "autoragStream" => {
            let mut events = Vec::new();
            let mut stream = namespace()?.ask("why?").stream().await?;
            while let Some(event) = stream.next().await {
                events.push(event?);
            }
            seen(Ok(events))
        }
        "balefireDataset" => seen(dataset()?.delete().await),
        "balefireNamespace" => seen(namespace()?.delete().await),
        "clearDataset" => seen(dataset()?.clear().await),
        "createDataset" => seen(dataset()?.create().await),
        "createBuildSpec" => seen(dl.create_build_spec(draft()).await),
        "curateLinks" => seen(namespace()?.curate_links().await),
        "deleteAgentRun" => seen(dl.run(&text_id)?.delete().await),
        "deleteBuildSpec" => seen(dl.delete_build_spec(&text_id).await),
        "deleteToken" => seen(dl.delete_token(name).await),
        "editBuildSpec" => seen(dl.edit_build_spec(&text_id, draft()).await),
        "finishFileUpload" => seen(dl.session(&text_id)?.finish_file(id(), "u", "k", parts()).await),
        "finishMultipartUpload" => seen(dataset()?.finish_upload("u", "k", parts()).await),
        "getA2aAgentCard" => seen(dl.agent(name)?.card().await),
        "getAgentRunStatus" => seen(dl.run(&text_id)?.status().await),
        "getBuildSpec" => seen(dl.build_spec(&text_id).await),
        "getCleaningTaskCode" => seen(dl.cleaning_code(&text_id).await),
        "getConnectedLinks" => seen(dataset()?.ontology().await),
        "getConversation" => seen(dl.conversation(&text_id).await),
        "getCurrentUser" => seen(dl.current_user().await),
        "getDatasetInformation" => seen(dataset()?.info().await),
        #[expect(deprecated, reason = "the operation is still in the contract")]
        "getDatasets" => seen(dl.datasets().await),
        #[expect(deprecated, reason = "the operation is still in the contract")]
        "getDatasetsInNamespace" => seen(namespace()?.datasets().await),
        "getLinks" => seen(dataset()?.links().await),
        "getPipelineTrace" => seen(proxy.follow(name, 0)?.trace().await),
        "getUserUsageByDay" => seen(dl.usage_by_day().await),
        "getUserUsageHistory" => seen(dl.usage().await),
        "inferDescription" => seen(dl.infer(row()).description().await),
        "inferSchema" => seen(dl.infer(row()).schema().await),
        "ingestData" => seen(dataset()?.ingest(row()).await?.into_result()),
        "listA2aAgents" => seen(dl.agents().await),
        "listAllDatasets" => seen(dl.schema_datasets().await),
        "listBuildSpecs" => seen(dl.build_specs().await),
        "listConversations" => seen(namespace()?.conversations().await),
        "listDatasetShares" => seen(dataset()?.shares().await),
        "listDatasetsWithinNamespace" => seen(namespace()?.schema_datasets().await),
        "listIngestions" => seen(dataset()?.ingestions().await),
        "listNamespaceShares" => seen(namespace()?.shares().await),
        "listSessionFiles" => seen(dl.session(&text_id)?.files().await),
        "listTokenPermissions" => seen(dl.token_permissions(name).await),
        "listTokens" => seen(dl.tokens().await),
        "listUserNamespaces" => seen(dl.namespaces_of(name).await),
        "markIngestionSeen" => seen(dl.mark_ingestion_seen(id()).await),
        "prepareFileUpload" => seen(dl.prepare_session([("a.csv", 10)]).await),
        "prepareMultipartUpload" => seen(dataset()?.prepare_upload("a.csv", 10).await),
        "previewInfer" => {
            let step = InferenceStep::rows("text");
            seen(dataset()?.ingest(row()).steps([step]).preview::<Value>().await)
        }
        "previewLinks" => seen(dataset()?.preview_links(row()).await),
        "queryData" => seen(dataset()?.query().explain().answer::<Value>().await),
        "rebuildLinks" => seen(dataset()?.rebuild_links(row()).await),
        "renameDataset" => seen(dataset()?.rename("shrubs").await),
        "renameNamespace" => seen(namespace()?.rename("flora").await),
        "requestCleaning" => seen(dataset()?.clean(["trim"], &dl.dataset("plants", "clean")?).await),
        "resumeAgentRun" => {
            let mut events = Vec::new();
            let mut stream = dl.run(&text_id)?.resume().await?;
            while let Some(event) = stream.next().await {
                events.push(event?);
            }
            seen(Ok(events))
        }
        "resumePipelineHook" => seen(proxy.follow(name, 0)?.resume_hook(datalinks::raw::Row::new()).await),
        "retryIngestion" => seen(dl.retry_ingestion(id()).await),
        "revokeDatasetAccess" => seen(dataset()?.revoke("bo", Role::Viewer).await),
        "revokeNamespaceAccess" => seen(namespace()?.revoke("bo", Role::Viewer).await),
        "runPipeline" => seen(proxy.run_pipeline("plants", PipelineSource::rows(row())?).stream().await),
        "saveConnections" => seen(dataset()?.change_ontology().activate(link()).await),
        "shareDatasetAccess" => seen(dataset()?.share("bo", Role::Viewer).await),
        "shareNamespaceAccess" => seen(namespace()?.share("bo", Role::Viewer).await),
        "streamPipeline" => {
            let mut events = Vec::new();
            let at_once = ReconnectPolicy::default()
                .max_reconnects_without_progress(1)
                .backoff(Duration::ZERO, Duration::ZERO);
            let mut run = proxy.follow(name, 0)?.reconnect(at_once);
            while let Some(event) = run.next().await {
                events.push(event?);
            }
            seen(Ok(events))
        }
        "submitAgentRunFeedback" => seen(dl.run(&text_id)?.rate(true).await),
        "updateInferDefinition" => seen(dataset()?.update_definition().description("trees").await),
        "updateSortOrder" => seen(dataset()?.order_columns(["a"]).await),
        unknown => {
            panic!("`{unknown}` is not called: open tests/tests/facade/calls.rs and add an arm for it")
        }
    }
}
