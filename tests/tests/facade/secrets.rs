//! No printable part of a failure contains the key, a token or a presigned URL, in whatever form the server
//! repeats it.

use std::collections::BTreeMap;

use datalinks::{DataLinks, Error, IngestProxy, PipelineEvent, RetryPolicy, pipeline::PipelineSource};
use datalinks_gen::{OPERATIONS, StreamKind};
use datalinks_tests::{
    log,
    server::{Reply, Server},
};
use serde_json::{Value, json};

use crate::{calls, clients, matrix::described};

/// A key that every kind of escaping changes.
const KEY: &str = "canary/key+\"4711\"";
/// A presigned URL.
const URL: &str =
    "https://bucket.example.com/canary-part?X-Amz-Credential=canary&X-Amz-Signature=canary-0815";
/// The base64 of `Bearer` and the key, without its ends.
const BASE64: &str = "Y2FuYXJ5L2tleSsiNDcxMS";

/// Returns the key in the forms that servers write.
fn echoes() -> Vec<String> {
    vec![
        KEY.to_owned(),
        KEY.replace('/', "\\/"),
        KEY.replace('/', "%2F").replace('+', "%2b").replace('"', "%22"),
        KEY.replace('"', "&quot;").replace('/', "&#x2F;"),
        KEY.replace('/', "\\u002f"),
        format!("Basic {BASE64}I="),
    ]
}

/// Checks all printable parts of an error.
#[track_caller]
fn assert_clean(error: &Error, place: &str) {
    let text = format!(
        "{} {:?} {:?} {:?} {:?} {:?} {:?}",
        described(&Err(error.clone())),
        error.body(),
        error.headers(),
        error.message(),
        error.code(),
        error.sub_errors(),
        error.request_id(),
    );
    assert!(!text.contains("canary") && !text.contains(BASE64), "{place}: {text}");
}

/// Successes with an unreadable body, and all parts of an error response, repeated the key of the client.
///
/// Regression 10.
#[tokio::test]
async fn repeated_keys_are_removed_from_every_response() {
    let server = Server::start().await;
    let mut failures = 0;
    for (index, operation) in OPERATIONS.iter().enumerate() {
        let clients = clients(&server, KEY);
        // Each form with every third operation, so that all forms occur with all kinds of responses.
        for echo in echoes().into_iter().cycle().skip(index * 2 % 6).take(2) {
            let text = format!("{echo} and {URL}");
            let object = json!({ "type": 7, "id": echo, "data": text, "token": "canary-token" });
            for (status, body) in [
                (200, json!(text)),
                (201, json!([echo, [text]])),
                (200, object.clone()),
                (
                    400,
                    json!({ "error_code": echo, "message": text, "sub_errors": [{ "code": echo, "message": text }] }),
                ),
                (404, json!({ "error_code": "A", "message": object.to_string() })),
                (409, object.clone()),
                (500, json!(text)),
                (502, json!(format!("<html>{text}"))),
            ] {
                let kind = match operation.stream.filter(|_| status < 300) {
                    Some(StreamKind::Sse) => "text/event-stream",
                    Some(StreamKind::Ndjson) => "application/x-ndjson",
                    None => "application/json",
                };
                let body = match operation.stream.filter(|_| status < 300) {
                    Some(StreamKind::Sse) => format!("event: step\ndata: {body}\n\n"),
                    _ => body.to_string() + "\n",
                };
                // A header cannot contain a line break, and these forms contain none.
                let reply = Reply::of_type(status, kind, body)
                    .with_header("x-request-id", &echo)
                    .with_header("x-debug", &text);
                server.always(reply);
                if let Err(error) = calls::call(operation.id, &clients, calls::NAME).await {
                    assert_clean(&error, &format!("{} {status} {echo}", operation.id));
                    failures += 1;
                }
                server.seen();
            }
        }
    }
    assert!(failures > OPERATIONS.len() * 10, "{failures} failures");
    assert!(!log::text().contains("canary/key"), "the key was logged");
}

