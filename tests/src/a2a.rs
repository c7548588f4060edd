//! Samples of version 1.0 of the A2A protocol: requests, responses and streams.

use serde_json::Value;

/// The id of every request of the client.
const ID: &str = "1";

/// Returns all samples.
pub fn samples() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/a2a.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns a sample as a response to a request of the client, which chooses the id.
pub fn response(sample: &Value) -> Value {
    let mut response = sample.clone();
    if !response["id"].is_null() {
        response["id"] = ID.into();
    }
    response
}

/// Returns a successful response with this result.
pub fn result(result: impl Into<Value>) -> Value {
    serde_json::json!({ "jsonrpc": "2.0", "id": ID, "result": result.into() })
}

/// Returns a response with this error.
pub fn error(code: i64, message: &str) -> Value {
    serde_json::json!({ "jsonrpc": "2.0", "id": ID, "error": { "code": code, "message": message } })
}

/// Returns a response as a server-sent event.
pub fn event(response: &Value) -> String {
    format!("data: {response}\n\n")
}

/// Returns the events of a sample stream.
pub fn events(stream: &Value) -> Vec<String> {
    stream["frames"].as_array().unwrap().iter().map(|frame| event(&response(frame))).collect()
}
