//! The operations of an OpenAPI document, 3.0 or 3.1.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    super::model::{Operation, Parameter, ParameterValue, RequestBody},
    content, field, key, members, resolved,
};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Headers that OpenAPI describes elsewhere and ignores as parameters.
const IGNORED_HEADERS: [&str; 3] = ["accept", "authorization", "content-type"];

pub(super) fn operations(root: &Value) -> Result<Vec<Operation<'_>>, String> {
    let mut found = Vec::new();
    for (path, item) in members(&root["paths"]) {
        let item = resolved(root, item, path)?;
        for (method, node) in members(item).filter(|(method, _)| METHODS.contains(method)) {
            found.push(operation(root, path, item, method, node)?);
        }
    }
    Ok(found)
}

fn operation<'a>(
    root: &'a Value,
    path: &'a str,
    item: &'a Value,
    method: &str,
    node: &'a Value,
) -> Result<Operation<'a>, String> {
    let method = method.to_ascii_uppercase();
    let location = format!("{method} {path}");
    let request = match node.get("requestBody") {
        None => None,
        Some(body) => {
            let body = resolved(root, body, &location)?;
            let content = content(&body["content"], |media| field(media, "schema"));
            Some(RequestBody { required: body["required"] == true, content })
        }
    };
    let mut responses = BTreeMap::new();
    for (status, response) in members(&node["responses"]) {
        let response = resolved(root, response, &format!("{location}, response {status}"))?;
        responses.insert(status, content(&response["content"], |media| field(media, "schema")));
    }
    Ok(Operation {
        id: node["operationId"].as_str(),
        path,
        secured: secured(node.get("security").unwrap_or(&root["security"])),
        deprecated: node["deprecated"] == true,
        parameters: parameters(root, item, node, &location)?,
        request,
        responses,
        method,
    })
}

/// Returns `true` if requests need a token. Requirements are alternatives, and an empty one permits requests
/// without a token.
fn secured(requirements: &Value) -> bool {
    let Some(requirements) = requirements.as_array() else { return false };
    !requirements.is_empty()
        && requirements.iter().all(|one| one.as_object().is_some_and(|one| !one.is_empty()))
}

/// Returns the parameters of the path, replaced by those of the operation with the same key.
fn parameters<'a>(
    root: &'a Value,
    item: &'a Value,
    node: &'a Value,
    location: &str,
) -> Result<BTreeMap<(&'a str, String), Parameter<'a>>, String> {
    let mut found = BTreeMap::new();
    for parameter in [item, node].into_iter().filter_map(|holder| holder["parameters"].as_array()).flatten() {
        let parameter = resolved(root, parameter, location)?;
        let key = key(parameter).map_err(|error| format!("{location}, a parameter: {error}"))?;
        if key.0 == "header" && IGNORED_HEADERS.contains(&key.1.as_str()) {
            continue;
        }
        let value = match parameter.get("content") {
            Some(node) => ParameterValue::Content(content(node, |media| field(media, "schema"))),
            None => ParameterValue::Schema(field(parameter, "schema")),
        };
        found.insert(key, Parameter { required: parameter["required"] == true, value });
    }
    Ok(found)
}