fn dl(server: &Server) -> DataLinks {
    log::keep();
    DataLinks::builder(format!("{}/api/v1", server.origin()), KEY)
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

#[tokio::test]
async fn repeated_keys_are_removed_from_streams() {
    let server = Server::start().await;
    let dl = dl(&server);
    for echo in echoes() {
        let text = json!(format!("{echo} {URL}"));
        let stream = |events: String| Reply::of_type(200, "text/event-stream", events);
        for events in [
            format!("event: answer\ndata: {{\"response\":7,\"of\":{text}}}\n\n"),
            format!("event: step\ndata: {text}\n\n"),
            format!("event: error\ndata: {{\"message\":{text}}}\n\n"),
            format!("event: error\ndata: {text}\n\n"),
        ] {
            server.expect([stream(events.clone())]);
            let error =
                dl.namespace("n").unwrap().ask("why?").stream().await.unwrap().answer().await.unwrap_err();
            assert_clean(&error, &events);
        }
        server.expect([stream(format!(
            "event: new\ndata: {text}\n\nevent: error\ndata: {{\"message\":{text},\"at\":[{text}]}}\n\n"
        ))]);
        let mut stream = dl.namespace("n").unwrap().ask("why?").stream().await.unwrap();
        let other = format!("{:?}", stream.next().await.unwrap().unwrap());
        assert!(!other.contains("canary/key") && !other.contains(BASE64), "{other}");
        let failure = format!("{:?}", stream.next().await.unwrap().unwrap());
        assert!(!failure.contains("canary") && !failure.contains(BASE64), "{failure}");
        server.expect([Reply::of_type(200, "text/html", text.to_string())]);
        assert_clean(
            &dl.namespace("n").unwrap().ask("why?").stream().await.unwrap_err(),
            "another content type",
        );
    }
    server.seen();
}

#[tokio::test]
async fn repeated_keys_are_removed_from_pipelines() {
    let server = Server::start().await;
    let proxy = IngestProxy::builder(server.origin(), KEY).retry(RetryPolicy::never()).build().unwrap();
    let lines = |lines: String| Reply::of_type(200, "application/x-ndjson", lines);
    for echo in echoes() {
        let text = json!(format!("{echo} {URL}"));
        let failed = format!("{{\"type\":\"error\",\"message\":{text},\"more\":{{\"a\":[{text}]}}}}\n");
        server.expect([lines(format!("<p>{echo}\n{failed}"))]);
        let mut run = proxy.follow("r1", 0).unwrap();
        let unreadable = run.next().await.unwrap().unwrap();
        assert!(matches!(unreadable, PipelineEvent::Unreadable(_)));
        for shown in [format!("{unreadable:?}"), format!("{:?}", run.next().await.unwrap().unwrap())] {
            assert!(!shown.contains("canary") && !shown.contains(BASE64), "{shown}");
        }
        server.expect([lines(failed)]);
        assert_clean(&proxy.follow("r1", 0).unwrap().finish().await.unwrap_err(), "finish");

        // Values of the request are removed from errors, too, whatever their form.
        let message = format!("no data at {URL} ({KEY}), nor at canary-blob, {echo}");
        server.expect([Reply::json(400, json!({ "error_code": "NO", "message": message }))]);
        let error = proxy.run_pipeline("n", PipelineSource::url("canary-blob")).stream().await.unwrap_err();
        assert!(error.message().starts_with("no data at [URL] ([key]"), "{error}");
        assert_clean(&error, "start");
        server.expect([Reply::json(422, json!({ "error_code": "NO", "message": "canary-token-2 is old" }))]);
        let payload = json!({ "answer": { "newToken": "canary-token-2" } }).as_object().unwrap().clone();
        assert_clean(&proxy.follow("r1", 0).unwrap().resume_hook(payload).await.unwrap_err(), "hook");
    }
    server.seen();
}

/// Regression: lines set aside contained the presigned URL of the source, whatever its form.
#[tokio::test]
async fn source_urls_are_removed_from_pipeline_lines() {
    let server = Server::start().await;
    let proxy = IngestProxy::builder(server.origin(), KEY).retry(RetryPolicy::never()).build().unwrap();
    for url in [URL, "https://files.example/canary-path/a.csv"] {
        let lines = format!(
            "cannot read {url}\n{{\"type\":\"step\",\"url\":\"{url}\",\"n\":1e400}}\n{{\"type\":\"error\",\"message\":\"{url}\"}}\n"
        );
        let ndjson = "application/x-ndjson";
        server.expect([
            Reply::of_type(200, ndjson, "").with_header("x-workflow-run-id", "r1"),
            Reply::of_type(200, ndjson, lines.clone()),
        ]);
        let mut run = proxy.run_pipeline("n", PipelineSource::url(url)).stream().await.unwrap();
        let events =
            [run.next().await, run.next().await, run.next().await].map(|next| next.unwrap().unwrap());
        assert!(matches!(
            events,
            [PipelineEvent::Unreadable(_), PipelineEvent::Rejected(_), PipelineEvent::Error(_)]
        ));
        let shown = format!("{events:?} {}", serde_json::to_string(&events).unwrap());
        assert!(!shown.contains("canary"), "{shown}");

        server.expect([
            Reply::of_type(200, ndjson, "").with_header("x-workflow-run-id", "r1"),
            Reply::of_type(200, ndjson, lines),
        ]);
        let error = proxy.run_pipeline("n", PipelineSource::url(url)).await.unwrap_err();
        assert_clean(&error, "finish");
    }
    // A run of another process: only the form of the URL shows that it is presigned.
    server.expect([Reply::of_type(200, "application/x-ndjson", format!("cannot read {URL}\n"))]);
    let line = format!("{:?}", proxy.follow("r1", 0).unwrap().next().await.unwrap().unwrap());
    assert!(!line.contains("canary"), "{line}");
    server.seen();
}

/// An error response in the API's own form contained the presigned URL to which it referred.
#[tokio::test]
async fn presigned_urls_and_keys_are_removed_from_upload_errors() {
    let server = Server::start().await;
    let dl = dl(&server);
    let films = dl.dataset("cinema", "films").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("films.csv");
    std::fs::write(&path, "abcde").unwrap();
    for echo in echoes() {
        let message = format!("cannot sign {URL} for {echo}");
        server.expect([Reply::json(400, json!({ "error_code": "NO", "message": message }))]);
        let error = films.upload(&path).await.unwrap_err();
        assert_clean(&error, "prepare");
        assert!(error.message().contains("[URL]"), "{error}");

        let part = format!("{}/canary-part?X-Amz-Signature=canary-0815", server.origin());
        let prepared = json!({ "uploadId": "u", "key": "k", "partSize": 5, "presignedUrls": [{ "url": part, "size": 5 }] });
        let refused = format!("<Error><Code>AccessDenied</Code><URL>{part}</URL><Key>{echo}</Key></Error>");
        let abort = Reply::json(500, json!({ "error_code": "NO", "message": format!("{part} {echo}") }));
        server.expect([
            Reply::json(200, prepared),
            Reply::of_type(403, "application/xml", refused).with_header("x-amz-request-id", &echo),
            abort,
        ]);
        assert_clean(&films.upload(&path).await.unwrap_err(), "part");
        server.seen();
    }
    assert!(!log::text().contains("canary-0815"));
}

#[tokio::test]
async fn repeated_keys_are_removed_from_rejected_items() {
    let server = Server::start().await;
    let dl = dl(&server);
    for echo in echoes() {
        server.always(Reply::json(200, json!([{ "name": 7, "why": echo }, echo])));
        let listing = dl.schema_datasets().await.unwrap();
        let shown = format!("{listing:?}");
        assert_eq!(listing.rejected.len(), 2);
        assert!(!shown.contains("canary") && !shown.contains(BASE64), "{shown}");

        let rows = json!({ "data": [{ "year": echo }], "metadata": { "count": 1 } });
        server.always(Reply::json(200, rows));
        let query = || dl.dataset("n", "d").unwrap().query();
        let answer = query().lenient().answer::<BTreeMap<String, u8>>().await.unwrap();
        let shown = format!("{answer:?}");
        assert_eq!(answer.rejected.len(), 1);
        assert!(!shown.contains("canary") && !shown.contains(BASE64), "{shown}");
        assert_clean(&query().fetch::<BTreeMap<String, u8>>().await.unwrap_err(), "query");

        let token = json!({ "id": [], "name": echo, "token": "canary-token" });
        server.always(Reply::json(200, json!([token])));
        let shown = format!("{:?}", dl.tokens().await.unwrap());
        assert!(!shown.contains("canary") && !shown.contains(BASE64), "{shown}");
    }
    server.seen();
}

/// The low-level client prints the body of an error response.
#[tokio::test]
async fn repeated_keys_are_removed_from_low_level_errors() {
    let server = Server::start().await;
    let dl = dl(&server);
    for echo in echoes() {
        server.expect([
            Reply::json(400, json!({ "error_code": "NO", "message": echo })),
            Reply::of_type(404, "text/html", format!("<p>{echo}")),
        ]);
        for _ in 0..2 {
            let error = dl.raw().get_current_user().await.unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("canary") && !shown.contains(BASE64), "{shown}");
        }
    }
    server.seen();
}

/// An error contained the first 100 characters of a row, and the start of a key that was truncated there.
#[tokio::test]
async fn truncated_key_at_the_start_of_a_row_is_removed() {
    let server = Server::start().await;
    let row = json!({ "a": "x".repeat(76), "k": KEY });
    server.always(Reply::json(200, json!({ "data": [row], "metadata": {} })));
    let rows = dl(&server).dataset("cinema", "films").unwrap().query();
    let error = rows.fetch::<BTreeMap<String, u8>>().await.unwrap_err();
    assert!(error.message().contains("the row begins with"), "{error}");
    assert_clean(&error, "the start of a row");
}

/// A key that is a common word is removed as a word only. Successful results are unchanged.
#[tokio::test]
async fn successful_results_are_not_redacted() {
    let server = Server::start().await;
    let dl = dl(&server);
    let row = json!({ "note": format!("{KEY} {URL}") });
    server.expect([Reply::json(200, json!({ "data": [row.clone()], "metadata": { "count": 1 } }))]);
    let rows: Vec<Value> = dl.dataset("n", "d").unwrap().query().fetch().await.unwrap();
    assert_eq!(rows, [row]);
    server.seen();
}
