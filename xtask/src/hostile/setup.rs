//! The state before the attack: a few resources of every kind, made by valid requests.

use serde_json::{Value, json};

use super::known::{Known, NAMESPACES};
use super::request::Request;
use super::wire::Response;

/// The API key of the user who owns all resources.
pub(super) const KEY: &str = "emulator-key";

/// A second user, in the form of the command line.
pub(super) const OTHER: &str = "bo=bo-key";

/// The name of the snapshot that the setup makes.
pub(super) const SNAPSHOT: &str = "first";

/// A function that sends a request which must succeed.
pub(super) type Send<'a> = dyn FnMut(&Request) -> Result<Response, String> + 'a;

/// Makes the resources. Returns them.
pub(super) fn run(send: &mut Send<'_>) -> Result<Known, String> {
    let mut setup = Setup { send, known: Known::default() };
    for path in ["clock", "faults"] {
        (setup.send)(&Request::new("setup", "DELETE", format!("/_emulator/{path}")))?;
    }
    for namespace in NAMESPACES {
        setup.namespace(namespace)?;
    }
    setup.uploads("p0")?;
    setup.sessions()?;
    setup.runs()?;
    setup.others()?;
    // The snapshot may exist.
    let _ = (setup.send)(&Request::new("setup", "DELETE", format!("/_emulator/snapshots/{SNAPSHOT}")));
    (setup.send)(&Request::new("setup", "POST", format!("/_emulator/snapshots/{SNAPSHOT}")))?;
    let export = (setup.send)(&Request::new("setup", "GET", "/_emulator/export"))?;
    setup.known.export = String::from_utf8_lossy(&export.body).into_owned();
    Ok(setup.known)
}

struct Setup<'a, 'b> {
    send: &'a mut Send<'b>,
    known: Known,
}

impl Setup<'_, '_> {
    /// Calls an operation of the API and remembers the resources in its response.
    fn call(&mut self, operation: &str, path: &str, body: &Value) -> Result<Value, String> {
        let prefix = if path.starts_with("/api/") { "" } else { "/api/v1" };
        let request =
            Request::new(operation, "POST", format!("{prefix}{path}")).key(KEY).json(body.to_string());
        let response = (self.send)(&request)?;
        self.known.learn(operation, &response);
        Ok(serde_json::from_slice(&response.body).unwrap_or_default())
    }

    fn namespace(&mut self, namespace: &str) -> Result<(), String> {
        let trees = json!([
            { "id": "1", "genus": "Quercus", "height": 21.5, "text": "An oak, 21 m", "place": "48.1, 11.6" },
            { "id": "2", "genus": "Fagus", "height": null, "text": "genus: Fagus", "place": "48.2, 11.5" },
            { "id": "3", "genus": " Acer", "height": "x", "text": "", "place": [1, { "a": [] }] },
        ]);
        let parks = json!([{ "id": "1", "genus": "Quercus", "place": "48.1, 11.6" }, { "genus": "Fagus", "place": "0, 0" }]);
        for (name, rows) in [("trees", trees), ("parks", parks)] {
            let about = json!({ "dataDescription": name, "schemaDefinition": { "genus": "the genus" } });
            // The dataset may exist after an earlier setup.
            let _ = self.call("createDataset", &format!("/ingest/new/{namespace}/{name}"), &about);
            self.call("ingestData", &format!("/ingest/{namespace}/{name}"), &json!({ "data": rows }))?;
        }
        let end = |dataset| json!({ "username": "self", "namespace": namespace, "dataset": dataset, "columnName": "genus" });
        let link = json!({ "from": end("trees"), "to": end("parks"), "matchType": "ExactMatch" });
        let _ = self.call("addLink", "/links/add", &link);
        let share = json!({ "username": "bo", "role": "editor" });
        self.call(
            "shareNamespaceAccess",
            &format!("/permissions/namespaces/self/{namespace}/shares"),
            &share,
        )?;
        self.call(
            "shareDatasetAccess",
            &format!("/permissions/datasets/self/{namespace}/trees/shares"),
            &share,
        )?;
        Ok(())
    }

    fn uploads(&mut self, namespace: &str) -> Result<(), String> {
        let path = format!("/upload/multipart/self/{namespace}/trees");
        // Uploads that are ingested, that fail, and that are not finished.
        for (content, finish) in [
            ("id,genus\n7,Acer\n", true),
            ("id,id\n7,Acer\n", true),
            ("id,genus\n8,Acer\n", false),
            ("id,genus\n9,Acer\n", false),
        ] {
            let prepared = self.call(
                "prepareMultipartUpload",
                &format!("{path}/prepare"),
                &json!({ "filename": "a.csv", "size": content.len() }),
            )?;
            let parts = self.put(&prepared, "presignedUrls", content)?;
            let body = json!({ "uploadId": prepared["uploadId"], "key": prepared["key"], "parts": parts });
            if finish {
                self.call("finishMultipartUpload", &format!("{path}/finish"), &body)?;
            } else {
                self.complete("upload", &body);
            }
        }
        // An upload without its parts.
        self.call(
            "prepareMultipartUpload",
            &format!("{path}/prepare"),
            &json!({ "filename": "b.json", "size": 100 }),
        )?;
        Ok(())
    }

