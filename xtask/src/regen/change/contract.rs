//! A contract in structural form: operations by id, and the schemas that they use, without prose.
//!
//! Two documents of the same contract give the same file, except for the names of schemas. The file is derived
//! with all others. It is the previous state with which the next run compares the document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::regen::{
    against::{
        document::Document,
        model::{Content, Media, Operation, ParameterValue},
        read,
        schemas::ANNOTATIONS,
    },
    references::SCHEMAS,
};

/// Returns the structural form of a document.
///
/// # Errors
///
/// Fails if the document cannot be read as a contract, or if a schema refers to something that is not a named
/// schema.
pub(in crate::regen) fn structural(document: &Document) -> Result<Value, String> {
    let contract = read::contract(document)?;
    let mut operations = Map::new();
    for one in &contract.operations {
        operations.insert(one.label(), operation(one));
    }
    let operations = Value::Object(operations);
    Ok(json!({
        "components": { "schemas": reached(document, &operations)? },
        "openapi": document.root["openapi"],
        "operations": operations,
        "version": document.root["info"]["version"],
    }))
}

fn operation(operation: &Operation<'_>) -> Value {
    let parameters = operation.parameters.iter().map(|((sent_in, name), parameter)| {
        let mut one = json!({ "in": sent_in, "name": name, "required": parameter.required });
        match &parameter.value {
            ParameterValue::Schema(node) => one["schema"] = schema(node),
            ParameterValue::Content(bodies) => one["content"] = content(bodies),
        }
        one
    });
    let request = operation
        .request
        .as_ref()
        .map(|body| json!({ "content": content(&body.content), "required": body.required }));
    let responses = operation.responses.iter().map(|(status, bodies)| {
        let bodies = if bodies.is_empty() { Value::Null } else { content(bodies) };
        ((*status).to_owned(), bodies)
    });
    let mut found = json!({
        "auth": operation.secured,
        "method": operation.method,
        "parameters": parameters.collect::<Vec<_>>(),
        "path": operation.path,
        "requestBody": request,
        "responses": responses.collect::<Map<_, _>>(),
    });
    if operation.deprecated {
        found["deprecated"] = true.into();
    }
    found
}

fn content(content: &Content<'_>) -> Value {
    content.iter().map(|(media, body)| (media.clone(), self::body(body))).collect::<Map<_, _>>().into()
}

fn body(media: &Media<'_>) -> Value {
    let mut body = schema(media.schema);
    if let (Some(events), Value::Object(fields)) = (&media.events, &mut body) {
        let events = events.iter().map(|(name, node)| ((*name).to_owned(), schema(node)));
        fields.insert("x-events".to_owned(), events.collect::<Map<_, _>>().into());
    }
    body
}

/// Returns a schema without prose and extensions, sorted. A missing schema permits everything.
pub(super) fn schema(node: &Value) -> Value {
    let fields = match node {
        Value::Object(fields) => fields,
        Value::Bool(_) => return node.clone(),
        _ => return json!({}),
    };
    let kept =
        fields.iter().filter(|(key, _)| !key.starts_with("x-") && !ANNOTATIONS.contains(&key.as_str()));
    let sorted: BTreeMap<&String, Value> = kept.map(|(key, value)| (key, keyword(key, value))).collect();
    sorted.into_iter().map(|(key, value)| (key.clone(), value)).collect::<Map<_, _>>().into()
}

fn keyword(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("properties", Value::Object(fields)) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            sorted.into_iter().map(|(name, node)| (name.clone(), schema(node))).collect::<Map<_, _>>().into()
        }
        ("items" | "additionalProperties" | "unevaluatedProperties" | "not", node) => schema(node),
        ("allOf" | "oneOf" | "anyOf", Value::Array(parts)) => parts.iter().map(schema).collect(),
        ("required", Value::Array(names)) => {
            let names: BTreeSet<&str> = names.iter().filter_map(Value::as_str).collect();
            names.into_iter().collect()
        }
        (_, value) => value.clone(),
    }
}

/// Returns the named schemas that operations use, by name.
fn reached(document: &Document, operations: &Value) -> Result<Value, String> {
    let mut found = BTreeMap::new();
    let mut waiting = BTreeSet::new();
    referred(operations, &mut waiting);
    while let Some(path) = waiting.pop_first() {
        let name = path.strip_prefix(SCHEMAS).filter(|name| !name.contains('/'));
        let node = name.and_then(|name| document.root["components"]["schemas"].get(name));
        let (Some(name), Some(node)) = (name, node) else {
            return Err(format!("{}: {path:?} is not a named schema; correct the document", document.name));
        };
        if !found.contains_key(name) {
            let schema = schema(node);
            referred(&schema, &mut waiting);
            found.insert(name.to_owned(), schema);
        }
    }
    Ok(found.into_iter().collect::<Map<_, _>>().into())
}

/// Collects all references in a node. A field may have the name of the keyword, but then its value is a schema.
fn referred(node: &Value, found: &mut BTreeSet<String>) {
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        match node {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                waiting.extend(fields.values());
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
}
