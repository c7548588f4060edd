//! Behavior of the generated types and clients that the document alone does not define.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use datalinks_gen::{
    Ctx, InferenceStep, PathSegment, Secret, UNREADABLE_BODY,
    api::{self, types},
    enums::{AgentRunStatus, NormaliseMode},
    progenitor_client::Error,
    proxy,
};
use httpmock::MockServer;
use serde_json::json;

const CANARY: &str = "canary-4711";

fn client(server: &MockServer) -> Result<api::Client, Box<dyn std::error::Error>> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    Ok(api::Client::new_with_client(&server.url("/api/v1"), http, Ctx::bearer(CANARY)?))
}

#[test]
fn formatting_a_type_prints_no_secret() {
    let http = reqwest::Client::new();
    let context = Ctx::bearer(CANARY).unwrap();
    let api = api::Client::new_with_client("http://localhost", http.clone(), context.clone());
    let proxy = proxy::Client::new_with_client("http://localhost", http, context.clone());
    let token: types::UserToken = serde_json::from_value(json!({
        "created_at": "", "expires_at": "", "id": "t", "name": "n", "token": CANARY,
    }))
    .unwrap();
    let upload: types::PrepareMultipartResponse = serde_json::from_value(json!({
        "uploadId": "u", "key": "k", "partSize": 1, "presignedUrls": [{ "url": CANARY, "size": 1 }],
    }))
    .unwrap();
    let session: types::FileUploadPrepareSessionResponsePresignedInfo =
        serde_json::from_value(json!({ "url": CANARY, "partSize": 1 })).unwrap();
    let run: proxy::types::PipelineRunRequest = serde_json::from_value(json!({
        "datalinksUsername": "u", "namespace": "n", "model": true, "ingest": true, "ontology": true,
        "maxEvalRetries": 3, "maxRowsForModeling": 20, "maxSampleRows": 10, "enableHumanInTheLoop": false,
        "dataUrl": CANARY, "dataBlobUrl": CANARY,
    }))
    .unwrap();
    for printed in [
        format!("{api:?}"),
        format!("{proxy:?}"),
        format!("{context:?}"),
        format!("{token:?}"),
        format!("{upload:?}"),
        format!("{session:?}"),
        format!("{run:#?}"),
        format!("{:?}", Ctx::bearer("canary-4711\n").unwrap_err()),
    ] {
        assert!(!printed.contains("canary"), "{printed}");
    }
    // The values can be read with `expose`.
    assert_eq!(token.token.as_ref().map(Secret::expose), Some(CANARY));
    assert_eq!(upload.presigned_urls[0].url.expose(), CANARY);
    assert_eq!(run.data_url.as_ref().map(Secret::expose), Some(CANARY));
}

#[test]
fn unknown_enum_values_and_unknown_fields_are_kept() {
    let text = json!({
        "runId": "c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3", "agentKind": "rag", "question": "?",
        "status": "paused", "canResume": false, "newField": [1],
    });
    let run: types::AgentRunStatusResponse = serde_json::from_value(text.clone()).unwrap();
    assert_eq!(run.status, AgentRunStatus::Other("paused".to_owned()));
    assert_eq!(run.extra["newField"], json!([1]));
    assert_eq!(serde_json::to_value(run).unwrap(), text);
}

#[test]
fn step_is_decoded_by_its_type() {
    let step: InferenceStep = serde_json::from_value(
        json!({ "type": "normalize", "mode": "embeddings", "helperPrompt": "metres" }),
    )
    .unwrap();
    let InferenceStep::Normalize(normalise) = &step else { panic!("{step:?}") };
    assert_eq!(normalise.mode, NormaliseMode::Embeddings);
    let missing = serde_json::from_value::<InferenceStep>(json!({ "type": "table" })).unwrap_err();
    assert!(missing.to_string().contains("deriveFrom"), "the message names the missing field: {missing}");
}

#[tokio::test]
async fn list_response_without_content_is_empty() {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.method("GET").path("/api/v1/links/self/ns/ds");
            then.status(204);
        })
        .await;
    let (own, namespace, dataset) =
        (PathSegment::own(), PathSegment::new("ns").unwrap(), PathSegment::new("ds").unwrap());
    let links = client(&server).unwrap().get_links(&own, &namespace, &dataset).await.unwrap();
    assert_eq!((links.status().as_u16(), links.len()), (204, 0));
    mock.assert_async().await;
}

#[tokio::test]
async fn html_error_page_keeps_its_status_and_headers() {
    let server = MockServer::start_async().await;
    for status in [403, 404, 413, 429] {
        let mock = server
            .mock_async(|when, then| {
                when.path("/api/v1/user/me");
                then.status(status).header("retry-after", "7").body("<html>too bad</html>");
            })
            .await;
        match client(&server).unwrap().get_current_user().await.unwrap_err() {
            Error::ErrorResponse(answer) => {
                assert_eq!(answer.status().as_u16(), status);
                assert_eq!(answer.headers()["retry-after"], "7");
                assert_eq!(answer.error_code, UNREADABLE_BODY);
                assert_eq!(answer.message, "<html>too bad</html>");
            }
            other => panic!("{status}: {other:?}"),
        }
        mock.delete_async().await;
    }
    server
        .mock_async(|when, then| {
            when.path("/api/v1/user/me");
            then.status(502).body("<html>bad gateway</html>");
        })
        .await;
    match client(&server).unwrap().get_current_user().await.unwrap_err() {
        Error::UnexpectedResponse(answer) => assert_eq!(answer.status().as_u16(), 502),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn names_arrive_unchanged_or_are_rejected() {
    let server = MockServer::start_async().await;
    for (name, path) in [
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("100%", "100%25"),
        ("a%2Fb", "a%252Fb"),
        ("a?b", "a%3Fb"),
        ("a#b", "a%23b"),
        ("...", "..."),
        ("Größe", "Gr%C3%B6%C3%9Fe"),
        ("数据", "%E6%95%B0%E6%8D%AE"),
    ] {
        let target = format!("/api/v1/data/{path}");
        let mock = server
            .mock_async(move |when, then| {
                when.is_true(move |request| {
                    request.uri().path() == target && request.uri().query().is_none()
                });
                then.status(200).body("[]");
            })
            .await;
        client(&server).unwrap().get_datasets_in_namespace(&PathSegment::new(name).unwrap()).await.unwrap();
        mock.assert_async().await;
        mock.delete_async().await;
    }
    for name in ["", ".", "..", "a\\b", "a\0", "a\nb", "\u{7f}", "\u{85}"] {
        let refusal = PathSegment::new(name).unwrap_err();
        assert!(!refusal.to_string().is_empty(), "{refusal:?}");
        assert!(serde_json::from_value::<PathSegment>(json!(name)).is_err(), "{name:?}");
    }
}
