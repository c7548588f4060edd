//! Calls of the generated client with recorded requests, one per operation.

use std::fmt::Debug;

use datalinks_gen::{
    api,
    progenitor_client::{ByteStream, Error, ResponseValue},
    proxy,
};
use datalinks_tests::recordings::Exchange;
use futures::TryStreamExt as _;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

/// The generated client's result for a response.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Body,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Body {
    Nothing,
    Json(Value),
    Bytes(String),
}

fn answered<T, E: Debug>(result: Result<ResponseValue<T>, Error<E>>) -> (u16, T) {
    let answer = result.unwrap();
    (answer.status().as_u16(), answer.into_inner())
}

fn nothing<E: Debug>(result: Result<ResponseValue<()>, Error<E>>) -> Answer {
    let (status, ()) = answered(result);
    Answer { status, body: Body::Nothing }
}

fn value<T: Serialize, E: Debug>(result: Result<ResponseValue<T>, Error<E>>) -> Answer {
    let (status, value) = answered(result);
    Answer { status, body: Body::Json(serde_json::to_value(value).unwrap()) }
}

async fn bytes<E: Debug>(result: Result<ResponseValue<ByteStream>, Error<E>>) -> Answer {
    let (status, stream) = answered(result);
    let chunks: Vec<_> = stream.into_inner().try_collect().await.unwrap();
    Answer { status, body: Body::Bytes(String::from_utf8(chunks.concat()).unwrap()) }
}

