//! An emulator with the resources that the recorded calls name: datasets, uploads, runs, other users.

use std::time::{Duration, SystemTime};

use datalinks_emulator::{Coverage, Emulator, EmulatorBuilder, Fault};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::recordings::Exchange;

/// A time between the times of the recordings: 2025-02-04.
const TODAY: Duration = Duration::from_secs(1_738_627_200);

/// A running emulator with users and their resources.
pub struct World {
    /// The emulator.
    pub emulator: Emulator,
    http: Client,
}

/// A request to send.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The HTTP method.
    pub method: String,
    /// Path and query, encoded.
    pub target: String,
    /// The body, if it is JSON.
    pub json: Option<Value>,
    /// The body, if it is plain text.
    pub text: Option<String>,
}

/// A complete response.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// All headers in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// Returns the value of a header, or an empty string.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Returns the provenance label of the response.
    pub fn label(&self) -> &str {
        self.header("x-datalinks-emulator")
    }

    /// Returns the body as JSON, or null if it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// Returns a client that worlds share. Making a client takes longer than making a world.
pub fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

/// Returns the API key of a user.
pub fn key(user: &str) -> String {
    format!("key-of-{user}")
}

impl World {
    /// Starts an emulator with the users `ana`, who owns most resources, `bo`, `cy` and `di`. `bo` may edit the
    /// namespace `plants` and read its dataset `trees`, `cy` may read `trees`, and `di` has no access. `bo`
    /// shares a dataset of the same name with `ana`.
    pub async fn start(http: &Client) -> Self {
        Self::start_with(http, Emulator::builder()).await
    }

    /// Starts a world with further settings of the emulator.
    pub async fn start_with(http: &Client, builder: EmulatorBuilder) -> Self {
        let builder = builder.username("ana").api_key(key("ana")).part_size(5);
        let builder =
            ["bo", "cy", "di"].into_iter().fold(builder, |builder, user| builder.user(user, key(user)));
        let emulator = builder.checkpoints(true).clock(SystemTime::UNIX_EPOCH + TODAY).start().await.unwrap();
        let world = Self { emulator, http: http.clone() };
        for owner in ["ana", "bo"] {
            world.plant(owner).await;
        }
        world.share_trees().await;
        world.share("ana", "namespaces/self/plants", "bo", "editor").await;
        world.share("bo", "datasets/self/plants/trees", "ana", "viewer").await;
        world
    }

    /// Returns `true` if the emulator has a handler for an operation.
    pub fn answers(&self, operation: &str) -> bool {
        let mut coverage = self.emulator.coverage().into_iter();
        coverage.any(|own| own.operation == operation && own.coverage != Coverage::Unsupported)
    }

    async fn share_trees(&self) {
        for user in ["bo", "cy"] {
            self.share("ana", "datasets/self/plants/trees", user, "viewer").await;
        }
    }

    async fn share(&self, owner: &str, place: &str, user: &str, role: &str) {
        let share = json!({ "username": user, "role": role });
        self.must(owner, "POST", &format!("/permissions/{place}/shares"), share).await;
    }

    /// Creates the datasets `trees` and `parks` with a link between them.
    async fn plant(&self, owner: &str) {
        self.sow(owner).await;
        let parks =
            json!([{ "genus": "Quercus", "place": "48.1, 11.6" }, { "genus": "Fagus", "place": "0, 0" }]);
        self.fill(owner, "parks", json!({}), parks).await;
        let end = |dataset| json!({ "username": "self", "namespace": "plants", "dataset": dataset, "columnName": "genus" });
        let link = json!({ "from": end("trees"), "to": end("parks"), "matchType": "ExactMatch" });
        self.must(owner, "POST", "/links/add", link).await;
    }

    /// Creates the dataset `trees`.
    async fn sow(&self, owner: &str) {
        let about = json!({ "dataDescription": "trees", "schemaDefinition": { "genus": "tree genus", "height": "metres" } });
        self.fill(owner, "trees", about, trees()).await;
    }

