//! Tests of the observer and of the survey.

use std::collections::BTreeSet;

use datalinks_emulator::Emulator;
use http::Method;
use serde_json::{Value, json};

use super::*;
use crate::{
    client::DataLinks,
    error::ErrorKind,
    testing::{Reply, Script},
    transport::{RetryPolicy, only_reads},
};

fn observed(script: &Script) -> (DataLinks, DriftObserver) {
    let observer = DriftObserver::new();
    let builder = DataLinks::builder(Script::HOST, "canary-4711-0815").script(script);
    let builder = builder.retry(RetryPolicy::default().max_attempts(1));
    (builder.observe_drift(&observer).build().unwrap(), observer)
}

#[tokio::test]
async fn fields_values_and_statuses_are_found_with_their_place_and_count() {
    let dataset = |name: &str, visibility: &str| json!({ "name": name, "namespace": "n", "owner": "ana", "visibility": visibility, "added": 1 });
    let listing = json!([dataset("a", "Secret"), dataset("b", "Secret")]);
    let script = Script::new()
        .reply(Reply::json(listing))
        .reply(Reply::json(json!({ "username": "ana", "id": "1" })).with_status(203))
        .reply(Reply::error(418, "teapot", "no"))
        .reply(Reply::status(503));
    let (dl, observer) = observed(&script);
    dl.request(Method::GET, "/schema/datasets/all").await.unwrap();
    dl.request(Method::GET, "/user/me").await.unwrap();
    dl.request(Method::GET, "/user/me").await.unwrap_err();
    dl.request(Method::GET, "/user/me").await.unwrap_err();
    let report = observer.report();
    let found: Vec<_> = report
        .drifts
        .iter()
        .map(|drift| {
            (
                drift.operation.as_str(),
                drift.status,
                drift.kind,
                drift.pointer.as_str(),
                drift.seen.as_str(),
                drift.count,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("getCurrentUser", 203, DriftKind::Status, "", "203", 1),
            ("getCurrentUser", 418, DriftKind::Status, "", "418", 1),
            ("listAllDatasets", 200, DriftKind::Field, "/*/added", "integer", 2),
            ("listAllDatasets", 200, DriftKind::Value, "/*/visibility", "Secret", 2),
        ]
    );
    assert_eq!((report.responses, report.uncompared, report.omitted), (4, 0, 0));
    assert_eq!(report.drifts[0].declared, ["200", "401"]);
    script.finish();
}

#[tokio::test]
async fn secrets_and_rows_are_not_in_the_report() {
    let user = json!({ "username": "ana", "id": "1", "canary-4711-0815": "canary-4711-0815" });
    let rows = json!({ "data": [{ "canary": "canary" }], "metadata": { "count": 1 } });
    let script = Script::new().reply(Reply::json(user)).reply(Reply::json(rows));
    let (dl, observer) = observed(&script);
    dl.request(Method::GET, "/user/me").await.unwrap();
    dl.request(Method::POST, "/query").body("{}").await.unwrap();
    let report = observer.report();
    let text = format!("{report:?} {} {}", report.to_markdown(), serde_json::to_string(&report).unwrap());
    assert!(text.contains("/[key]") && !text.contains("canary"), "{text}");
    script.finish();
}

#[tokio::test]
async fn bodies_of_other_types_are_not_compared() {
    let long = json!({ "username": "x".repeat(1024 * 1024), "id": "1", "added": 1 });
    let script = Script::new()
        .reply(Reply::body("text/html", "<html>"))
        .reply(Reply::json(long))
        .reply(Reply::json("x"));
    let (dl, observer) = observed(&script);
    for path in ["/user/me", "/user/me", "/nothing/of/the/document"] {
        dl.request(Method::GET, path).await.unwrap();
    }
    let report = observer.report();
    assert_eq!((report.responses, report.uncompared), (2, 2));
    assert_eq!(report.drifts.len(), 1);
    assert_eq!((report.drifts[0].kind, report.drifts[0].seen.as_str()), (DriftKind::MediaType, "text/html"));
    script.finish();
}

#[tokio::test]
async fn number_of_findings_is_bounded() {
    let many = |body: usize| -> Value {
        (0..1500).map(|n| (format!("f{body}_{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into()
    };
    let script = (0..6).fold(Script::new(), |script, body| script.reply(Reply::json(many(body))));
    let (dl, observer) = observed(&script);
    dl.request(Method::GET, "/user/me").await.unwrap();
    let report = observer.report();
    assert_eq!((report.drifts.len(), report.omitted), (200, 1302), "with two fields that are absent");
    for _ in 1..6 {
        dl.request(Method::GET, "/user/me").await.unwrap();
    }
    let report = observer.report();
    // Of each body, 198 differences are new.
    assert_eq!((report.drifts.len(), report.omitted), (1000, 6 * 1302 + 2 + 6 * 198 - 1000));
    script.finish();
}

/// The emulator follows the document, so a difference is a defect of one of them or of the comparison.
#[tokio::test]
async fn survey_of_the_emulator_only_reads_and_finds_nothing() {
    let emulator = Emulator::start().await.unwrap();
    let observer = DriftObserver::new();
    let builder = DataLinks::builder(emulator.api_url(), emulator.api_key()).no_proxy();
    let dl = builder.observe_drift(&observer).build().unwrap();
    for (method, path, body) in [
        (Method::POST, "/ingest/new/n/a", "{}"),
        (Method::POST, "/ingest/new/n/b", "{}"),
        (Method::POST, "/ingest/n/a", r#"{"data":[{"x":"1"}]}"#),
        (Method::POST, "/ingest/n/b", r#"{"data":[{"x":"1"}]}"#),
        (Method::POST, "/query/ask", r#"{"query":"how many?","namespace":"n","username":"self"}"#),
    ] {
        // The setup need not succeed in every detail: the survey shows what there is.
        if let Ok(response) = dl.request(method, path).body(body).await {
            response.bytes().await.unwrap();
        }
    }
    let before = emulator.requests().len();
    let calls = survey(&dl).await;
    let failed: Vec<_> = calls.iter().filter(|call| call.error.is_some()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert!(calls.len() <= SURVEY_LIMIT);
    let report = observer.report();
    assert!(report.is_empty() && report.responses as usize >= calls.len(), "{}", report.to_markdown());
    let sent: Vec<&str> =
        emulator.requests()[before..].iter().filter_map(|request| request.operation).collect();
    let named: Vec<&str> = calls.iter().map(|call| call.operation).collect();
    assert_eq!(sent, named);
    for operation in &named {
        assert!(only_reads(operation), "{operation}");
    }
    let distinct: BTreeSet<&str> = named.into_iter().collect();
    for operation in
        ["getDatasetInformation", "queryData", "listIngestions", "getA2aAgentCard", "listNamespaceShares"]
    {
        assert!(distinct.contains(operation), "{operation}: {distinct:?}");
    }
}

/// A server that is no such service could fill the memory.
#[tokio::test]
async fn survey_reads_no_endless_body() {
    let long = vec![b' '; super::survey::LONGEST + 1];
    let script = Script::new().reply(Reply::body("application/json", long)).reply(Reply::error(
        401,
        "unauthorized",
        "no",
    ));
    let (dl, observer) = observed(&script);
    let calls = survey(&dl).await;
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].error.as_ref().unwrap().kind(), ErrorKind::LimitExceeded);
    assert!(observer.report().is_empty());
    script.finish();
}

#[tokio::test]
async fn survey_ends_when_the_key_is_rejected() {
    let script = Script::new().reply(Reply::error(401, "unauthorized", "no"));
    let (dl, observer) = observed(&script);
    let calls = survey(&dl).await;
    assert_eq!(calls.len(), 1);
    assert!(calls[0].error.is_some() && observer.report().is_empty());
    script.finish();
}
