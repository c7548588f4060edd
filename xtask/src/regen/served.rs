//! The document that the emulator serves: the hand-written one with the emulator as its servers.

use serde_json::{Value, json};

/// The path of the API on an emulator, relative to the document.
const API: &str = "/api/v1";

/// The path of the ingest proxy.
const PROXY: &str = "/";

/// Returns the document with relative servers, so that a tool never reaches the service with it.
pub(super) fn derive(document: &Value) -> Value {
    let mut served = document.clone();
    served["servers"] = json!([{ "url": API, "description": "This emulator." }]);
    let items = served["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for operation in items.filter_map(Value::as_object_mut).flat_map(|item| item.values_mut()) {
        if operation.get("x-server").is_some_and(|server| server == "proxy") {
            operation["servers"] =
                json!([{ "url": PROXY, "description": "This emulator as the ingest proxy." }]);
        }
    }
    served
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_servers_are_relative_to_the_document() {
        let document = json!({
            "servers": [{ "url": "https://api.example.com/v1" }],
            "paths": {
                "/a": { "parameters": [], "get": { "x-server": "api" } },
                "/b": { "post": { "x-server": "proxy", "servers": [{ "url": "https://example.com" }] } },
            },
        });
        let served = derive(&document);
        assert_eq!(served["servers"][0]["url"], "/api/v1");
        assert_eq!(served["paths"]["/b"]["post"]["servers"][0]["url"], "/");
        assert!(served["paths"]["/a"]["get"].get("servers").is_none());
        assert!(!served.to_string().contains("https://"));
    }
}
