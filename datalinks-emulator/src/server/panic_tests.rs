//! Tests of panics in handlers and in background work.

use std::path::Path;

use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::api::AccessRule::Token;
use crate::api::Handler::{Now, Waiting};
use crate::api::{Entry, OperationCall};
use crate::concurrency::lock::write;
use crate::response::Coverage::Computed;
use crate::response::{ApiResponse, Problem};
use crate::store::{DatasetName, Definition};
use crate::{Emulator, EmulatorBuilder};

/// The name at which [`crate::concurrency::panics::panic_if_requested`] panics.
const PANICS: &str = "panics here";

fn make_partial_change(call: &OperationCall<'_>) {
    let half = DatasetName::new("ana", "cinema", "half");
    write(&call.state.store).create(half, Definition::default()).unwrap();
}

fn panic_immediately(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    make_partial_change(call);
    panic!("half done")
}

fn panic_after_await<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    async move {
        tokio::task::yield_now().await;
        make_partial_change(call);
        panic!("half done")
    }
    .boxed()
}

static HANDLERS: &[Entry] = &[
    Entry { id: "createDataset", coverage: Computed, needs: Token, handler: Now(panic_immediately) },
    Entry { id: "ingestData", coverage: Computed, needs: Token, handler: Waiting(panic_after_await) },
];

struct Server {
    emulator: Emulator,
    http: Client,
}

impl Server {
    async fn start(builder: EmulatorBuilder) -> Self {
        let emulator = builder.start().await.unwrap();
        Self { emulator, http: Client::builder().no_proxy().build().unwrap() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let base =
            if path.starts_with("/api/") { self.emulator.proxy_url() } else { self.emulator.api_url() };
        self.http.request(method, format!("{base}{path}")).bearer_auth(self.emulator.api_key())
    }

    async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).json(body).send().await.unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
    }

    /// Creates a dataset with one row.
    async fn fill(&self, name: &str, links: Value) -> Response {
        assert_eq!(self.post(&format!("/ingest/new/cinema/{name}"), &json!({})).await.status(), 201);
        self.post(&format!("/ingest/cinema/{name}"), &json!({ "data": [{ "a": 1 }], "link": links })).await
    }

    fn state(&self) -> String {
        String::from_utf8(self.emulator.export().unwrap()).unwrap()
    }
}

/// Returns builders of an emulator in memory, and of one with a data directory.
fn both(dir: &Path) -> [(bool, EmulatorBuilder); 2] {
    [(false, Emulator::builder()), (true, Emulator::builder().data_dir(dir))]
}

#[tokio::test]
async fn panic_in_a_handler_returns_500_and_is_logged() {
    let dir = tempfile::tempdir().unwrap();
    for (on_disk, builder) in both(dir.path()) {
        let server = Server::start(builder.handlers(HANDLERS)).await;
        for (path, operation) in
            [("/ingest/new/cinema/a", "createDataset"), ("/ingest/cinema/a", "ingestData")]
        {
            let response = server.post(path, &json!({ "data": [] })).await;
            assert_eq!(response.status(), 500);
            let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
            let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
            assert_eq!(body["error_code"], "INTERNAL");
            assert!(body["message"].as_str().unwrap().contains("half done; report this"), "{body}");
            let last = server.emulator.requests().pop().unwrap();
            assert_eq!((last.operation, last.status, last.request_id), (Some(operation), 500, id));
            if on_disk {
                // The partial change was rolled back.
                assert!(!server.state().contains("half"), "{}", server.state());
            } else if operation == "createDataset" {
                // In memory, the partial change cannot be rolled back.
                server.emulator.reset().unwrap();
            }
        }
        if on_disk {
            // The directory does not contain the partial change either.
            server.emulator.shutdown().await;
            let state = Server::start(Emulator::builder().data_dir(dir.path())).await.state();
            assert!(!state.contains("half"), "{state}");
        }
    }
}

