//! Calls of operations: valid, changed at one position, or extreme at many.

use fastrand::Rng;

use super::{LONGEST_TARGET, Scenes, encoded, truncate};
use crate::hostile::contract::Operation;
use crate::hostile::extreme::{self, Extreme, log_uniform, one, word};
use crate::hostile::json::Json;
use crate::hostile::known::{Facts, NAMESPACES};
use crate::hostile::make::{self, Maker};
use crate::hostile::request::{Framing, Request};
use crate::hostile::setup::KEY;
use crate::hostile::texts;

/// Fields whose values the document does not restrict.
const FREE: [&str; 6] = ["data", "sample", "predefinedSchema", "schemaDefinition", "params", "code"];

/// The namespace that destructive calls usually address.
const LAST: &str = "p2";

impl Scenes<'_> {
    /// Returns a call of an operation: valid, changed at one position, or extreme at many.
    pub(super) fn call(&mut self, operation: &Operation) -> Request {
        let mut facts = self.known.facts(&operation.id, self.rng);
        // A question may continue a conversation, in the namespace of the conversation.
        if operation.id.starts_with("autorag") && self.rng.u8(..3) == 0 {
            facts.insert("namespace".to_owned(), NAMESPACES[0].to_owned());
        } else if operation.id.starts_with("autorag") {
            facts.clear();
        }
        let changes = match self.rng.u8(..20) {
            0..3 => 0,
            3..15 => 1,
            15..18 => 2,
            _ => 6,
        };
        let mut path = Vec::new();
        for segment in operation.path.split('/').skip(1) {
            path.push(match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => encoded(&named(operation, &facts, name, self.rng)),
                None => segment.to_owned(),
            });
        }
        let mut query = self.query(operation, &facts);
        let mut body = self.body(operation, &facts);
        let (mut request, mut whole) = (Request::new(&operation.id, &operation.method, ""), Vec::new());
        for _ in 0..changes {
            let path_changes = operation.path.contains('{') && self.rng.u8(..6) == 0;
            match &mut body {
                _ if path_changes => self.change_path(&operation.path, &mut path),
                _ if self.rng.u8(..14) == 0 => self.change_headers(&mut request),
                Some(body) if self.rng.u8(..16) != 0 => self.change_body(operation, body, &mut whole),
                _ => self.change_query(&mut query),
            }
        }
        request.path = format!("/{}", path.join("/"));
        request.query = query.join("&");
        truncate(&mut request.path);
        truncate(&mut request.query);
        if !request.headers.iter().any(|(name, _)| name == "authorization") {
            let key = if self.rng.u8(..16) == 0 { "bo-key" } else { KEY };
            request = request.key(key);
        }
        if let (Some(body), Some(about)) = (body, &operation.body) {
            let mut bytes = if about.media_type == "text/plain" {
                match body {
                    Json::Text(text) => text.into_bytes(),
                    other => other.written().into_bytes(),
                }
            } else {
                body.written().into_bytes()
            };
            for _ in whole {
                extreme::broken(&mut bytes, self.rng);
            }
            let typed = request.headers.iter().any(|(name, _)| name == "content-type");
            if typed {
                request.body = bytes
            } else {
                request = request.body(&about.media_type, bytes)
            }
            if self.rng.u8(..12) == 0 {
                request.framing = Framing::Chunks(log_uniform(self.rng, 16, 100_000));
            }
        }
        request
    }

    fn query(&mut self, operation: &Operation, facts: &Facts) -> Vec<String> {
        let Some(schema) = &operation.query else { return Vec::new() };
        let maker = Maker { contract: self.contract, operation: &operation.id, facts };
        let Json::Object(fields) = maker.value(schema, "", 0, self.rng) else { return Vec::new() };
        let text = |value: &Json| match value {
            Json::Text(text) => text.clone(),
            other => other.written(),
        };
        fields.iter().map(|(name, value)| format!("{name}={}", encoded(&text(value)))).collect()
    }

    /// Returns a valid body: a sample with names that exist, or one generated from the schema.
    fn body(&mut self, operation: &Operation, facts: &Facts) -> Option<Json> {
        let about = operation.body.as_ref()?;
        if operation.id == "a2aJsonRpc" {
            return Some(self.rpc());
        }
        let Some(mut sample) = one(self.rng, &operation.samples).filter(|_| self.rng.bool()).cloned() else {
            let maker = Maker { contract: self.contract, operation: &operation.id, facts };
            return Some(maker.value(&about.schema, "name", 0, self.rng));
        };
        self.rename(&operation.id, &mut sample);
        if facts.is_empty()
            && operation.id.starts_with("autorag")
            && let Json::Object(fields) = &mut sample
        {
            fields.retain(|(name, _)| name != "conversationId");
        }
        for (name, value) in facts {
            if sample.get(name).is_some() {
                sample.set(name, if name == "parts" { Json::Raw(value.clone()) } else { Json::text(value) });
            }
        }
        Some(sample)
    }

    /// Replaces the names of a sample by names that exist.
    fn rename(&mut self, operation: &str, tree: &mut Json) {
        const NAMES: [&str; 12] = [
            "origin",
            "destination",
            "username",
            "owner",
            "namespace",
            "dataset",
            "datasetName",
            "columnName",
            "query",
            "filename",
            "datalinksUsername",
            "deriveFrom",
        ];
        match tree {
            Json::Raw(_) | Json::Text(_) => {}
            Json::Array(items) => items.iter_mut().for_each(|item| self.rename(operation, item)),
            Json::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Json::Text(text) if NAMES.contains(&name.as_str()) => {
                            *text = make::text(operation, name, self.rng)
                        }
                        other => self.rename(operation, other),
                    }
                }
            }
        }
    }

    /// Returns a request of the A2A protocol, whose schema the document does not restrict.
    fn rpc(&mut self) -> Json {
        let method = word(
            self.rng,
            &[
                "SendMessage",
                "SendStreamingMessage",
                "GetTask",
                "ListTasks",
                "CancelTask",
                "GetExtendedAgentCard",
            ],
        );
        let text = make::text("a2aJsonRpc", "query", self.rng);
        let request = serde_json::json!({
            "jsonrpc": "2.0", "id": 1, "method": method,
            "params": {
                "message": {
                    "messageId": "m1", "role": "ROLE_USER", "contextId": "",
                    "parts": [{ "text": text }, { "data": { "a": [1] }, "metadata": {} }],
                    "metadata": { "namespace": word(self.rng, &NAMESPACES) },
                },
                "metadata": { "namespace": word(self.rng, &NAMESPACES) },
                "configuration": { "acceptedOutputModes": ["text", "application/json"] },
                "id": "t1",
            },
        });
        Json::from(&request)
    }

    fn change_path(&mut self, template: &str, path: &mut [String]) {
        self.extremes.insert(Extreme::Path);
        let names: Vec<usize> = template
            .split('/')
            .skip(1)
            .enumerate()
            .filter(|(_, part)| part.starts_with('{'))
            .map(|(index, _)| index)
            .collect();
        let Some(index) = one(self.rng, &names).copied() else { return };
        path[index] = match self.rng.u8(..4) {
            0 => word(
                self.rng,
                &[
                    "",
                    ".",
                    "..",
                    "%2e%2e",
                    "..%2f..%2f..%2fx",
                    "%00",
                    "%FF",
                    "%",
                    "%zz",
                    "%5c",
                    "a%2Fb",
                    "con",
                    "%C0%AF",
                    "%20",
                    "self",
                    "%F0%9F%A7%AA",
                    "_emulator",
                    "..%5c..%5cx",
                    "%0d%0ax:%20y",
                    "~",
                    "*",
                ],
            )
            .to_owned(),
            1 => encoded(&extreme::long(self.rng, 20_000)),
            2 => encoded(&extreme::controls(self.rng)),
            _ => word(
                self.rng,
                &[
                    "0",
                    "-1",
                    "00000000-0000-0000-0000-000000000000",
                    "ffffffff-ffff-ffff-ffff-ffffffffffff",
                    "18446744073709551616",
                    "nobody",
                ],
            )
            .to_owned(),
        };
    }

    pub(super) fn change_query(&mut self, query: &mut Vec<String>) {
        self.extremes.insert(Extreme::QueryString);
        let name = match one(self.rng, query).and_then(|pair| pair.split_once('=')) {
            Some((name, _)) => name.to_owned(),
            None => word(self.rng, &["pageSize", "startIndex", "x", "", "deleteDatasets"]).to_owned(),
        };
        let value = match self.rng.u8(..7) {
            0 => extreme::number(self.rng).chars().take(LONGEST_TARGET).collect(),
            1 => encoded(&extreme::moment(self.rng)),
            2 => encoded(&extreme::long(self.rng, 20_000)),
            3 => encoded(&extreme::controls(self.rng)),
            4 => word(
                self.rng,
                &["%", "%zz", "%FF", "%00", "+", "&", "=", "null", "true", "-0", "[]", "%7B%7D"],
            )
            .to_owned(),
            5 => {
                let times = log_uniform(self.rng, 10, 5_000);
                let mut more: Vec<String> = (0..times).map(|index| format!("{name}={index}")).collect();
                query.append(&mut more);
                return;
            }
            _ => {
                let mut tree =
                    Json::from(&serde_json::json!({ "createdAt": "2026-01-31T12:00:00Z", "id": "x" }));
                let _ = texts::put_any(&mut tree, self.rng);
                encoded(&tree.written().chars().take(6_000).collect::<String>())
            }
        };
        match query.iter_mut().find(|pair| pair.starts_with(&format!("{name}="))) {
            Some(pair) => *pair = format!("{name}={value}"),
            None => query.push(format!("{name}={value}")),
        }
    }

    pub(super) fn change_headers(&mut self, request: &mut Request) {
        self.extremes.insert(Extreme::Headers);
        let long = "x".repeat(log_uniform(self.rng, 10, 60_000));
        let name = word(
            self.rng,
            &[
                "authorization",
                "content-type",
                "host",
                "accept",
                "accept-encoding",
                "content-encoding",
                "expect",
                "last-event-id",
                "origin",
                "range",
                "if-match",
                "a2a-version",
                "x-request-id",
                "cookie",
            ],
        );
        let value = match self.rng.u8(..8) {
            0 => long,
            1 => "\u{e9}\u{1f9ea}".to_owned(),
            2 => String::new(),
            3 => word(
                self.rng,
                &[
                    "Bearer",
                    "Bearer  ",
                    "Basic YTpi",
                    "bearer emulator-key",
                    "Bearer emulator-key,",
                    "Token x",
                ],
            )
            .to_owned(),
            4 => word(
                self.rng,
                &[
                    "text/plain",
                    "application/json; charset=latin1",
                    "multipart/form-data; boundary=",
                    "a/b;=;\"",
                    "*/*;q=nan",
                ],
            )
            .to_owned(),
            5 => word(
                self.rng,
                &[
                    "gzip",
                    "br",
                    "gzip, gzip",
                    "identity;q=0",
                    "100-continue",
                    "0.18446744073709551615",
                    "bytes=0-",
                ],
            )
            .to_owned(),
            6 => word(
                self.rng,
                &[
                    "evil.example",
                    "127.0.0.1:99999",
                    "[::1",
                    "localhost:",
                    ":80",
                    "localhost.evil.example",
                    "null",
                ],
            )
            .to_owned(),
            _ => {
                let many = log_uniform(self.rng, 2, 95);
                request.headers.extend((0..many).map(|index| (format!("x-{index}"), "y".repeat(index))));
                return;
            }
        };
        request.headers.push((name.to_owned(), value));
    }

    fn change_body(&mut self, operation: &Operation, body: &mut Json, whole: &mut Vec<()>) {
        if operation.id == "queryData" && self.rng.bool() {
            self.extremes.insert(Extreme::QueryText);
            let query = texts::extreme_query(self.rng);
            body.set("query", Json::Text(query));
            return;
        }
        let Some(extreme) = one(self.rng, &extreme::IN_BODIES).copied() else { return };
        self.extremes.insert(extreme);
        if extreme == Extreme::Broken {
            whole.push(());
            return;
        }
        // Rows and other free values accept every extreme, at any depth.
        let free = match body {
            Json::Object(fields) if self.rng.u8(..3) != 0 => {
                fields.iter_mut().find(|(name, _)| FREE.contains(&name.as_str())).map(|(_, value)| value)
            }
            _ => None,
        };
        match free {
            Some(rows) => extreme::put(extreme, rows, self.rng),
            None => extreme::put(extreme, body, self.rng),
        }
    }
}

/// Returns the value of a path parameter.
fn named(operation: &Operation, facts: &Facts, name: &str, rng: &mut Rng) -> String {
    // Existing resources must not be destroyed too early.
    let destroys = matches!(
        operation.id.as_str(),
        "balefireDataset" | "balefireNamespace" | "renameDataset" | "renameNamespace" | "clearDataset"
    );
    match facts.get(name) {
        Some(value) => value.clone(),
        None if destroys && name == "namespace" && rng.u8(..4) != 0 => LAST.to_owned(),
        None => make::text("", name, rng),
    }
}