    async fn fill(&self, owner: &str, name: &str, about: Value, rows: Value) {
        self.must(owner, "POST", &format!("/ingest/new/plants/{name}"), about).await;
        self.must(owner, "POST", &format!("/ingest/plants/{name}"), json!({ "data": rows })).await;
    }

    /// Sends a request that must succeed.
    async fn must(&self, user: &str, method: &str, path: &str, body: Value) -> Answer {
        let base = if path.starts_with("/api/") { "" } else { "/api/v1" };
        let json = (!body.is_null()).then_some(body);
        let ready = Ready { method: method.into(), target: format!("{base}{path}"), json, text: None };
        let answer = self.send(&ready, Some(&key(user))).await;
        assert!(answer.status < 300, "{ready:?} failed: {answer:?}");
        answer
    }

    /// Sends a request with an optional API key.
    pub async fn send(&self, ready: &Ready, key: Option<&str>) -> Answer {
        let url = format!("{}{}", self.emulator.proxy_url(), ready.target);
        let mut request = self.http.request(Method::from_bytes(ready.method.as_bytes()).unwrap(), url);
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        if let Some(json) = &ready.json {
            request = request.json(json);
        } else if let Some(text) = &ready.text {
            request = request.header("content-type", "text/plain").body(text.clone());
        }
        read(request.send().await.unwrap()).await
    }

    /// Returns a recorded request with the names and ids of this world.
    pub async fn ready(&self, exchange: &Exchange) -> Ready {
        let mut ready = Ready {
            method: exchange.request.method.clone(),
            target: exchange.request.target.clone(),
            json: exchange.request.json.clone(),
            text: exchange.request.text.clone(),
        };
        let mut ids = Vec::new();
        match exchange.operation_id.as_str() {
            "createDataset" => {
                for owner in ["ana", "bo"] {
                    self.must(owner, "DELETE", "/data/self/plants/trees/balefire", Value::Null).await;
                }
            }
            // Without the link, so that the request can add it.
            "addLink" => {
                let path = "/data/self/plants/trees";
                self.must("ana", "DELETE", &format!("{path}/balefire"), Value::Null).await;
                self.sow("ana").await;
                self.share_trees().await;
            }
            // The recorded rows have no value in common with a dataset.
            "previewLinks" | "rebuildLinks" => ready.json.as_mut().unwrap()["data"] = trees(),
            // With a link to select.
            "curateLinks" => {
                self.must("ana", "POST", "/links/self/plants/trees", json!({ "data": [] })).await;
            }
            "listBuildSpecs" => drop(self.build_spec().await),
            "getBuildSpec" | "editBuildSpec" | "deleteBuildSpec" => ids = vec![self.build_spec().await],
            "deleteToken" | "listTokenPermissions" => ids = vec![self.token().await],
            "abortMultipartUpload" | "finishMultipartUpload" => {
                let upload = self.upload().await;
                fill(ready.json.as_mut().unwrap(), &upload);
            }
            "abortFileUpload" => ids = vec![self.session().await.0],
            "listSessionFiles" => ids = vec![self.finished_session().await],
            "finishFileUpload" => {
                let (session, file, upload) = self.session().await;
                fill(ready.json.as_mut().unwrap(), &upload);
                ids = vec![session, file];
            }
            "retryIngestion" => ids = vec![self.ingestion("Failed").await],
            "markIngestionSeen" => ids = vec![self.ingestion("Completed").await],
            "listIngestions" => {
                let failed = self.ingestion("Failed").await;
                self.must("ana", "POST", &format!("/ingestionTracking/{failed}/retry"), Value::Null).await;
                self.ingested().await;
            }
            "getAgentRunStatus" | "deleteAgentRun" | "submitAgentRunFeedback" => {
                ids = vec![self.run().await.0]
            }
            "getConversation" => ids = vec![self.run().await.1],
            "listConversations" | "getUserUsageHistory" | "getUserUsageByDay" => drop(self.run().await),
            "resumeAgentRun" => ids = vec![self.interrupted_run().await],
            "getCleaningTaskCode" => ids = vec![self.cleaning().await],
            "streamPipeline" | "getPipelineTrace" => ids = vec![self.pipeline(false).await],
            "resumePipelineHook" => ids = vec![self.pipeline(true).await],
            "ask" | "autorag" | "autoragStream" => {
                let body = ready.json.as_mut().unwrap();
                if body.get("conversationId").is_some() {
                    body["conversationId"] = json!(self.run_of("bo").await.1);
                }
            }
            _ => {}
        }
        for (recorded, own) in exchange.segments().iter().rev().zip(ids.iter().rev()) {
            ready.target = ready.target.replacen(&recorded.to_string(), own, 1);
        }
        ready
    }

