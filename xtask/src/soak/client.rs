//! One client: random calls in a namespace of its own, and the model of its datasets.

use std::net::SocketAddr;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};

use super::call::{Caller, Reply, Tally, api, chunked};
use super::model::{Change, Found, FoundRow, Model, ROWS};
use super::resources::Resources;

/// Names of datasets that exist at times. The pairs differ in case only.
const NAMES: [&str; 4] = ["Films", "People", "Halls", "Awards"];

/// The dataset of uploaded files, which always exists.
pub(super) const FILES: &str = "files";

/// Number of batches after which a dataset is cleared or deleted.
const FULL: usize = 12;

/// Number of times that the ingestions of a dataset are listed before the emulator counts as stuck.
const POLLS: u32 = 30_000;

/// A client.
pub(super) struct Client<'a> {
    pub(super) caller: Caller<'a>,
    pub(super) namespace: String,
    pub(super) model: Model,
    resources: Resources,
    rng: Rng,
    /// Number of batches so far. It is never set back, so a batch of an earlier state is recognized.
    batches: u64,
    /// A difference between model and emulator, which ends the run.
    pub(super) wrong: Option<String>,
}

impl<'a> Client<'a> {
    pub(super) fn new(number: usize, seed: u64, tally: &'a Tally, address: SocketAddr) -> Self {
        Self {
            caller: Caller::new(tally, address),
            namespace: format!("soak{number}"),
            model: Model::default(),
            resources: Resources::new(number),
            rng: Rng::with_seed(seed.wrapping_mul(1000).wrapping_add(number as u64)),
            batches: 0,
            wrong: None,
        }
    }

    /// Makes one random step. Does nothing while a change waits for a restart.
    pub(super) fn step(&mut self) {
        if self.wrong.is_some() || self.model.pending.is_some() {
            return;
        }
        if !self.model.datasets.contains_key(FILES) {
            self.change(Change::Create(FILES.to_owned()));
            return;
        }
        let outcome = match self.rng.u32(0..100) {
            0..6 => self.create(),
            6..34 => self.ingest(),
            34..40 => self.ingest_and_disconnect(),
            40..52 => self.query_batch(),
            52..55 => self.check_dataset(),
            55..58 => self.rename(),
            58..61 => self.remove(),
            61..68 => self.upload(),
            68..71 => self.check_files(),
            71..73 => self.import_garbage(),
            73..77 => self.fault(),
            _ => {
                let datasets: Vec<String> = self.model.datasets.keys().cloned().collect();
                self.resources.step(&mut self.caller, &self.namespace, &datasets, &mut self.rng);
                Ok(())
            }
        };
        if let Err(wrong) = outcome {
            self.wrong = Some(format!("{}: {wrong}", self.namespace));
        }
    }

    /// Compares everything in the emulator with the model. `restarted` says that nothing is in progress.
    pub(super) fn check(&mut self, restarted: bool) -> Result<(), String> {
        self.drain()?;
        let found = self.found()?;
        self.model.compare(&found, restarted, true)
    }