    /// Remembers an upload with the tags of its parts.
    fn complete(&mut self, kind: &'static str, body: &Value) {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let (upload, key, parts) = (text("uploadId"), text("key"), body["parts"].to_string());
        let (session, file) = (text("sessionId"), text("fileId"));
        let facts = [
            ("uploadId", &upload),
            ("key", &key),
            ("parts", &parts),
            ("sessionId", &session),
            ("fileId", &file),
        ];
        let facts: Vec<(&str, &str)> = facts
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name, value.as_str()))
            .collect();
        self.known.add(kind, &facts);
    }

    fn put(&mut self, prepared: &Value, urls: &str, content: &str) -> Result<Value, String> {
        let mut parts = Vec::new();
        let mut rest = content.as_bytes();
        for (number, url) in (1..).zip(prepared[urls].as_array().into_iter().flatten()) {
            let size = url["size"].as_u64().or_else(|| url["partSize"].as_u64()).unwrap_or_default() as usize;
            let (part, left) = rest.split_at(size.min(rest.len()));
            rest = left;
            let mut request = Request::new("putPart", "PUT", path(url["url"].as_str().unwrap_or_default()));
            request.body = part.to_vec();
            let etag = (self.send)(&request)?.header("etag").trim_matches('"').to_owned();
            parts.push(json!({ "partNumber": number, "etag": etag }));
        }
        Ok(parts.into())
    }

    fn sessions(&mut self) -> Result<(), String> {
        let content = "id,genus\n7,Acer\n";
        let files = json!({ "filesToUpload": [{ "filename": "a.csv", "size": content.len() }, { "filename": "b.bin", "size": 3 }] });
        for finish in [false, true] {
            let prepared = self.call("prepareFileUpload", "/file-upload/prepare", &files)?;
            let file = &prepared["files"][0];
            let parts = self.put(file, "presignedUrls", content)?;
            let (session, id) = (&prepared["sessionId"], &file["fileId"]);
            let body = json!({ "uploadId": file["uploadId"], "key": file["key"], "parts": parts });
            if finish {
                let path = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                self.call(
                    "finishFileUpload",
                    &format!("/file-upload/{}/files/{}/finish", path(session), path(id)),
                    &body,
                )?;
            } else {
                let mut body = body;
                body["sessionId"] = session.clone();
                body["fileId"] = id.clone();
                self.complete("session", &body);
            }
        }
        Ok(())
    }

    fn runs(&mut self) -> Result<(), String> {
        for question in ["which trees are tall?", "how many parks are there?"] {
            let body = json!({ "username": "self", "namespace": "p0", "query": question });
            self.call("autoragStream", "/query/ask", &body)?;
        }
        for waits in [true, false] {
            let body = json!({
                "datalinksUsername": "ana", "namespace": "p1", "model": true, "ingest": true, "ontology": true,
                "maxEvalRetries": 1, "maxRowsForModeling": 20, "maxSampleRows": 10, "enableHumanInTheLoop": waits,
                "data": [{ "id": 1, "text": "An oak, 21 m", "parts": [{ "leaf": 1 }, { "leaf": 2 }] }],
            });
            self.call("runPipeline", "/api/pipeline", &body)?;
        }
        Ok(())
    }

    fn others(&mut self) -> Result<(), String> {
        let clean = json!({ "prompts": ["trim"], "outputNamespace": "made", "outputDatasetName": "clean" });
        // The name may be taken after an earlier setup.
        let _ = self.call("requestCleaning", "/agents/self/p0/trees/requestCleaning", &clean);
        let at = |dataset| json!({ "owner": "self", "namespace": "p0", "datasetName": dataset });
        for _ in 0..2 {
            let spec = json!({ "sources": [at("trees")], "destination": at("parks"), "code": { "payload": "cHJpbnQoMSk=" } });
            self.call("createBuildSpec", "/build-specs", &spec)?;
            let token =
                json!({ "name": "ci", "accessRestrictedTo": [{ "username": "ana", "namespace": "p0" }] });
            self.call("addToken", "/user/token", &token)?;
        }
        Ok(())
    }
}

/// Returns the path of a URL of this emulator.
pub(super) fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}
