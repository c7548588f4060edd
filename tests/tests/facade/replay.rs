//! Every recorded call, made through the façade, sends the same requests except for the deliberate differences.

use std::{collections::BTreeSet, fmt::Debug};

use datalinks::{
    DataLinks, Dataset, Error, InferenceStep, SchemaDefinition,
    datasets::{
        BuildSpecDraft, ColumnRef, DatasetCoordinate, ExactMatch, GeoMatch, Link, MatchType, MatchTypes, Role,
    },
    ingest::{NormaliseMode, ValidateMode},
    pipeline::PipelineSource,
    pipeline::{InferenceSettings, LlmSettings},
    raw::Row,
    uploads::UploadedPart,
};
use datalinks_tests::{
    difference::{apply, assert_all_shown},
    recordings::{self, Recording, Request, pairs},
    server::{Reply, Server},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{calls::Clients, clients, differences};

const KEY: &str = "test-key";

#[tokio::test]
async fn recorded_calls_are_sent_by_the_facade() {
    let server = Server::start().await;
    let clients = clients(&server, KEY);
    let mut applied = BTreeSet::new();
    for recording in recordings::all() {
        server.expect(recording.exchanges.iter().map(|exchange| Reply::recorded(&exchange.response)));
        let described =
            replay(&recording, &clients).await.unwrap_or_else(|error| panic!("{}: {error}", recording.id));
        assert!(!described.contains(KEY), "{described}");
        let sent = server.seen();
        assert_eq!(sent.len(), recording.exchanges.len(), "{}", recording.id);
        for (sent, exchange) in sent.iter().zip(recording.exchanges) {
            let mut expected = exchange.clone();
            applied.extend(apply(differences::DIFFERENCES, &mut expected));
            assert_equal(&recording.id, sent, &expected.request);
        }
    }
    assert_all_shown(differences::DIFFERENCES, applied);
}

fn assert_equal(id: &str, sent: &Request, expected: &Request) {
    let split = |target: &str| {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        (path.to_owned(), pairs(query))
    };
    assert_eq!(sent.method, expected.method, "{id}");
    assert_eq!(split(&sent.target), split(&expected.target), "{id}");
    for name in ["authorization", "accept", "content-type"] {
        assert_eq!(sent.headers.get(name), expected.headers.get(name), "{id}: header {name}");
    }
    assert_eq!(sent.json, expected.json, "{id}");
    assert_eq!(sent.text, expected.text, "{id}");
}

fn rows(recording: &Recording) -> Vec<Value> {
    recording.args["data"].as_array().unwrap().clone()
}

fn steps() -> [InferenceStep; 5] {
    [
        InferenceStep::table("text").additional_instructions("one row each").model(("m1", "openai")),
        InferenceStep::rows("json"),
        InferenceStep::reverse_geo().derive_from("place"),
        InferenceStep::normalise(NormaliseMode::AllInOne)
            .target_column("genus", "tree genus")
            .target_column("height", "")
            .helper_prompt("metres")
            .model(("m1", "ollama")),
        InferenceStep::validate(ValidateMode::Regex, ["genus", "height"]).model(("m1", "openai")),
    ]
}

fn matches() -> MatchTypes {
    let exact = ExactMatch::new().target_columns(["genus"]).min_variation(0.1).min_distinct(0.25);
    MatchTypes::exact(exact).and_geo(GeoMatch::new().target_columns(["place"]).distance(2.5).unit("km"))
}

fn schema() -> SchemaDefinition {
    SchemaDefinition::new().field("genus", "tree genus").field("height", "metres")
}

fn parts() -> [UploadedPart; 2] {
    [UploadedPart::new(1, "e1"), UploadedPart::new(2, "\"e2\"")]
}

const BUILD_SPEC: &str = "5d1f0a52-3c1b-4c3e-9f0d-6b8f5b1c7a01";

fn draft() -> BuildSpecDraft {
    let at = |dataset| DatasetCoordinate::new("ana", "plants", dataset);
    BuildSpecDraft::new(at("parks"), "cHJpbnQoMSk=").source(at("trees"))
}

fn links(value: &Value) -> Vec<Link> {
    serde_json::from_value(value.clone()).unwrap()
}

fn object(value: &Value) -> Row {
    value.as_object().unwrap().clone()
}

fn described<T: Debug>(result: Result<T, Error>) -> Result<String, Error> {
    result.map(|value| format!("{value:?}"))
}

/// Asks a question with all options.
fn full_question(dl: &DataLinks, web_search: bool) -> Result<datalinks::ask::Ask, Error> {
    let namespace = dl.namespace("plants")?.with_owner("bo")?;
    Ok(namespace
        .ask("which trees are tall?")
        .helper_prompt("brief")
        .model(("m1", "openai"))
        .plan_model(("m2", "openai"))
        .answer_model("m3")
        .conversation("4a1d6a7e-5a0f-4c39-a6c4-9be2f02c55d4")
        .web_search(web_search))
}

/// Makes the call of a recording with the façade.
pub(crate) async fn replay(recording: &Recording, on: &Clients) -> Result<String, Error> {
    let (dl, proxy) = (&on.dl, &on.proxy);
    let args = &recording.args;
    let text = |name: &str| args[name].as_str().unwrap();
    let uuid = |name: &str| text(name).parse::<Uuid>().unwrap();
    let namespace = dl.namespace("plants")?;
    let trees: Dataset = namespace.dataset("trees")?;
    let from = |column: &str| trees.column(column);
    let to = |column: &str| ColumnRef::new("plants", "parks", column);
    match recording.id.strip_prefix("plain/").unwrap_or(&recording.id) {
        "ingest/minimal" => described(trees.ingest(rows(recording)).await?.into_result()),
        "ingest/full" => described(
            trees
                .ingest(rows(recording))
                .steps(steps())
                .link(matches())
                .batch_size(10)
                .curate(true)
                .data_description("trees")
                .schema(schema())
                .additional_instructions("metric")
                .await?
                .into_result(),
        ),
        "ingest/seven-batch-3" => described(trees.ingest(rows(recording)).batch_size(3).await?.into_result()),
        "create_space/minimal" => described(trees.create().await),
        "update_infer_definition/full" => {
            described(trees.update_definition().description("trees").schema(schema()).await)
        }
        "infer_dataset_description/minimal" => {
            described(dl.infer(args["sample"].as_array().unwrap()).description().await)
        }
        "infer_schema/minimal" => described(dl.infer(args["sample"].as_array().unwrap()).schema().await),
        "update_sort_order/minimal" => described(trees.order_columns(["height", "genus"]).await),
        "prepare_multipart_upload/minimal" => described(trees.prepare_upload("a.csv", 10).await),
        "finish_multipart_upload/minimal" => described(trees.finish_upload("up1", "k1", parts()).await),
        "finish_multipart_upload/full" => described(
            trees
                .finish_upload("up1", "k1", parts())
                .name("a.csv")
                .steps(steps())
                .link(matches())
                .infer_batch_size(100)
                .data_description("trees")
                .schema(schema())
                .await,
        ),
        "abort_multipart_upload/minimal" => described(trees.abort_upload("up1", "k1").await),
        "list_ingestions/full" => described(trees.ingestions().page_size(100).await),
        "wait_for_ingestion/minimal" => described(trees.wait_for(uuid("ingestion_id")).await),
        "get_dataset_info/minimal" => described(trees.info().await),
        "delete_dataset/minimal" => described(trees.delete().await),
        "rename_dataset/minimal" => described(trees.rename(text("new_name")).await),
        "clear_dataset/minimal" => described(trees.clear().await),
        "add_link/minimal" => described(dl.add_link(from("genus"), to("genus")).await),
        "add_link/full" => {
            let options = serde_json::from_value(args["options"].clone()).unwrap();
            described(
                dl.add_link(from("place"), to("place"))
                    .match_type(MatchType::GeoMatch)
                    .match_options(options)
                    .await,
            )
        }
        "preview_links/full" => described(trees.preview_links(rows(recording)).link(matches()).await),
        "rebuild_links/minimal" => described(trees.rebuild_links(rows(recording)).await),
        "load_links/minimal" => described(trees.links().await),
        #[expect(deprecated, reason = "the recorded client calls it")]
        "list_datasets/minimal" => described(dl.datasets().await),
        #[expect(deprecated, reason = "the recorded client calls it")]
        "list_datasets/full" => described(namespace.datasets().await),
        "query_data/minimal" => described(trees.query().fetch::<Value>().await),
        "query_data/full" => {
            let trees = namespace.with_owner("bo")?.dataset("trees")?;
            let query = trees.query().natural_language("how tall are oaks").model(("m1", "openai")).explain();
            described(query.metadata_columns().answer::<Value>().await)
        }
        "ask/minimal" => described(namespace.ask("which trees are tall?").await),
        "ask/full" => described(full_question(dl, false)?.await),
        "autorag/full" => described(full_question(dl, true)?.autorag().await),
        "preview_ingest/full" => {
            described(trees.ingest(rows(recording)).steps(steps()).preview::<Value>().await)
        }
        "retry_ingestion/minimal" => described(dl.retry_ingestion(uuid("ingestion_id")).await),
        "mark_ingestion_seen/minimal" => described(dl.mark_ingestion_seen(uuid("ingestion_id")).await),
        "request_cleaning/minimal" => described(trees.clean(["trim"], &namespace.dataset("trees2")?).await),
        "get_cleaning_code/minimal" => described(dl.cleaning_code(text("cleaning_task_id")).await),
        "get_ontology/minimal" => described(trees.ontology().await),
        "save_ontology/full" => described(
            trees.change_ontology().activate(links(&args["add"])).deactivate(links(&args["remove"])).await,
        ),
        "curate_links/minimal" => described(namespace.curate_links().activate(false).await),
        "rename_namespace/minimal" => described(namespace.rename(text("new_name")).await),
        "op/BALEFIRE_NAMESPACE" => described(namespace.delete().await),
        "list_namespaces/full" => described(dl.namespaces_of("bo").await),
        "list_all_datasets_schema/minimal" => described(dl.schema_datasets().await),
        "list_datasets_in_namespace_schema/minimal" => described(namespace.schema_datasets().await),
        "list_tokens/minimal" => described(dl.tokens().await),
        "add_token/full" => {
            let theirs = namespace.with_owner("ana")?;
            let token = dl.create_token("ci").expires_at(text("expires_at").parse().unwrap());
            described(token.restrict_to_namespace(&theirs).restrict_to(&theirs.dataset("trees")?).await)
        }
        "delete_token/minimal" => described(dl.delete_token(text("token_id")).await),
        "list_token_permissions/minimal" => described(dl.token_permissions(text("token_id")).await),
        "get_usage_history/minimal" => described(dl.usage().await),
        "get_usage_history/full" => {
            let usage = dl.usage().from(text("on_or_after").parse().unwrap());
            let usage = usage.until(text("before").parse().unwrap()).page_size(2);
            described(usage.cursor(args["page_cursor"].to_string().parse()?).await)
        }
        "get_usage_by_day/minimal" => described(dl.usage_by_day().await),
        "get_current_user/minimal" => described(dl.current_user().await),
        "get_agent_run_status/minimal" => described(dl.run(text("run_id"))?.status().await),
        "delete_agent_run/minimal" => described(dl.run(text("run_id"))?.delete().await),
        "submit_agent_run_feedback/full" => {
            described(dl.run(text("run_id"))?.rate(true).comment("clear").await)
        }
        "resume_agent_run/minimal" => described(dl.run(text("run_id"))?.resume().await?.answer().await),
        "share_dataset_access/minimal" => described(trees.share("bo", Role::Viewer).await),
        "revoke_dataset_access/minimal" => described(trees.revoke("bo", Role::Viewer).await),
        "list_dataset_shares/minimal" => described(trees.shares().await),
        "share_namespace_access/minimal" => described(namespace.share("bo", Role::Editor).await),
        "revoke_namespace_access/minimal" => described(namespace.revoke("bo", Role::Editor).await),
        "list_namespace_shares/minimal" => described(namespace.shares().await),
        "list_conversations/minimal" => described(namespace.conversations().await),
        "get_conversation/minimal" => described(dl.conversation(text("conversation_id")).await),
        "run_pipeline/minimal" => {
            described(proxy.run_pipeline("plants", PipelineSource::rows(rows(recording))?).await)
        }
        "run_pipeline/full" => {
            let llm = LlmSettings::new()
                .model(("m1", "openai"))
                .explosion_temperature(0.1)
                .coalescence_temperature(0.0)
                .evaluation_temperature(1.0)
                .ontology_temperature(0.5);
            let inference =
                InferenceSettings::new().model(("m1", "openai")).ontology_curation_model(("m2", "openai"));
            let run = proxy
                .run_pipeline("other", PipelineSource::rows(rows(recording))?)
                .user_prompt("model it")
                .phases(false, false, false)
                .max_eval_retries(1)
                .max_rows_for_modeling(5)
                .max_sample_rows(2)
                .human_in_the_loop()
                .predefined_schema(object(&args["predefined_schema"]))
                .explosion_helper_prompt("x")
                .coalescence_helper_prompt("y")
                .llm(llm)
                .inference(inference);
            described(run.stream().await?.finish().await)
        }
        "stream_pipeline/full" => described(proxy.follow(text("run_id"), 2)?.finish().await),
        "get_pipeline_trace/minimal" => described(proxy.follow(text("run_id"), 0)?.trace().await),
        "resume_pipeline_hook/minimal" => {
            described(proxy.follow(text("run_id"), 0)?.resume_hook(object(&args["payload"])).await)
        }
        "op/A2A_JSON_RPC" => described(dl.agent("auto_rag")?.call(object(&args["body"])).await),
        "op/GET_A2A_AGENT_CARD" => described(dl.agent("auto_rag")?.card().await),
        "op/LIST_A2A_AGENTS" => described(dl.agents().await),
        "op/PREPARE_FILE_UPLOAD" => described(dl.prepare_session([("a.csv", 10)]).await),
        "op/FINISH_FILE_UPLOAD" => {
            let ids = &args["path_params"];
            let file = ids["file_id"].as_str().unwrap().parse().unwrap();
            described(
                dl.session(ids["session_id"].as_str().unwrap())?
                    .finish_file(file, "up1", "k1", parts())
                    .await,
            )
        }
        "op/ABORT_FILE_UPLOAD" => {
            described(dl.session(args["path_params"]["session_id"].as_str().unwrap())?.abort().await)
        }
        "op/LIST_SESSION_FILES" => {
            described(dl.session(args["path_params"]["session_id"].as_str().unwrap())?.files().await)
        }
        "composed/listBuildSpecs" => described(dl.build_specs().await),
        "composed/createBuildSpec" => described(dl.create_build_spec(draft()).await),
        "composed/getBuildSpec" => described(dl.build_spec(BUILD_SPEC).await),
        "composed/editBuildSpec" => described(dl.edit_build_spec(BUILD_SPEC, draft()).await),
        "composed/deleteBuildSpec" => described(dl.delete_build_spec(BUILD_SPEC).await),
        unknown => panic!(
            "the recording `{unknown}` is not replayed: open tests/tests/facade/replay.rs and add an arm that makes this call \
             with the façade"
        ),
    }
}
