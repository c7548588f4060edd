//! Bodies of requests: everything the caller set is sent, and nothing else.

use datalinks::{
    ErrorKind, ExactMatch, GeoMatch, InferenceStep, Link, MatchTypes, SchemaDefinition, Source, UploadedPart,
};
use datalinks_tests::server::{Reply, Server};
use serde_json::{Value, json};

use crate::clients;

const NO_STEPS: [InferenceStep; 0] = [];
const NO_NAMES: [&str; 0] = [];

fn rows() -> [Value; 1] {
    [json!({ "a": 1 })]
}

/// Ingesting sent `targetColumns: []`, and every other call with the same options left it out.
///
/// Regression 35.
#[tokio::test]
async fn empty_collections_that_were_set_are_sent() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let trees = dl.dataset("plants", "trees").unwrap();
    let link = MatchTypes::exact(ExactMatch::new().target_columns(NO_NAMES))
        .and_geo(GeoMatch::new().target_columns(NO_NAMES));
    let parts = || [UploadedPart::new(1, "e1")];
    let id = json!({ "id": uuid::Uuid::from_u128(7) });
    let answers =
        [json!({ "indexed": 1 }), json!([]), json!([]), json!([]), id.clone(), json!({ "schema": {} })];
    server.expect(
        answers.map(|body| Reply::json(200, body)).into_iter().chain([Reply::empty(200), Reply::empty(200)]),
    );
    drop(trees.ingest(rows()).steps(NO_STEPS).link(link.clone()).await.unwrap());
    drop(trees.ingest(rows()).steps(NO_STEPS).link(link.clone()).preview::<Value>().await.unwrap());
    trees.preview_links(rows()).link(link.clone()).await.unwrap();
    trees.rebuild_links(rows()).link(link.clone()).await.unwrap();
    trees.finish_upload("u", "k", parts()).steps(NO_STEPS).link(link).await.unwrap();
    dl.infer(rows()).current_schema(SchemaDefinition::new()).schema().await.unwrap();
    trees.change_ontology().activate(Vec::<Link>::new()).await.unwrap();
    trees.change_ontology().deactivate(Vec::<Link>::new()).await.unwrap();
    let bodies: Vec<Value> = server.seen().into_iter().map(|request| request.json.unwrap()).collect();
    let empty = json!([]);
    for (index, body) in bodies[..5].iter().enumerate() {
        assert_eq!(body["link"]["ExactMatch"]["targetColumns"], empty, "call {index}: {body}");
        assert_eq!(body["link"]["GeoMatch"]["targetColumns"], empty, "call {index}: {body}");
    }
    for index in [0, 1, 4] {
        assert_eq!(bodies[index]["infer"], json!({ "steps": [] }), "call {index}: {}", bodies[index]);
    }
    assert_eq!(bodies[5]["currentValue"], json!({ "schema": {} }));
    assert_eq!((&bodies[6], &bodies[7]), (&json!({ "add": [] }), &json!({ "remove": [] })));
}

/// What was not set is left out, in the same calls.
#[tokio::test]
async fn collections_that_were_not_set_are_left_out() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let trees = dl.dataset("plants", "trees").unwrap();
    let link = MatchTypes::exact(ExactMatch::new()).and_geo(GeoMatch::new());
    server.expect([
        Reply::json(200, "[]"),
        Reply::json(200, json!({ "id": uuid::Uuid::from_u128(7) })),
        Reply::json(200, json!({ "schema": {} })),
        Reply::empty(200),
        Reply::json(201, r#"{"token":"s","id":"t","name":"ci","created_at":"","expires_at":""}"#),
    ]);
    trees.preview_links(rows()).link(link).await.unwrap();
    trees.finish_upload("u", "k", [UploadedPart::new(1, "e1")]).await.unwrap();
    dl.infer(rows()).current_description("trees").schema().await.unwrap();
    trees.change_ontology().await.unwrap();
    dl.create_token("ci").await.unwrap();
    let bodies: Vec<Value> = server.seen().into_iter().map(|request| request.json.unwrap()).collect();
    assert_eq!(bodies[0]["link"], json!({ "ExactMatch": {}, "GeoMatch": {} }));
    assert!(bodies[1].get("infer").is_none(), "{}", bodies[1]);
    assert_eq!(bodies[2]["currentValue"], json!({ "description": "trees" }));
    assert_eq!((&bodies[3], &bodies[4]), (&json!({}), &json!({ "name": "ci" })));
}

/// Empty texts of a pipeline are sent, too.
#[tokio::test]
async fn empty_texts_of_a_pipeline_are_sent() {
    let server = Server::start().await;
    let proxy = clients(&server, "k").proxy;
    let source = Source::rows(Vec::<Value>::new()).unwrap();
    server.expect([Reply::empty(200).with_header("x-workflow-run-id", "r1")]);
    let run = proxy
        .run_pipeline("plants", source)
        .user_prompt("")
        .explosion_helper_prompt("")
        .coalescence_helper_prompt("")
        .predefined_schema(json!([]));
    run.stream().await.unwrap();
    let body = server.seen().remove(0).json.unwrap();
    for (field, value) in [
        ("userPrompt", json!("")),
        ("explosionHelperPrompt", json!("")),
        ("coalescenceHelperPrompt", json!("")),
        ("predefinedSchema", json!([])),
        ("data", json!([])),
    ] {
        assert_eq!(body[field], value, "{field}: {body}");
    }
}

/// An empty namespace was sent by `run_pipeline`, where every other call rejects it.
///
/// Regression 34.
#[tokio::test]
async fn a_pipeline_needs_a_namespace() {
    let server = Server::start().await;
    let proxy = clients(&server, "k").proxy;
    for namespace in ["", ".", "..", "a\\b", "a\u{0}b"] {
        let error = proxy
            .run_pipeline(namespace, Source::url("https://example.com/a.csv"))
            .stream()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{namespace:?}: {error}");
        assert!(error.to_string().contains("namespace"), "{namespace:?}: {error}");
    }
    assert!(server.seen().is_empty());
}
