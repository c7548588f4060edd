//! Derivation of generator-safe documents, one slice per server.
//!
//! Responses that the generator cannot represent are merged here, so that the hand-written document can declare
//! the real statuses.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::references::{SCHEMAS, operations, parameters, resolve, schemas_below};

/// Keywords that bound a value. The generator would ignore them or make another type of the value. Servers get
/// them in the schemas of requests.
const LIMITS: [&str; 7] = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern"];

const EVENT_STREAM: &str = "text/event-stream";

/// The hand-written union of steps. Their types are kept although only this union refers to them.
const STEPS: &str = "IngestRequestInferStep";

/// Returns the part of the document for `server` (`api` or `proxy`).
pub(super) fn slice(document: &Value, server: &str) -> Result<Value, String> {
    let mut paths = Map::new();
    let mut wanted = BTreeSet::new();
    for (path, method, item, operation) in operations(document) {
        if operation["x-server"] != server {
            continue;
        }
        schemas_below(document, operation, &mut wanted);
        schemas_below(document, &item["parameters"], &mut wanted);
        let folded = fold(document, item, operation)
            .map_err(|error| format!("{}: {error}", operation["operationId"].as_str().unwrap_or(path)))?;
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry[method] = folded;
    }
    // Only the merged responses refer to the body of an error.
    schemas_below(document, &json!({ "$ref": format!("{SCHEMAS}ErrorResponse") }), &mut wanted);

    let mut schemas = Map::new();
    for name in wanted {
        let schema =
            document["components"]["schemas"].get(&name).ok_or_else(|| format!("no schema {name}"))?;
        schemas.insert(name, named_schema(schema));
    }
    strip_step_types(document, &mut schemas);
    for name in sent(document, server) {
        if let Some(schema) = schemas.get_mut(&name) {
            keep_empty(schema);
        }
    }
    schemas.extend(own_schemas().map(|(name, schema)| (name.to_owned(), schema)));
    Ok(json!({
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": paths,
        "components": { "schemas": schemas },
    }))
}

/// Returns the names of the schemas in the bodies of requests to `server`.
fn sent(document: &Value, server: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, _, _, operation) in operations(document) {
        if operation["x-server"] == server {
            schemas_below(document, &operation["requestBody"], &mut names);
        }
    }
    names
}

/// Marks the optional lists and maps of an object as nullable. The generator then makes an `Option` of each, so
/// that an empty one can be sent. Without the mark, it omits empty ones.
fn keep_empty(schema: &mut Value) {
    let required = schema["required"].clone();
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        let optional = required.as_array().is_none_or(|names| names.iter().all(|other| other != name));
        let list = property["type"] == "array";
        let map = property["type"] == "object" && property.get("properties").is_none();
        if optional && (list || map) {
            property["nullable"] = true.into();
        }
    }
}

/// Returns an operation with its parameters inlined, all 2xx merged into one response, and all 4xx merged into
/// the API's error schema. Responses with 5xx are omitted, because an HTML body would hide their status.
fn fold(document: &Value, item: &Value, operation: &Value) -> Result<Value, String> {
    let mut folded = Map::new();
    for key in ["operationId", "summary", "description", "tags", "x-server", "x-stream", "x-stream-methods"] {
        if let Some(value) = operation.get(key) {
            folded.insert(key.to_owned(), value.clone());
        }
    }
    if operation["security"] == json!([]) {
        folded.insert("x-public".to_owned(), true.into());
    }
    let parameters: Vec<Value> = parameters(document, item, operation).into_iter().map(parameter).collect();
    if !parameters.is_empty() {
        folded.insert("parameters".to_owned(), parameters.into());
    }
    if let Some(body) = operation.get("requestBody") {
        folded.insert("requestBody".to_owned(), request_body(resolve(document, body)));
    }
    let success = success(document, operation)?;
    if answers_list(document, &success) {
        folded.insert("x-answers-list".to_owned(), true.into());
    }
    folded.insert(
        "responses".to_owned(),
        json!({
            "2XX": success,
            "4XX": {
                "description": "The request was rejected. The error contains the reason.",
                "content": { "application/json": { "schema": { "$ref": format!("{SCHEMAS}ErrorResponse") } } },
            },
        }),
    );
    Ok(folded.into())
}

/// Returns the only successful response with a body, or an empty response.
fn success(document: &Value, operation: &Value) -> Result<Value, String> {
    let mut bodies = Vec::new();
    for (code, response) in operation["responses"].as_object().into_iter().flatten() {
        if !code.starts_with('2') {
            continue;
        }
        let response = resolve(document, response);
        if let Some(content) = response.get("content") {
            let content = adapt(&stream_or_all(content));
            if !bodies.contains(&content) {
                bodies.push(content);
            }
        }
    }
    match bodies.as_slice() {
        [] => Ok(json!({ "description": "Success, with any 2xx status." })),
        [content] => Ok(json!({ "description": "Success, with any 2xx status.", "content": content })),
        _ => Err("two different success bodies cannot be folded into one type".to_owned()),
    }
}

