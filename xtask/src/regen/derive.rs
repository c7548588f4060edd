//! The document as the generator can take it: one slice per server, folded where the generator
//! would panic or lose something. The hand-written document stays honest; the folding is here.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::references::{SCHEMAS, operations, parameters, resolve, schemas_below};

/// What limits a value. The generator would lose it, or make another type of it; servers get it in the schemas of
/// requests.
const LIMITS: [&str; 7] = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern"];

const EVENT_STREAM: &str = "text/event-stream";

/// Steps keep their own types though only the hand-written union of them refers to them.
const STEPS: &str = "IngestRequestInferStep";

/// The part of the document that belongs to `server` (`api` or `proxy`).
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
    // Nothing refers to the body of an error but the folded answers.
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

/// The schemas that the bodies of requests to `server` are made of.
fn sent(document: &Value, server: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, _, _, operation) in operations(document) {
        if operation["x-server"] == server {
            schemas_below(document, &operation["requestBody"], &mut names);
        }
    }
    names
}

/// Marks the optional lists and maps of an object as nullable. The generator then makes an `Option` of each, so that
/// an empty one can be sent. Without the mark, it leaves out whatever is empty.
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

/// One operation with its parameters inlined, every 2xx folded into one answer and every 4xx into
/// the API's error shape. 5xx stay undeclared: an HTML page would hide their status.
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
                "description": "Refused; the error says why.",
                "content": { "application/json": { "schema": { "$ref": format!("{SCHEMAS}ErrorResponse") } } },
            },
        }),
    );
    Ok(folded.into())
}

/// The one answer with a body among the successes, or an empty one.
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
        [] => Ok(json!({ "description": "Done; any 2xx status counts." })),
        [content] => Ok(json!({ "description": "Done; any 2xx status counts.", "content": content })),
        _ => Err("two different success bodies cannot be folded into one type".to_owned()),
    }
}

/// The content of a response. Where an event stream stands beside JSON, only the stream: the generator takes one media
/// type, and makes of a stream the bytes of the body, which carry either.
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

/// A parameter. The generator knows no JSON in a query string, so that is a text there.
fn parameter(parameter: &Value) -> Value {
    let mut adapted = adapt(parameter);
    if let Some(fields) = adapted.as_object_mut()
        && fields.remove("content").is_some()
    {
        fields.insert("schema".to_owned(), json!({ "type": "string" }));
    }
    adapted
}

/// A body. The generator knows no plain text but a bare one.
fn request_body(body: &Value) -> Value {
    let mut adapted = adapt(body);
    if let Some(text) = adapted["content"].get_mut("text/plain") {
        text["schema"] = json!({ "type": "string" });
    }
    adapted
}

/// A schema with a name. A text keeps its limits: it becomes a type of its own, which checks them.
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

/// A copy without what the generator ignores or trips over.
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
                    // Conditions among fields are no types.
                    "allOf" => fields.contains_key("properties"),
                    // The generator would make an enum whose messages help nobody; any JSON value carries either form.
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

/// The union of steps is a tagged enum written by hand, which writes the `type` itself.
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

/// The type of this workspace that a property of type string becomes, if any.
fn own_type(fields: &Map<String, Value>) -> Option<&'static str> {
    let word = |key: &str| fields.get(key).and_then(Value::as_str);
    match (word("type"), word("format"), fields.get("x-secret")) {
        (Some("string"), _, Some(Value::Bool(true))) => Some("Secret"),
        (Some("string"), Some("duration"), _) => Some("IsoDuration"),
        _ => None,
    }
}

/// A reference to one of them, with the property's own description and nullability.
fn named(name: &str, fields: &Map<String, Value>) -> Value {
    let mut property = json!({ "allOf": [{ "$ref": format!("{SCHEMAS}{name}") }] });
    for key in ["description", "nullable"] {
        if let Some(value) = fields.get(key) {
            property[key] = value.clone();
        }
    }
    property
}

/// The schemas that [`own_type`] refers to; the generated code replaces them.
fn own_schemas() -> [(&'static str, Value); 2] {
    [
        ("IsoDuration", json!({ "type": "string", "description": "A duration in ISO 8601." })),
        ("Secret", json!({ "type": "string", "description": "A value that formatting does not print." })),
    ]
}
