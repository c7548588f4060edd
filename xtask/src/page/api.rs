//! Calls of programs to the emulator while the page is open.

use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::json;

/// A client of the API with the key.
pub(super) struct Api {
    http: Client,
    /// The URL of the emulator without a path.
    pub(super) origin: String,
    key: String,
}

impl Api {
    pub(super) fn new(origin: &str, key: &str) -> Result<Self, String> {
        let http = Client::builder().no_proxy().build().map_err(|error| error.to_string())?;
        Ok(Self { http, origin: origin.to_owned(), key: key.to_owned() })
    }

    /// Sends a call with an optional JSON body. Returns the status.
    fn call(&self, method: Method, path: &str, body: Option<String>) -> Result<u16, String> {
        let mut request =
            self.http.request(method, format!("{}/api/v1{path}", self.origin)).bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let answer = request.send().map_err(|error| format!("{path}: {error}"))?;
        Ok(answer.status().as_u16())
    }

    pub(super) fn get(&self, path: &str) -> Result<u16, String> {
        self.call(Method::GET, path, None)
    }

    /// Sends a call that must succeed.
    fn post(&self, path: &str, body: String) -> Result<(), String> {
        match self.call(Method::POST, path, Some(body))? {
            200..=299 => Ok(()),
            status => Err(format!("{path} returned {status}")),
        }
    }

    /// Returns the response of a path below `/_emulator/`.
    pub(super) fn control(&self, place: &str) -> Result<String, String> {
        let answer = self.http.get(format!("{}/_emulator/{place}", self.origin)).send();
        answer.and_then(|answer| answer.text()).map_err(|error| format!("{place}: {error}"))
    }

    /// Injects a fault.
    pub(super) fn fault(&self, fault: &str) -> Result<(), String> {
        let request = self.http.post(format!("{}/_emulator/faults", self.origin)).body(fault.to_owned());
        let answer = request.header("content-type", "application/json").send();
        answer
            .and_then(|answer| answer.error_for_status())
            .map(drop)
            .map_err(|error| format!("faults: {error}"))
    }

    /// Creates a dataset with rows. The rows are JSON text, because their order and their digits matter.
    pub(super) fn dataset(&self, namespace: &str, name: &str, about: &str, rows: &str) -> Result<(), String> {
        let place = format!("{}/{}", encoded(namespace), encoded(name));
        self.post(&format!("/ingest/new/{place}"), json!({ "dataDescription": about }).to_string())?;
        self.post(&format!("/ingest/{place}"), format!("{{\"data\":{rows}}}"))
    }

    /// Requests links of a dataset.
    pub(super) fn find_links(&self, namespace: &str, dataset: &str) -> Result<(), String> {
        let wanted = json!({ "data": [], "link": { "ExactMatch": null, "GeoMatch": null } });
        self.post(&format!("/links/self/{namespace}/{dataset}"), wanted.to_string())
    }

    /// Links two columns, each given as namespace, dataset and column.
    pub(super) fn link(&self, kind: &str, from: [&str; 3], to: [&str; 3]) -> Result<(), String> {
        let end = |[namespace, dataset, column]: [&str; 3]| json!({ "username": "self", "namespace": namespace, "dataset": dataset, "columnName": column });
        let body = json!({ "from": end(from), "to": end(to), "matchType": kind });
        self.post("/links/add", body.to_string())
    }
}

fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    name.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