    /// Creates a build spec of `ana` and returns its id.
    async fn build_spec(&self) -> String {
        let at = |dataset| json!({ "owner": "self", "namespace": "plants", "datasetName": dataset });
        let body = json!({
            "sources": [at("trees")], "destination": at("parks"), "code": { "payload": "cHJpbnQoMSk=" },
        });
        text(&self.must("ana", "POST", "/build-specs", body).await.json()["id"])
    }

    async fn token(&self) -> String {
        let places = json!([{ "username": "ana", "namespace": "plants" }, { "username": "ana", "namespace": "plants", "dataset": "trees" }]);
        let body = json!({ "name": "ci", "accessRestrictedTo": places });
        text(&self.must("ana", "POST", "/user/token", body).await.json()["id"])
    }

    /// Creates a token of `ana` with the given lifetime and restrictions. Returns its secret.
    pub async fn secret(&self, body: Value) -> String {
        text(&self.must("ana", "POST", "/user/token", body).await.json()["token"])
    }

    /// Uploads ten bytes in two parts. Returns the body of the finish request.
    async fn upload(&self) -> Value {
        self.upload_of(b"genus\nAcer").await
    }

    async fn upload_of(&self, content: &[u8; 10]) -> Value {
        let body = json!({ "filename": "a.csv", "size": 10 });
        let path = "/upload/multipart/self/plants/trees/prepare";
        let prepared = self.must("ana", "POST", path, body).await.json();
        self.put(&prepared, content).await
    }

    async fn put(&self, prepared: &Value, content: &[u8; 10]) -> Value {
        let mut parts = Vec::new();
        let places = prepared["presignedUrls"].as_array().unwrap();
        for ((place, part), number) in places.iter().zip(content.chunks(5)).zip(1..) {
            let put = self.http.put(place["url"].as_str().unwrap()).body(part.to_vec()).send().await.unwrap();
            let put = read(put).await;
            parts.push(json!({ "partNumber": number, "etag": put.header("etag").trim_matches('"') }));
        }
        json!({ "uploadId": prepared["uploadId"], "key": prepared["key"], "parts": parts })
    }

    /// Creates a session with one uploaded file that is not finished.
    async fn session(&self) -> (String, String, Value) {
        let body = json!({ "filesToUpload": [{ "filename": "a.csv", "size": 10 }, { "filename": "b.csv", "size": 10 }] });
        let prepared = self.must("ana", "POST", "/file-upload/prepare", body).await.json();
        let upload = self.put(&prepared["files"][0], b"genus\nAcer").await;
        (text(&prepared["sessionId"]), text(&prepared["files"][0]["fileId"]), upload)
    }

    async fn finished_session(&self) -> String {
        let body = json!({ "filesToUpload": [{ "filename": "a.csv", "size": 10 }] });
        let prepared = self.must("ana", "POST", "/file-upload/prepare", body).await.json();
        let upload = self.put(&prepared["files"][0], b"genus\nAcer").await;
        let (session, file) = (text(&prepared["sessionId"]), text(&prepared["files"][0]["fileId"]));
        self.must("ana", "POST", &format!("/file-upload/{session}/files/{file}/finish"), upload).await;
        session
    }