#[tokio::test]
async fn panic_while_linking_stores_no_rows() {
    let dir = tempfile::tempdir().unwrap();
    for (_, builder) in both(dir.path()) {
        let server = Server::start(builder).await;
        let before = server.fill("films", json!(null)).await;
        assert_eq!(before.status(), 200);
        assert_eq!(server.fill(PANICS, json!({ "ExactMatch": null })).await.status(), 500);
        let information = server.get(&format!("/data/self/cinema/{PANICS}")).await;
        assert_eq!(information["metadata"]["rowCount"], 0);
        assert_eq!(information["metadata"]["columnNames"], json!([]));
        assert_eq!(server.get("/data/self/cinema/films").await["metadata"]["rowCount"], 1);
    }
}

#[tokio::test]
async fn panic_in_a_pipeline_run_marks_it_as_failed() {
    let dir = tempfile::tempdir().unwrap();
    for (on_disk, builder) in both(dir.path()) {
        let server = Server::start(builder.clone()).await;
        let body = json!({
            "datalinksUsername": "self", "namespace": PANICS, "model": false, "ingest": true, "ontology": false,
            "maxEvalRetries": 0, "maxRowsForModeling": 1, "maxSampleRows": 1, "enableHumanInTheLoop": false,
            "data": [{ "a": 1 }],
        });
        let response = server.post("/api/pipeline", &body).await;
        assert_eq!(response.status(), 200);
        let run = response.headers()["x-workflow-run-id"].to_str().unwrap().to_owned();
        // With a data directory, the run was reloaded and has another end, so the stream of the first response just ends.
        drop(response.text().await);
        let stream = format!("/api/pipeline/{run}/stream");
        let events = |server: &Server| server.request(Method::GET, &stream).send();
        let text = events(&server).await.unwrap().text().await.unwrap();
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!((&last["type"], &last["kind"]), (&json!("error"), &json!("fatal")), "{text}");
        assert!(last["message"].as_str().unwrap().contains("a test wants a panic"), "{text}");
        assert_eq!(server.get("/data").await, json!([]), "no dataset is stored");
        if on_disk {
            server.emulator.shutdown().await;
            let server = Server::start(builder).await;
            assert_eq!(events(&server).await.unwrap().text().await.unwrap(), text);
        }
    }
}

#[tokio::test]
async fn panic_in_an_ingestion_marks_it_as_failed_and_stores_no_rows() {
    let dir = tempfile::tempdir().unwrap();
    for (on_disk, builder) in both(dir.path()) {
        let server = Server::start(builder.clone()).await;
        assert_eq!(server.post(&format!("/ingest/new/cinema/{PANICS}"), &json!({})).await.status(), 201);
        let uploads = format!("/upload/multipart/self/cinema/{PANICS}");
        let body = json!({ "filename": "a.csv", "size": 4 });
        let prepared = server.post(&format!("{uploads}/prepare"), &body).await.text().await.unwrap();
        let prepared: Value = serde_json::from_str(&prepared).unwrap();
        let url = prepared["presignedUrls"][0]["url"].as_str().unwrap();
        let put = server.http.put(url).body("a\n1\n").send().await.unwrap();
        let etag = put.headers()["etag"].to_str().unwrap().trim_matches('"').to_owned();
        let body = json!({
            "uploadId": prepared["uploadId"], "key": prepared["key"], "link": { "ExactMatch": null },
            "parts": [{ "partNumber": 1, "etag": etag }],
        });
        assert_eq!(server.post(&format!("{uploads}/finish"), &body).await.status(), 201);
        let attempts = format!("/data/self/cinema/{PANICS}/ingest/attempts");
        let failed = |page: &Value| page["data"][0]["status"] == "Failed";
        let mut page = Value::Null;
        for _ in 0..10_000 {
            page = server.get(&attempts).await;
            if failed(&page) {
                break;
            }
        }
        assert!(failed(&page), "{page}");
        let message = page["data"][0]["statusMessage"].as_str().unwrap();
        assert!(message.contains("a test wants a panic"), "{message}");
        let information = server.get(&format!("/data/self/cinema/{PANICS}")).await;
        assert_eq!(information["metadata"]["rowCount"], 0);
        if on_disk {
            server.emulator.shutdown().await;
            let server = Server::start(builder).await;
            assert_eq!(server.get(&attempts).await, page);
        }
    }
}
