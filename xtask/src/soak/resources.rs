//! Random calls beyond datasets: questions, pipelines, links, sessions, tokens, build specs and others.

use std::collections::BTreeSet;

use fastrand::Rng;
use serde_json::{Value, json};

use super::call::{Caller, Reply, api};
use super::client::FILES;
use crate::hostile::request::Request;

/// Number of runs, tokens and build specs of a client after which they are deleted.
const MANY: usize = 6;

/// The resources of one client that are not datasets.
pub(super) struct Resources {
    client: usize,
    runs: Vec<String>,
    tokens: BTreeSet<String>,
    specs: BTreeSet<String>,
    pipelines: usize,
}

impl Resources {
    pub(super) fn new(client: usize) -> Self {
        Self { client, runs: Vec::new(), tokens: BTreeSet::new(), specs: BTreeSet::new(), pipelines: 0 }
    }

    /// Makes one random call, or a few that belong together.
    pub(super) fn step(
        &mut self,
        caller: &mut Caller<'_>,
        namespace: &str,
        datasets: &[String],
        rng: &mut Rng,
    ) {
        match rng.u32(0..15) {
            0 => self.ask(caller, namespace, rng),
            1 => self.run(caller, rng),
            2 => self.pipeline(caller, rng),
            3 | 4 => links(caller, namespace, datasets, rng),
            5 => self.session(caller, rng),
            6 => self.token(caller, namespace),
            7 => self.spec(caller, namespace),
            8 => share(caller, namespace, rng),
            9 => message(caller),
            10 => preview(caller, namespace),
            11 => clean(caller, namespace, self.client),
            12 => watch(caller),
            _ => list(caller, namespace, rng),
        }
    }

    /// Asks a question and reads its events to the end, or disconnects.
    fn ask(&mut self, caller: &mut Caller<'_>, namespace: &str, rng: &mut Rng) {
        let body =
            json!({ "username": "self", "namespace": namespace, "query": "Which film has the largest row?" });
        let request = api("autoragStream", "POST", "/query/ask").json(body.to_string());
        if rng.u8(0..3) == 0 {
            let read = rng.usize(0..900);
            caller.disconnect(&request, 1.0, read);
        } else if let Reply::Done(response) | Reply::Fault(response) = caller.send(&request, &[200]) {
            self.runs.extend(run_id(&response.body));
        }
    }

    /// Reads, resumes, rates or deletes a run.
    fn run(&mut self, caller: &mut Caller<'_>, rng: &mut Rng) {
        let Some(at) = (!self.runs.is_empty()).then(|| rng.usize(0..self.runs.len())) else { return };
        let path = format!("/query/runs/{}", self.runs[at]);
        // A reset or an import may have deleted the run.
        match rng.u8(0..3) {
            _ if self.runs.len() > MANY => {
                caller.call("deleteAgentRun", "DELETE", &path, &[200, 204, 404, 409]);
                self.runs.remove(at);
            }
            0 => {
                caller.call("getAgentRunStatus", "GET", &path, &[200, 404]);
            }
            1 => {
                let resume = format!("{path}/resume");
                caller.post("resumeAgentRun", &resume, &json!({}), &[200, 404, 409, 410, 422]);
            }
            _ => {
                let path = format!("{path}/feedback");
                let body = json!({ "thumbsUp": true });
                caller.post("submitAgentRunFeedback", &path, &body, &[200, 204, 404, 409, 422]);
            }
        }
    }

    /// Starts a run of the ingest proxy in a namespace of its own, and reads it or disconnects.
    fn pipeline(&mut self, caller: &mut Caller<'_>, rng: &mut Rng) {
        let namespace = format!("pipeline{}", self.client);
        if self.pipelines >= MANY {
            let path = format!("/data/self/{namespace}/balefire?deleteDatasets=true");
            if caller.call("balefireNamespace", "DELETE", &path, &[200, 404]).is_done() {
                self.pipelines = 0;
            }
            return;
        }
        self.pipelines += 1;
        let rows: Vec<Value> = (0..10)
            .map(|id| json!({ "id": id, "text": "An oak, 21 m", "parts": [{ "leaf": id }, { "leaf": 2 }] }))
            .collect();
        let body = json!({
            "datalinksUsername": "self", "namespace": namespace, "model": true, "ingest": true, "ontology": true,
            "maxEvalRetries": 1, "maxRowsForModeling": 20, "maxSampleRows": 10, "enableHumanInTheLoop": false,
            "data": rows,
        });
        let request = api("runPipeline", "POST", "/api/pipeline").json(body.to_string());
        if rng.u8(0..3) == 0 {
            let read = rng.usize(0..600);
            caller.disconnect(&request, 1.0, read);
            return;
        }
        if let Reply::Done(response) | Reply::Fault(response) = caller.send(&request, &[200]) {
            let id = response.header("x-workflow-run-id").to_owned();
            if !id.is_empty() {
                let path = format!("/api/pipeline/{id}/stream?startIndex={}", rng.u8(0..4));
                caller.call("streamPipeline", "GET", &path, &[200, 404]);
                caller.call("getPipelineTrace", "GET", &format!("/api/pipeline/{id}/trace"), &[200, 404]);
            }
        }
    }