/// Calls the operation of `exchange` with its path, query and body. Panics if the body does not fit the type of
/// the request, which means that it has a field that the document lacks.
pub(crate) async fn call(
    api: &api::Client,
    proxy: &proxy::Client,
    exchange: &Exchange,
    body: &Value,
) -> Answer {
    fn read<T: DeserializeOwned>(body: &Value) -> T {
        serde_json::from_value(body.clone()).unwrap()
    }
    let path = exchange.segments();
    let id = |index: usize| path[index].as_str().parse::<Uuid>().unwrap();
    let word = |name: &str| exchange.query_value(name);
    let number = |name: &str| word(name).map(|text| text.parse().unwrap());
    let text = || exchange.request.text.clone().unwrap();
    match exchange.operation_id.as_str() {
        "a2aJsonRpc" => bytes(api.a2a_json_rpc(&path[0], &read(body)).await).await,
        "abortFileUpload" => value(api.abort_file_upload(&id(0)).await),
        "abortMultipartUpload" => {
            nothing(api.abort_multipart_upload(&path[0], &path[1], &path[2], &read(body)).await)
        }
        "addLink" => nothing(api.add_link(&read(body)).await),
        "addToken" => value(api.add_token(&read(body)).await),
        "autorag" => value(api.autorag(&read(body)).await),
        "autoragStream" => bytes(api.autorag_stream(&read(body)).await).await,
        "balefireDataset" => nothing(api.balefire_dataset(&path[0], &path[1], &path[2]).await),
        "balefireNamespace" => nothing(
            api.balefire_namespace(&path[0], &path[1], word("deleteDatasets").map(|flag| flag == "true"))
                .await,
        ),
        "clearDataset" => nothing(api.clear_dataset(&path[0], &path[1], &path[2]).await),
        "createDataset" => nothing(api.create_dataset(&path[0], &path[1], &read(body)).await),
        "createBuildSpec" => value(api.create_build_spec(&read(body)).await),
        "curateLinks" => value(api.curate_links(&read(body)).await),
        "deleteAgentRun" => nothing(api.delete_agent_run(&id(0)).await),
        "deleteBuildSpec" => nothing(api.delete_build_spec(&id(0)).await),
        "deleteToken" => nothing(api.delete_token(&path[0]).await),
        "editBuildSpec" => value(api.edit_build_spec(&id(0), &read(body)).await),
        "finishFileUpload" => value(api.finish_file_upload(&id(0), &id(1), &read(body)).await),
        "finishMultipartUpload" => {
            value(api.finish_multipart_upload(&path[0], &path[1], &path[2], &read(body)).await)
        }
        "getA2aAgentCard" => value(api.get_a2a_agent_card(&path[0]).await),
        "getAgentRunStatus" => value(api.get_agent_run_status(&id(0)).await),
        "getBuildSpec" => value(api.get_build_spec(&id(0)).await),
        "getCleaningTaskCode" => value(api.get_cleaning_task_code(&id(0)).await),
        "getConnectedLinks" => value(api.get_connected_links(&path[0], &path[1], &path[2]).await),
        "getConversation" => value(api.get_conversation(&id(0)).await),
        "getCurrentUser" => value(api.get_current_user().await),
        "getDatasetInformation" => value(api.get_dataset_information(&path[0], &path[1], &path[2]).await),
        "getDatasets" => value(api.get_datasets().await),
        "getDatasetsInNamespace" => value(api.get_datasets_in_namespace(&path[0]).await),
        "getLinks" => value(api.get_links(&path[0], &path[1], &path[2]).await),
        "getPipelineTrace" => value(proxy.get_pipeline_trace(&path[0]).await),
        "getUserUsageByDay" => value(
            api.get_user_usage_by_day(
                word("before").as_deref(),
                word("onOrAfter").as_deref(),
                word("timeZoneForAggregation").as_deref(),
            )
            .await,
        ),
        "getUserUsageHistory" => value(
            api.get_user_usage_history(
                word("before").as_deref(),
                word("onOrAfter").as_deref(),
                word("pageCursor").as_deref(),
                number("pageSize"),
            )
            .await,
        ),
        "inferDescription" => value(api.infer_description(&read(body)).await),
        "inferSchema" => value(api.infer_schema(&read(body)).await),
        "ingestData" => value(api.ingest_data(&path[0], &path[1], &read(body)).await),
        "listA2aAgents" => value(api.list_a2a_agents().await),
        "listAllDatasets" => value(api.list_all_datasets().await),
        "listBuildSpecs" => value(api.list_build_specs().await),
        "listConversations" => {
            value(api.list_conversations(&word("namespace").unwrap(), &word("username").unwrap()).await)
        }
        "listDatasetShares" => value(api.list_dataset_shares(&path[0], &path[1], &path[2]).await),
        "listDatasetsWithinNamespace" => value(api.list_datasets_within_namespace(&path[0], &path[1]).await),
        "listIngestions" => value(
            api.list_ingestions(
                &path[0],
                &path[1],
                &path[2],
                word("beforeCreatedAt").as_deref(),
                number("pageSize"),
            )
            .await,
        ),
        "listNamespaceShares" => value(api.list_namespace_shares(&path[0], &path[1]).await),
        "listSessionFiles" => value(api.list_session_files(&id(0)).await),
        "listTokenPermissions" => value(api.list_token_permissions(&path[0]).await),
        "listTokens" => value(api.list_tokens().await),
        "listUserNamespaces" => value(api.list_user_namespaces(&path[0]).await),
        "markIngestionSeen" => nothing(api.mark_ingestion_seen(&path[0]).await),
        "prepareFileUpload" => value(api.prepare_file_upload(&read(body)).await),
        "prepareMultipartUpload" => {
            value(api.prepare_multipart_upload(&path[0], &path[1], &path[2], &read(body)).await)
        }
        "previewInfer" => value(api.preview_infer(&read(body)).await),
        "previewLinks" => value(api.preview_links(&path[0], &path[1], &path[2], &read(body)).await),
        "queryData" => value(api.query_data(&read(body)).await),
        "rebuildLinks" => value(api.rebuild_links(&path[0], &path[1], &path[2], &read(body)).await),
        "renameDataset" => nothing(api.rename_dataset(&path[0], &path[1], &path[2], text()).await),
        "renameNamespace" => nothing(api.rename_namespace(&path[0], &path[1], text()).await),
        "requestCleaning" => value(api.request_cleaning(&path[0], &path[1], &path[2], &read(body)).await),
        "resumeAgentRun" => bytes(api.resume_agent_run(&id(0)).await).await,
        "resumePipelineHook" => value(proxy.resume_pipeline_hook(&path[0], &read(body)).await),
        "retryIngestion" => value(api.retry_ingestion(&path[0]).await),
        "revokeDatasetAccess" => {
            nothing(api.revoke_dataset_access(&path[0], &path[1], &path[2], &read(body)).await)
        }
        "revokeNamespaceAccess" => {
            nothing(api.revoke_namespace_access(&path[0], &path[1], &read(body)).await)
        }
        "runPipeline" => bytes(proxy.run_pipeline(&read(body)).await).await,
        "saveConnections" => nothing(api.save_connections(&path[0], &path[1], &path[2], &read(body)).await),
        "shareDatasetAccess" => {
            nothing(api.share_dataset_access(&path[0], &path[1], &path[2], &read(body)).await)
        }
        "shareNamespaceAccess" => nothing(api.share_namespace_access(&path[0], &path[1], &read(body)).await),
        "streamPipeline" => bytes(proxy.stream_pipeline(&path[0], number("startIndex")).await).await,
        "submitAgentRunFeedback" => nothing(api.submit_agent_run_feedback(&id(0), &read(body)).await),
        "updateInferDefinition" => {
            nothing(api.update_infer_definition(&path[0], &path[1], &path[2], &read(body)).await)
        }
        "updateSortOrder" => nothing(api.update_sort_order(&path[0], &path[1], &path[2], &read(body)).await),
        unknown => panic!(
            "`{unknown}` is not called: open tests/tests/low_level/call.rs and add an arm that calls its generated function"
        ),
    }
}
