//! Generation of the table of operations, which the transport, the emulator and the tests read.

use std::fmt::Write as _;

use heck::ToSnakeCase as _;
use serde_json::Value;

/// Returns the source of the module that declares `OPERATIONS`, sorted by operation id.
pub(super) fn module(slices: &[Value]) -> Result<String, String> {
    let mut rows = Vec::new();
    for slice in slices {
        for (path, item) in slice["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if let Some(id) = operation["operationId"].as_str() {
                    rows.push((id.to_owned(), row(id, method, path, operation)?));
                }
            }
        }
    }
    rows.sort();
    let mut code = String::from(
        "/// All operations of the document, sorted by id.\npub static OPERATIONS: &[Operation] = &[",
    );
    for (_, row) in rows {
        code.push_str(&row);
    }
    code.push_str("];");
    super::format(code)
}

fn row(id: &str, method: &str, path: &str, operation: &Value) -> Result<String, String> {
    let server = match operation["x-server"].as_str() {
        Some("api") => "Api",
        Some("proxy") => "Proxy",
        other => return Err(format!("{id}: x-server is {other:?}, want api or proxy")),
    };
    let stream = match operation["x-stream"].as_str() {
        None => "None",
        Some("sse") => "Some(StreamKind::Sse)",
        Some("ndjson") => "Some(StreamKind::Ndjson)",
        Some(other) => return Err(format!("{id}: x-stream is {other}, want sse or ndjson")),
    };
    let tag = operation["tags"][0].as_str().unwrap_or_default();
    let list = operation["x-answers-list"].as_bool().unwrap_or(false);
    let public = operation["x-public"].as_bool().unwrap_or(false);
    let methods: Vec<&str> =
        operation["x-stream-methods"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut row = String::new();
    let _ = write!(
        row,
        "Operation {{ id: {id:?}, function: {:?}, method: {:?}, path: {path:?}, tag: {tag:?}, server: Server::{server}, \
         stream: {stream}, stream_methods: &{methods:?}, answers_list: {list}, public: {public} }},",
        id.to_snake_case(),
        method.to_uppercase()
    );
    Ok(row)
}