    /// Uploads a file to a session, which is finished, or aborted.
    fn session(&self, caller: &mut Caller<'_>, rng: &mut Rng) {
        let content = "id,genus\n7,Acer\n";
        let files = json!({ "filesToUpload": [{ "filename": "a.csv", "size": content.len() }] });
        let prepared = caller.post("prepareFileUpload", "/file-upload/prepare", &files, &[200, 201]);
        let Some(prepared) = prepared.json() else { return };
        let session = prepared["sessionId"].as_str().unwrap_or_default().to_owned();
        let file = &prepared["files"][0];
        if let Some(etag) = self.put(caller, &file["presignedUrls"][0], content).filter(|_| rng.bool()) {
            let path = format!(
                "/file-upload/{session}/files/{}/finish",
                file["fileId"].as_str().unwrap_or_default()
            );
            let parts = json!([{ "partNumber": 1, "etag": etag }]);
            let body = json!({ "uploadId": file["uploadId"], "key": file["key"], "parts": parts });
            caller.post("finishFileUpload", &path, &body, &[200, 201, 204]);
            caller.call("listSessionFiles", "GET", &format!("/file-upload/{session}/files"), &[200]);
        }
        // Finished files stay until the next reset.
        caller.call(
            "abortFileUpload",
            "POST",
            &format!("/file-upload/{session}/abort"),
            &[200, 204, 409, 422],
        );
    }

    /// Puts a part to its presigned URL. Returns its tag.
    pub(super) fn put(&self, caller: &mut Caller<'_>, url: &Value, content: &str) -> Option<String> {
        let url = url["url"].as_str()?;
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let path = rest.find('/').map_or("/", |at| &rest[at..]);
        let mut request = Request::new("putPart", "PUT", path);
        request.body = content.as_bytes().to_vec();
        match caller.send(&request, &[200]) {
            Reply::Done(response) | Reply::Fault(response) if response.status == 200 => {
                let etag = response.header("etag").trim_matches('"');
                (!etag.is_empty()).then(|| etag.to_owned())
            }
            _ => None,
        }
    }

    fn token(&mut self, caller: &mut Caller<'_>, namespace: &str) {
        if self.tokens.len() >= MANY {
            if let Some(id) = self.tokens.pop_first() {
                caller.call("deleteToken", "DELETE", &format!("/user/token/{id}"), &[200, 204, 404]);
            }
            return;
        }
        let body =
            json!({ "name": "soak", "accessRestrictedTo": [{ "username": "ana", "namespace": namespace }] });
        let token = caller.post("addToken", "/user/token", &body, &[200]).json();
        self.tokens.extend(token.and_then(|token| Some(token["id"].as_str()?.to_owned())));
    }

    fn spec(&mut self, caller: &mut Caller<'_>, namespace: &str) {
        let at = json!({ "owner": "self", "namespace": namespace, "datasetName": FILES });
        let body = json!({ "sources": [at], "destination": at, "code": { "payload": "cHJpbnQoMSk=" } });
        if self.specs.len() >= MANY {
            if let Some(id) = self.specs.pop_first() {
                let path = format!("/build-specs/{id}");
                let edited = api("editBuildSpec", "PUT", &path).json(body.to_string());
                caller.send(&edited, &[200, 404]);
                caller.call("deleteBuildSpec", "DELETE", &path, &[204, 404]);
            }
            return;
        }
        let spec = caller.post("createBuildSpec", "/build-specs", &body, &[201, 404]).json();
        self.specs.extend(spec.and_then(|spec| Some(spec["id"].as_str()?.to_owned())));
    }
}

