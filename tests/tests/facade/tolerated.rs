//! Harmless deviations of servers from the document, which are read without loss.

use datalinks_tests::server::{Reply, Server};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clients;

/// A token without an expiry or without the field `token` made the other tokens unreadable.
///
/// Regression 36.
#[tokio::test]
async fn tokens_without_expiry_or_secret_are_listed() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let token = |id: &str, more: Value| {
        let mut token = json!({ "id": id, "name": "n", "created_at": "2025-02-03" });
        for (name, value) in more.as_object().unwrap() {
            token[name] = value.clone();
        }
        token
    };
    server.expect([Reply::json(
        200,
        json!([
            token("whole", json!({ "expires_at": "2026-02-03", "token": null })),
            token("endless", json!({ "expires_at": null, "token": null })),
            token("bare", json!({ "expires_at": "2026-02-03" })),
            token("neither", json!({})),
        ]),
    )]);
    let tokens = dl.tokens().await.unwrap();
    server.seen();
    assert!(tokens.rejected.is_empty(), "{:?}", tokens.rejected);
    let ends: Vec<Option<&str>> = tokens.iter().map(|token| token.expires_at.as_deref()).collect();
    assert_eq!(ends, [Some("2026-02-03"), None, Some("2026-02-03"), None]);
}

/// Integers in floating-point notation were not read.
///
/// Regression 36.
#[tokio::test]
async fn integers_are_read_in_every_notation() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let trees = dl.dataset("plants", "trees").unwrap();
    let link = json!({ "origin": "a", "destination": "b", "hits": 5.0, "matchType": "ExactMatch" });
    let ingestion = json!({ "id": Uuid::nil(), "status": "done", "expectedTotalBytes": 10.0 });
    server.expect([
        Reply::json(200, json!([link])),
        Reply::json(200, r#"{"indexed":1.0}"#),
        Reply::json(200, json!({ "data": [ingestion], "metadata": { "pageSize": 25.0 } })),
        Reply::json(200, r#"{"data":[{"a":1.0}],"metadata":{"count":1.0}}"#),
    ]);
    let links = trees.links().await.unwrap();
    assert_eq!((links.rejected.len(), links[0].hits), (0, 5));
    let stored = trees.ingest([json!({ "a": 1 })]).await.unwrap();
    assert!(stored.is_complete(), "{stored:?}");
    let page = trees.ingestions().await.unwrap();
    assert_eq!((page.page_size, page.rejected.len()), (25, 0));
    assert_eq!(page.ingestions[0].expected_total_bytes, Some(10));
    let answer = trees.query().answer::<Value>().await.unwrap();
    assert_eq!(answer.count, Some(1));
    // Numbers of rows keep their notation.
    assert_eq!(answer.rows[0]["a"].to_string(), "1.0");
    server.seen();
}

/// Bodies with a byte-order mark were not read.
///
/// Regression 36.
#[tokio::test]
async fn byte_order_mark_is_skipped() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let trees = dl.dataset("plants", "trees").unwrap();
    server.expect([
        Reply::json(200, "\u{feff}{\"data\":[{\"a\":1}],\"metadata\":{}}"),
        Reply::json(200, "\u{feff}[]"),
        Reply::json(200, "\u{feff}{\"indexed\":1}"),
        Reply::json(404, "\u{feff}{\"error_code\":\"NOT_FOUND\",\"message\":\"no such dataset\"}"),
    ]);
    assert_eq!(trees.query().answer::<Value>().await.unwrap().rows, [json!({ "a": 1 })]);
    assert!(trees.links().await.unwrap().is_empty());
    assert!(trees.ingest([json!({ "a": 1 })]).await.unwrap().is_complete());
    let error = trees.links().await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Some("NOT_FOUND"), "no such dataset"));
    server.seen();
}
