//! Requests to the control API of the emulator: clock, faults, whole state.

use serde_json::Value;

use super::{Scenario, Scenes, Step, encoded, truncate};
use crate::hostile::extreme::{self, Extreme, one, word};
use crate::hostile::json::Json;
use crate::hostile::request::Request;
use crate::hostile::setup::{KEY, SNAPSHOT};
use crate::hostile::texts;

/// The paths of the control API: method, path, and body if there is one.
const CONTROL: [(&str, &str, Option<&str>); 20] = [
    ("GET", "/", None),
    ("GET", "/_emulator/page/main.js", None),
    ("GET", "/_emulator/clock", None),
    ("PUT", "/_emulator/clock", Some(r#"{"now":"2026-01-31T12:00:00Z"}"#)),
    ("PUT", "/_emulator/clock", Some(r#"{"advance":"1h 30m"}"#)),
    ("DELETE", "/_emulator/clock", None),
    ("GET", "/_emulator/coverage", None),
    ("GET", "/_emulator/export", None),
    ("GET", "/_emulator/faults", None),
    (
        "POST",
        "/_emulator/faults",
        Some(r#"{"operation":"ingestData","status":503,"retry-after":"2","after":1,"times":2}"#),
    ),
    (
        "POST",
        "/_emulator/faults",
        Some(r#"{"operation":"queryData","garbage":true,"probability":0.5,"delay":"1ms","always":true}"#),
    ),
    (
        "POST",
        "/_emulator/faults",
        Some(r#"{"operation":"ingestData","status":429,"retry-after":"1","above":1,"always":true}"#),
    ),
    ("DELETE", "/_emulator/faults/1", None),
    ("GET", "/_emulator/overview", None),
    ("GET", "/_emulator/requests", None),
    ("GET", "/_emulator/rows?owner=ana&namespace=p0&dataset=trees&sort=id&direction=DESC", None),
    ("GET", "/_emulator/snapshots", None),
    ("POST", "/_emulator/snapshots/second", None),
    ("DELETE", "/_emulator/snapshots/second", None),
    ("POST", "/_emulator/reset", None),
];

impl Scenes<'_> {
    /// Returns a request to the control API.
    pub(super) fn control(&mut self) -> Scenario {
        let Some((method, path, body)) = one(self.rng, &CONTROL).copied() else { return self.wire() };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let name = format!("{method} {path}");
        // The next setup restores everything, which takes longer than other requests.
        if path == "/_emulator/reset" && self.rng.u8(..3) != 0 {
            return self.any();
        }
        let mut request = Request::new(&name, method, path);
        query.clone_into(&mut request.query);
        if let Some(body) = body {
            let sample: Value = serde_json::from_str(body).unwrap_or_default();
            let mut body = Json::from(&sample);
            if self.rng.u8(..8) != 0 {
                self.control_body(path, &mut body);
            }
            request = request.json(body.written());
        }
        match self.rng.u8(..10) {
            0 => self.change_headers(&mut request),
            1 => {
                let mut query: Vec<String> = request.query.split('&').map(str::to_owned).collect();
                self.change_query(&mut query);
                request.query = query.join("&");
            }
            2 | 3 => {
                self.extremes.insert(Extreme::Path);
                let name = match self.rng.u8(..4) {
                    0 => encoded(&extreme::controls(self.rng)),
                    1 => encoded(&extreme::long(self.rng, 2_000)),
                    2 => SNAPSHOT.to_owned(),
                    _ => word(
                        self.rng,
                        &["..", "%2e%2e", "..%2f..%2fx", "%00", "con", "", ".", "a%2Fb", "%FF"],
                    )
                    .to_owned(),
                };
                let end = word(self.rng, &["", "/restore", "/", "/restore/x"]);
                let kind = word(self.rng, &["snapshots", "snapshots", "snapshots", "faults"]);
                request.path = format!("/_emulator/{kind}/{name}{end}");
                request.query.clear();
                word(self.rng, &["POST", "POST", "DELETE", "GET"]).clone_into(&mut request.method);
            }
            4 => word(self.rng, &["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "TRACE"])
                .clone_into(&mut request.method),
            _ => {}
        }
        truncate(&mut request.query);
        let (path, method) = (request.path.clone(), request.method.clone());
        let own = std::mem::take(&mut self.extremes);
        let mut steps = vec![Step::Send(request)];
        let lasts =
            (method == "POST" && path.ends_with("/faults")) || (method == "PUT" && path.ends_with("/clock"));
        if lasts {
            let operation = if path.ends_with("/faults") { "ingestData" } else { "" };
            let affected =
                self.contract.operation(operation).or_else(|| one(self.rng, &self.contract.operations));
            if let Some(operation) = affected {
                let request = self.call(operation);
                steps.push(Step::Send(request));
            }
            for place in ["faults", "clock"] {
                steps.push(Step::Send(Request::new("setup", "DELETE", format!("/_emulator/{place}"))));
            }
        }
        let replaces = path.ends_with("/reset") || path.contains("/restore");
        self.extremes.extend(own);
        let scenario = self.done(&name, steps);
        Scenario { alone: lasts, replaces, ..scenario }
    }

    fn control_body(&mut self, path: &str, body: &mut Json) {
        if path.ends_with("/clock") && self.rng.bool() {
            self.clock_body(body);
            return;
        }
        if path.ends_with("/faults") && self.rng.bool() {
            self.extremes.insert(Extreme::Number);
            let setting = word(
                self.rng,
                &[
                    "status",
                    "html",
                    "cut-after",
                    "cut-bytes",
                    "end-after",
                    "garbage-after",
                    "repeat-event",
                    "after",
                    "times",
                    "above",
                    "probability",
                ],
            );
            let value = extreme::number(self.rng);
            body.set(setting, Json::Raw(value));
            return;
        }
        if let Some(extreme) = texts::put_any(body, self.rng) {
            self.extremes.insert(extreme);
        }
    }

    /// Sets the clock to an end of the calendar, and creates something that has a time.
    pub(super) fn timed(&mut self) -> Scenario {
        let mut body = Json::Object(Vec::new());
        self.clock_body(&mut body);
        let clock = Request::new("PUT /_emulator/clock", "PUT", "/_emulator/clock").json(body.written());
        let mut steps = vec![Step::Send(clock)];
        // Twice, because two resources of the same time must differ.
        for _ in 0..self.rng.u8(..3) {
            let upload = self.upload();
            self.extremes.extend(upload.extremes);
            steps.extend(upload.steps);
        }
        for _ in 0..3 {
            if let Some(operation) = one(self.rng, &self.contract.operations) {
                let request = self.call(operation);
                steps.push(Step::Send(request));
            }
        }
        self.extremes.insert(Extreme::Moment);
        steps.push(Step::Send(Request::new("setup", "DELETE", "/_emulator/clock")));
        let scenario = self.done("PUT /_emulator/clock", steps);
        Scenario { alone: true, ..scenario }
    }

    fn clock_body(&mut self, body: &mut Json) {
        const SPANS: [&str; 10] = [
            "P9999999Y",
            "9223372036854775807s",
            "-1s",
            "2562047788015h",
            "PT0.1234567891S",
            "1e9h",
            "175307616h",
            "70000000h",
            "2000000h",
            "",
        ];
        let (name, value) = if self.rng.u8(..3) == 0 {
            self.extremes.insert(Extreme::Number);
            ("advance", word(self.rng, &SPANS).to_owned())
        } else {
            self.extremes.insert(Extreme::Moment);
            ("now", extreme::moment(self.rng))
        };
        *body = Json::Object(vec![(name.to_owned(), Json::Text(value))]);
    }

    /// Imports a state.
    pub(super) fn imported(&mut self) -> Scenario {
        let mut request = Request::new("PUT /_emulator/import", "PUT", "/_emulator/import");
        self.import(&mut request);
        // The imported state is read.
        let look = Request::new("GET /_emulator/overview", "GET", "/_emulator/overview");
        let usage = Request::new("getUserUsageByDay", "GET", "/api/v1/user/usage/by-day").key(KEY);
        let scenario = self
            .done("PUT /_emulator/import", vec![Step::Send(request), Step::Send(look), Step::Send(usage)]);
        Scenario { replaces: true, ..scenario }
    }

    /// Changes an exported state at some position.
    fn import(&mut self, request: &mut Request) {
        let mut lines: Vec<String> = self.known.export.lines().map(str::to_owned).collect();
        if lines.is_empty() {
            return;
        }
        let index = self.rng.usize(..lines.len());
        match self.rng.u8(..8) {
            0 => drop(lines.remove(index)),
            1 => {
                let line = lines[index].clone();
                lines.push(line);
            }
            2 => {
                let to = self.rng.usize(..lines.len());
                lines.swap(index, to);
            }
            3 => {}
            _ => {
                if let Ok(value) = serde_json::from_str::<Value>(&lines[index]) {
                    let mut tree = Json::from(&value);
                    // Usually the result still has the form of a state.
                    match self.rng.u8(..4) {
                        0 => {
                            self.extremes.insert(Extreme::Path);
                            let number = self.rng.usize(..tree.nodes());
                            if let Some(node) = tree.node(number) {
                                *node = Json::text(word(
                                    self.rng,
                                    &["../../../outside/x", "/outside", "..", "a/../../../outside/x"],
                                ));
                            }
                        }
                        1 | 2 => {
                            let extreme = one(self.rng, &[Extreme::Number, Extreme::Moment, Extreme::Empty])
                                .copied()
                                .unwrap_or(Extreme::Empty);
                            self.extremes.insert(extreme);
                            extreme::put(extreme, &mut tree, self.rng);
                        }
                        _ => self.extremes.extend(texts::put_any(&mut tree, self.rng)),
                    }
                    lines[index] = tree.written();
                }
            }
        }
        request.body = lines.join("\n").into_bytes();
        if self.rng.u8(..8) == 0 {
            self.extremes.insert(Extreme::Broken);
            extreme::broken(&mut request.body, self.rng);
        }
    }
}