/// Returns the content of a response. If an event stream stands beside JSON, returns only the stream. The
/// generator accepts one media type and returns a stream as the bytes of the body, which carry either form.
fn stream_or_all(content: &Value) -> Value {
    match content.get(EVENT_STREAM) {
        Some(stream) => json!({ EVENT_STREAM: stream }),
        None => content.clone(),
    }
}

fn answers_list(document: &Value, success: &Value) -> bool {
    let schema = &success["content"]["application/json"]["schema"];
    resolve(document, schema)["type"] == "array"
}

/// Adapts a parameter. The generator does not support JSON in a query string, so the value becomes a string.
fn parameter(parameter: &Value) -> Value {
    let mut adapted = adapt(parameter);
    if let Some(fields) = adapted.as_object_mut()
        && fields.remove("content").is_some()
    {
        fields.insert("schema".to_owned(), json!({ "type": "string" }));
    }
    adapted
}

/// Adapts a body. The generator supports plain text only without a schema of its own.
fn request_body(body: &Value) -> Value {
    let mut adapted = adapt(body);
    if let Some(text) = adapted["content"].get_mut("text/plain") {
        text["schema"] = json!({ "type": "string" });
    }
    adapted
}

/// Adapts a named schema. A string keeps its bounds, because it becomes a type that validates them.
fn named_schema(schema: &Value) -> Value {
    let mut adapted = adapt(schema);
    if schema["type"] == "string" {
        for limit in LIMITS {
            if let Some(value) = schema.get(limit) {
                adapted[limit] = value.clone();
            }
        }
    }
    adapted
}

/// Returns a copy without the keywords that the generator ignores or rejects.
fn adapt(node: &Value) -> Value {
    match node {
        Value::Object(fields) => {
            if let Some(name) = own_type(fields) {
                return named(name, fields);
            }
            let is_schema = fields.get("type").is_some_and(Value::is_string);
            if is_schema && fields.get("x-accept-null") == Some(&Value::Bool(true)) {
                let mut nullable = fields.clone();
                nullable.remove("x-accept-null");
                nullable.insert("nullable".to_owned(), true.into());
                return adapt(&Value::Object(nullable));
            }
            let kept = fields.iter().filter(|(key, _)| {
                let left_out = match key.as_str() {
                    "example" | "examples" => true,
                    "format" => fields.get("x-verbatim") == Some(&Value::Bool(true)),
                    // Conditions among fields do not change types.
                    "allOf" => fields.contains_key("properties"),
                    // The generator would make an enum with useless messages. Any JSON value carries either
                    // form.
                    "oneOf" => !fields.contains_key("discriminator"),
                    key => key.starts_with("x-") || (is_schema && LIMITS.contains(&key)),
                };
                !left_out
            });
            Value::Object(kept.map(|(key, value)| (key.clone(), adapt(value))).collect())
        }
        Value::Array(items) => items.iter().map(adapt).collect(),
        other => other.clone(),
    }
}

/// Removes `type` from steps. The union of steps is a hand-written tagged enum, which writes the `type` itself.
fn strip_step_types(document: &Value, schemas: &mut Map<String, Value>) {
    for member in document["components"]["schemas"][STEPS]["oneOf"].as_array().into_iter().flatten() {
        let name = member["$ref"].as_str().and_then(|path| path.strip_prefix(SCHEMAS)).unwrap_or_default();
        let Some(schema) = schemas.get_mut(name) else { continue };
        if let Some(properties) = schema["properties"].as_object_mut() {
            properties.remove("type");
        }
        if let Some(required) = schema["required"].as_array_mut() {
            required.retain(|field| field != "type");
        }
    }
}

/// Returns the type of this workspace that replaces a string property, if any.
fn own_type(fields: &Map<String, Value>) -> Option<&'static str> {
    let word = |key: &str| fields.get(key).and_then(Value::as_str);
    match (word("type"), word("format"), fields.get("x-secret")) {
        (Some("string"), _, Some(Value::Bool(true))) => Some("Secret"),
        (Some("string"), Some("duration"), _) => Some("IsoDuration"),
        _ => None,
    }
}

/// Returns a reference to such a type, with the property's own description and nullability.
fn named(name: &str, fields: &Map<String, Value>) -> Value {
    let mut property = json!({ "allOf": [{ "$ref": format!("{SCHEMAS}{name}") }] });
    for key in ["description", "nullable"] {
        if let Some(value) = fields.get(key) {
            property[key] = value.clone();
        }
    }
    property
}

/// Returns the schemas that [`own_type`] refers to. Hand-written types replace them in generated code.
fn own_schemas() -> [(&'static str, Value); 2] {
    [
        ("IsoDuration", json!({ "type": "string", "description": "A duration in ISO 8601." })),
        ("Secret", json!({ "type": "string", "description": "A value that formatting does not print." })),
    ]
}