    /// Returns the id of an ingestion that has ended with this status.
    async fn ingestion(&self, status: &str) -> String {
        if status == "Failed" {
            self.emulator.faults().inject(Fault::new("ingestFile").status(500)).unwrap();
        }
        let upload = self.upload().await;
        let path = "/upload/multipart/self/plants/trees/finish";
        let id = text(&self.must("ana", "POST", path, upload).await.json()["id"]);
        let all = self.ingested().await;
        let own = all.iter().find(|item| item["id"] == id.as_str()).unwrap();
        assert_eq!(own["status"], status);
        id
    }

    /// Returns all ingestions after each has ended.
    async fn ingested(&self) -> Vec<Value> {
        for _ in 0..10_000 {
            let path = "/data/self/plants/trees/ingest/attempts";
            let page = self.must("ana", "GET", path, Value::Null).await.json();
            let all = page["data"].as_array().unwrap();
            if all.iter().all(|item| item["status"] == "Completed" || item["status"] == "Failed") {
                return all.clone();
            }
        }
        panic!("the ingestion does not end")
    }

    /// Returns the ids of a completed run of the agent and of its conversation.
    async fn run(&self) -> (String, String) {
        self.run_of("self").await
    }

    async fn run_of(&self, username: &str) -> (String, String) {
        let body = json!({ "username": username, "namespace": "plants", "query": "which trees are tall?" });
        let events = self.must("ana", "POST", "/query/ask", body).await.body;
        let started = started(&events);
        (text(&started["runId"]), text(&started["conversationId"]))
    }

    /// Returns the id of a resumable run of the agent that stopped after its plan.
    async fn interrupted_run(&self) -> String {
        self.emulator.faults().inject(Fault::new("agentRun").end_after(3)).unwrap();
        self.emulator.faults().inject(Fault::new("autoragStream").cut_after(3)).unwrap();
        self.run().await.0
    }

    async fn cleaning(&self) -> String {
        let body =
            json!({ "prompts": ["trim"], "outputNamespace": "plants", "outputDatasetName": "clean trees" });
        let path = "/agents/self/plants/trees/requestCleaning";
        text(&self.must("ana", "POST", path, body).await.json()["cleaningTaskId"])
    }

    async fn pipeline(&self, waits: bool) -> String {
        let body = json!({
            "datalinksUsername": "ana", "namespace": "plants", "model": true, "ingest": true, "ontology": true,
            "maxEvalRetries": 3, "maxRowsForModeling": 20, "maxSampleRows": 10, "enableHumanInTheLoop": waits,
            "data": [{ "text": "An oak, 21 m" }],
        });
        self.must("ana", "POST", "/api/pipeline", body).await.header("x-workflow-run-id").to_owned()
    }
}

/// Returns the rows of `trees`.
fn trees() -> Value {
    json!([
        { "id": "1", "genus": "Quercus", "height": 21.5, "text": "An oak, 21 m", "place": "48.1, 11.6" },
        { "id": "2", "genus": "Fagus", "height": null, "text": "genus: Fagus", "place": "48.2, 11.5" },
    ])
}

/// Returns the data of the `run-started` event.
fn started(events: &str) -> Value {
    let data = events.split("event: run-started\ndata: ").nth(1).unwrap().lines().next().unwrap();
    serde_json::from_str(data).unwrap()
}

/// Replaces recorded fields by those of this world.
fn fill(body: &mut Value, own: &Value) {
    for (name, value) in own.as_object().unwrap() {
        if body.get(name).is_some() {
            body[name] = value.clone();
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a string")).to_owned()
}

/// Reads a response to its end, or to the point where it breaks.
async fn read(mut response: reqwest::Response) -> Answer {
    let headers = response.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
    }
    Answer { status, headers, body: String::from_utf8(body).unwrap() }
}