/// Returns the id in the first event of a run.
fn run_id(events: &[u8]) -> Option<String> {
    let events = String::from_utf8_lossy(events);
    let (_, rest) = events.split_once("\"runId\":\"")?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// Adds, lists, finds, or removes links between datasets of the client.
fn links(caller: &mut Caller<'_>, namespace: &str, datasets: &[String], rng: &mut Rng) {
    let (Some(from), Some(to)) = (rng.choice(datasets), rng.choice(datasets)) else { return };
    let end = |dataset: &str| json!({ "username": "self", "namespace": namespace, "dataset": dataset, "columnName": "batch" });
    match rng.u8(0..5) {
        0 => {
            let body = json!({ "from": end(from), "to": end(to), "matchType": "ExactMatch" });
            // A dataset without rows has no column.
            caller.post("addLink", "/links/add", &body, &[200, 201, 404]);
        }
        1 => {
            caller.call("getLinks", "GET", &format!("/links/self/{namespace}/{from}"), &[200, 204]);
        }
        2 => {
            let path = format!("/links/self/{namespace}/{from}");
            caller.post("rebuildLinks", &path, &json!({ "data": [] }), &[200]);
        }
        3 => {
            let path = format!("/ontology/self/{namespace}/{from}");
            let reply = caller.call("getConnectedLinks", "GET", &path, &[200, 204]);
            if let Some(link) = reply.json().and_then(|links| links.as_array()?.first().cloned()) {
                let body = json!({ "add": [], "remove": [link] });
                caller.post("saveConnections", &path, &body, &[200, 404]);
            }
        }
        _ => {
            let query = format!(
                "Ontology(\"{namespace}/{from}\").searchAround(2).find(\"{namespace}/{to}\").limit(5)"
            );
            let body = json!({ "username": "self", "namespace": namespace, "query": query });
            // Without a path of links the query fails.
            caller.post("queryData", "/query", &body, &[200, 400]);
        }
    }
}

fn share(caller: &mut Caller<'_>, namespace: &str, rng: &mut Rng) {
    let path = format!("/permissions/datasets/self/{namespace}/{FILES}/shares");
    let body = json!({ "username": "bo", "role": "editor" });
    if rng.bool() {
        caller.post("shareDatasetAccess", &path, &body, &[200, 201]);
    } else {
        let request = api("revokeDatasetAccess", "DELETE", &path).json(body.to_string());
        caller.send(&request, &[200, 204, 422]);
    }
}

fn message(caller: &mut Caller<'_>) {
    let message =
        json!({ "role": "ROLE_USER", "messageId": "m", "parts": [{ "text": "How many films are there?" }] });
    let body =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": { "message": message } });
    let request = api("a2aJsonRpc", "POST", "/a2a/assistant").json(body.to_string());
    caller.send(&request, &[200]);
}

fn preview(caller: &mut Caller<'_>, namespace: &str) {
    let body = json!({
        "data": [{ "text": "name: x, size: 2" }], "infer": { "steps": [{ "type": "table", "deriveFrom": "text" }] },
    });
    caller.post("previewInfer", "/infer/preview", &body, &[200]);
    let path = format!("/links/preview/self/{namespace}/{FILES}");
    caller.post("previewLinks", &path, &json!({ "data": [{ "batch": 1 }] }), &[200]);
}

fn clean(caller: &mut Caller<'_>, namespace: &str, client: usize) {
    let output = format!("cleaned{client}");
    let body = json!({ "prompts": ["trim"], "outputNamespace": output, "outputDatasetName": "clean" });
    let path = format!("/agents/self/{namespace}/{FILES}/requestCleaning");
    // The name of the output may be in use.
    caller.post("requestCleaning", &path, &body, &[200, 201, 202, 409, 422]);
    caller.call(
        "balefireNamespace",
        "DELETE",
        &format!("/data/self/{output}/balefire?deleteDatasets=true"),
        &[200, 404],
    );
}

/// Watches the requests for a moment, as the page does, and disconnects.
fn watch(caller: &mut Caller<'_>) {
    let request = Request::new("control requests", "GET", "/_emulator/requests");
    caller.disconnect(&request, 1.0, 300);
}

fn list(caller: &mut Caller<'_>, namespace: &str, rng: &mut Rng) {
    let (operation, path) = [
        ("getDatasets", "/data"),
        ("listAllDatasets", "/schema/datasets/all"),
        ("listUserNamespaces", "/schema/self/namespaces"),
        ("listConversations", "/query/conversations"),
        ("listBuildSpecs", "/build-specs"),
        ("listTokens", "/user/tokens"),
        ("getUserUsageHistory", "/user/usage/history"),
        ("getUserUsageByDay", "/user/usage/by-day"),
        ("getCurrentUser", "/user/me"),
        ("listA2aAgents", "/a2a"),
    ][rng.usize(0..10)];
    let query = if operation == "listConversations" {
        format!("?username=self&namespace={namespace}")
    } else {
        String::new()
    };
    caller.call(operation, "GET", &format!("{path}{query}"), &[200, 204]);
    caller.control("GET", "overview", b"", &[200]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_is_named_by_its_first_event() {
        let events =
            b"event: run-started\ndata: {\"runId\":\"a-1\",\"conversationId\":\"b\"}\n\nevent: plan\n";
        assert_eq!(run_id(events).as_deref(), Some("a-1"));
        assert_eq!(run_id(b"event: run-started\ndata: {\"runId\":\"a-"), None);
    }
}