    /// Returns all rows of the namespace.
    fn found(&mut self) -> Result<Found, String> {
        let path = format!("/data/{}", self.namespace);
        let list = self.caller.call("getDatasetsInNamespace", "GET", &path, &[200, 404]);
        let list = list.json().ok_or_else(|| format!("{path}: no list of datasets: {list:?}"))?;
        let names: Vec<String> = list
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|dataset| Some(dataset["name"].as_str()?.to_owned()))
            .collect();
        let mut found = Found::new();
        for name in names {
            let rows = self.rows(&format!("Ontology(\"{}/{name}\")", self.namespace))?;
            let rows = rows.ok_or_else(|| format!("{name}: no response to a query"))?;
            found.insert(name, rows);
        }
        Ok(found)
    }

    /// Returns the rows that a query finds, or `None` if a fault acted or the emulator was killed.
    fn rows(&mut self, query: &str) -> Result<Option<Vec<FoundRow>>, String> {
        let body = json!({ "username": "self", "namespace": self.namespace, "query": query });
        let reply = self.caller.post("queryData", "/query", &body, &[200]);
        let Reply::Done(response) = &reply else { return Ok(None) };
        let json: Value = serde_json::from_slice(&response.body)
            .map_err(|error| format!("{query}: the response is not JSON: {error}"))?;
        let rows = json["data"].as_array().ok_or_else(|| format!("{query}: no rows: {json}"))?;
        let rows = rows.iter().map(|row| Some((row["batch"].as_u64()?, row["row"].as_u64()?)));
        let rows: Option<Vec<FoundRow>> = rows.collect();
        rows.map(Some).ok_or_else(|| format!("{query}: a row without its number"))
    }

    /// Makes a change of a dataset and records what is known about it.
    fn change(&mut self, change: Change) {
        let namespace = &self.namespace;
        let (request, expected) = match &change {
            Change::Create(name) => {
                let request = api("createDataset", "POST", &format!("/ingest/new/{namespace}/{name}"));
                (request.json("{}"), [201])
            }
            Change::Clear(name) => {
                (api("clearDataset", "POST", &format!("/data/self/{namespace}/{name}/clear")), [200])
            }
            Change::Delete(name) => {
                (api("balefireDataset", "DELETE", &format!("/data/self/{namespace}/{name}/balefire")), [200])
            }
            Change::Rename(old, new) => {
                let request = api("renameDataset", "POST", &format!("/data/self/{namespace}/{old}/rename"));
                (request.body("text/plain", new.as_str()), [200])
            }
        };
        match self.caller.send(&request, &expected) {
            Reply::Done(response) if response.status < 300 => self.model.apply(change),
            Reply::Lost => self.model.pending = Some(change),
            _ => {}
        }
    }

    fn create(&mut self) -> Result<(), String> {
        let name = self.rng.choice(NAMES).unwrap_or(NAMES[0]);
        let there = |name: &str| self.model.datasets.contains_key(name);
        if !there(name) && !there(&name.to_lowercase()) {
            self.change(Change::Create(name.to_owned()));
        }
        Ok(())
    }

    fn rename(&mut self) -> Result<(), String> {
        if let Some(old) = self.any_dataset() {
            let lower = old.to_lowercase();
            let new = match NAMES.iter().find(|name| **name == old) {
                Some(_) => lower,
                None => {
                    NAMES.iter().find(|name| name.to_lowercase() == old).map_or(lower, ToString::to_string)
                }
            };
            self.change(Change::Rename(old, new));
        }
        Ok(())
    }

    fn remove(&mut self) -> Result<(), String> {
        if let Some(name) = self.any_dataset() {
            let change = if self.rng.bool() { Change::Delete(name) } else { Change::Clear(name) };
            self.change(change);
        }
        Ok(())
    }

    /// Returns a dataset other than that of the files.
    fn any_dataset(&mut self) -> Option<String> {
        let names: Vec<&String> = self.model.datasets.keys().filter(|name| *name != FILES).collect();
        self.rng.choice(names).cloned()
    }

    fn next_batch(&mut self) -> u64 {
        self.batches += 1;
        self.batches
    }

    fn ingest(&mut self) -> Result<(), String> {
        let Some(name) = self.any_dataset() else { return self.create() };
        if self.model.datasets.get(&name).is_some_and(|batches| batches.len() >= FULL) {
            self.change(Change::Clear(name));
            return Ok(());
        }
        let batch = self.next_batch();
        let body = ingest_body(batch, self.rng.u32(0..6));
        let request = api("ingestData", "POST", &format!("/ingest/{}/{name}", self.namespace));
        let request = request.json(body.to_string());
        let request = if self.rng.u8(0..4) == 0 { chunked(request, 700) } else { request };
        match self.caller.send(&request, &[200]) {
            Reply::Done(response) if response.status == 200 => self.model.stored(&name, batch),
            // A fault with an error status replaces the call, and the others change its response only.
            Reply::Fault(response) if response.status < 300 => self.model.stored(&name, batch),
            Reply::Lost => {
                self.model.ambiguous.insert(batch);
            }
            _ => {}
        }
        Ok(())
    }

    fn ingest_and_disconnect(&mut self) -> Result<(), String> {
        let Some(name) = self.any_dataset() else { return Ok(()) };
        let batch = self.next_batch();
        let body = ingest_body(batch, self.rng.u32(0..6)).to_string();
        let request = api("ingestData", "POST", &format!("/ingest/{}/{name}", self.namespace)).json(body);
        if self.rng.bool() {
            // A part of the body must never be stored.
            let share = 0.2 + 0.75 * self.rng.f64();
            self.caller.disconnect(&request, share, 0);
        } else {
            self.model.ambiguous.insert(batch);
            let read = self.rng.usize(0..2);
            self.caller.disconnect(&request, 1.0, read);
        }
        Ok(())
    }

    fn query_batch(&mut self) -> Result<(), String> {
        let Some(name) = self.any_dataset() else { return Ok(()) };
        let stored: Vec<u64> = self.model.datasets.get(&name).into_iter().flatten().copied().collect();
        let Some(batch) = self.rng.choice(stored) else { return Ok(()) };
        let dataset = format!("Ontology(\"{}/{name}\")", self.namespace);
        let (query, expected) = match self.rng.u8(0..3) {
            0 => (format!("{dataset}.filter(batch == {batch})"), (0..ROWS).collect::<Vec<u64>>()),
            1 => (
                format!("{dataset}.filter(batch == \"{batch}\" && row < 5).sortDescending(row)"),
                (0..5).rev().collect(),
            ),
            _ => (format!("{dataset}.filter(batch == {batch}).sortAscending(row).limit(3)"), vec![0, 1, 2]),
        };
        if self.rng.u8(0..10) == 0 {
            let body = json!({ "username": "self", "namespace": self.namespace, "query": query });
            self.caller.disconnect(&api("queryData", "POST", "/query").json(body.to_string()), 1.0, 10);
            return Ok(());
        }
        if let Some(rows) = self.rows(&query)? {
            let wrong = rows.iter().any(|(own, _)| *own != batch);
            let rows: Vec<u64> = rows.into_iter().map(|(_, row)| row).collect();
            if wrong || rows != expected {
                return Err(format!("{query} found the rows {rows:?} instead of {expected:?}"));
            }
        }
        Ok(())
    }

    fn check_dataset(&mut self) -> Result<(), String> {
        let Some(name) = self.any_dataset() else { return Ok(()) };
        match self.rows(&format!("Ontology(\"{}/{name}\")", self.namespace))? {
            Some(rows) => self.model.compare_dataset(&name, &rows),
            None => Ok(()),
        }
    }

    /// Uploads a file, and finishes or aborts the upload.
    fn upload(&mut self) -> Result<(), String> {
        let batch = self.next_batch();
        let (name, content) = file(batch, self.rng.u32(0..3));
        let path = format!("/upload/multipart/self/{}/{FILES}", self.namespace);
        let body = json!({ "filename": name, "size": content.len() });
        let prepared = self.caller.post("prepareMultipartUpload", &format!("{path}/prepare"), &body, &[200]);
        let Some(prepared) = prepared.json() else { return Ok(()) };
        let mut complete = json!({ "uploadId": prepared["uploadId"], "key": prepared["key"] });
        let etag = match self.rng.u8(0..6) {
            0 => None,
            _ => self.resources.put(&mut self.caller, &prepared["presignedUrls"][0], &content),
        };
        let Some(etag) = etag else {
            let abort = format!("{path}/abort");
            self.caller.post("abortMultipartUpload", &abort, &complete, &[200]);
            return Ok(());
        };
        complete["parts"] = json!([{ "partNumber": 1, "etag": etag }]);
        match self.caller.post(
            "finishMultipartUpload",
            &format!("{path}/finish"),
            &complete,
            &[200, 201, 202],
        ) {
            Reply::Done(response) if response.status < 300 => {
                self.model.promised.insert(batch);
            }
            Reply::Lost => {
                self.model.ambiguous.insert(batch);
            }
            _ => {}
        }
        Ok(())
    }

    /// Waits until all files are read, compares them with the model, and removes them if there are many.
    fn check_files(&mut self) -> Result<(), String> {
        self.drain()?;
        let rows = self.rows(&format!("Ontology(\"{}/{FILES}\")", self.namespace))?;
        let Some(rows) = rows else { return Ok(()) };
        self.model.compare_dataset(FILES, &rows)?;
        if !self.model.promised.is_empty() {
            return Err(format!("uploads without their rows: {:?}", self.model.promised));
        }
        if self.model.datasets.get(FILES).is_some_and(|batches| batches.len() >= FULL) {
            self.change(Change::Clear(FILES.to_owned()));
        }
        Ok(())
    }

    /// Waits until no ingestion is in progress. Failed ones are retried.
    fn drain(&mut self) -> Result<(), String> {
        let path = format!("/data/self/{}/{FILES}/ingest/attempts?pageSize=100", self.namespace);
        for _ in 0..POLLS {
            let list = match self.caller.call("listIngestions", "GET", &path, &[200, 404]) {
                Reply::Done(response) if response.status == 404 => return Ok(()),
                Reply::Done(response) => serde_json::from_slice::<Value>(&response.body)
                    .map_err(|error| format!("the list of ingestions is not JSON: {error}"))?,
                // The emulator was killed, and the next check decides.
                _ => return Ok(()),
            };
            let mut open = false;
            for ingestion in list["data"].as_array().into_iter().flatten() {
                match ingestion["status"].as_str() {
                    Some("Queued" | "Processing") => open = true,
                    Some("Failed") if ingestion["attributes"]["lastRetryAt"].is_null() => {
                        let id = ingestion["id"].as_str().unwrap_or_default();
                        let retry = format!("/ingestionTracking/{id}/retry");
                        self.caller.call("retryIngestion", "POST", &retry, &[201]);
                        open = true;
                    }
                    _ => {}
                }
            }
            if !open {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Err("ingestions of files do not end".to_owned())
    }

    /// Imports a document that is not valid, which must change nothing.
    fn import_garbage(&mut self) -> Result<(), String> {
        let documents: [&[u8]; 4] =
            [b"", b"{\"datalinks-emulator\":", b"{}\n{}\n", b"\xff\xfe\x00{\"path\":\"../x\"}"];
        let document = documents[self.rng.usize(0..documents.len())];
        self.caller.control("PUT", "import", document, &[400, 422]);
        Ok(())
    }

    /// Injects a fault into one of the next calls of any client.
    fn fault(&mut self) -> Result<(), String> {
        let faults = [
            json!({ "operation": "ingestData", "status": 503 }),
            json!({ "operation": "ingestData", "html": 502 }),
            json!({ "operation": "ingestData", "lose-response": true }),
            json!({ "operation": "ingestData", "cut-bytes": 3 }),
            json!({ "operation": "ingestData", "truncate-body": true }),
            json!({ "operation": "ingestData", "delay": "5ms" }),
            json!({ "operation": "queryData", "status": 429, "retry-after": "1" }),
            json!({ "operation": "queryData", "garbage": true }),
            json!({ "operation": "queryData", "cut-bytes": 100 }),
            json!({ "operation": "putPart", "status": 500 }),
            json!({ "operation": "putPart", "without-header": "etag" }),
            json!({ "operation": "ingestFile", "status": 500 }),
            json!({ "operation": "ingestFile", "delay": "20ms" }),
            json!({ "operation": "agentRun", "end-after": 2 }),
            json!({ "operation": "agentRun", "status": 500 }),
            json!({ "operation": "autoragStream", "cut-after": 3 }),
            json!({ "operation": "runPipeline", "cut-after": 2 }),
        ];
        let fault = faults[self.rng.usize(0..faults.len())].to_string();
        self.caller.control("POST", "faults", fault.as_bytes(), &[200, 201]);
        Ok(())
    }
}

/// Returns the body of an ingestion of a batch, in one of several modes.
fn ingest_body(batch: u64, mode: u32) -> Value {
    let rows = rows(batch);
    match mode {
        0 => json!({
            "data": [{ "parts": rows, "batch": 0 }],
            "infer": { "steps": [{ "type": "rows", "deriveFrom": "parts" }] },
        }),
        1 => json!({
            "data": rows,
            "infer": { "steps": [
                { "type": "validate", "mode": "rows", "columns": ["batch"] },
                { "type": "table", "deriveFrom": "text" },
                { "type": "namedEntities" },
            ] },
        }),
        2 => json!({ "data": rows, "link": { "ExactMatch": { "minDistinct": 0.5 } }, "curate": true }),
        3 => json!({ "data": rows, "link": { "GeoMatch": { "distance": 5, "distanceUnit": "km" } } }),
        _ => json!({ "data": rows, "dataDescription": "numbered rows" }),
    }
}

fn rows(batch: u64) -> Vec<Value> {
    let row = |row: u64| {
        json!({
            "batch": batch, "row": row, "title": format!("Film {batch}"), "place": format!("48.{row}, 11.{batch}"),
            "text": format!("name: Anna {row}, seen: {batch}"),
        })
    };
    (0..ROWS).map(row).collect()
}

/// Returns the name and the content of a file with a batch.
fn file(batch: u64, format: u32) -> (&'static str, String) {
    match format {
        0 => ("rows.ndjson", rows(batch).iter().map(|row| format!("{row}\n")).collect()),
        1 => ("rows.json", Value::from(rows(batch)).to_string()),
        _ => {
            // Values of CSV are strings, so the numbers are written in JSON.
            ("rows.jsonl", rows(batch).iter().map(|row| format!("{row}\r\n")).collect())
        }
    }
}
