//! Resolution of `$ref`.

use std::collections::BTreeSet;

use serde_json::Value;

/// The prefix of references to schemas.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

/// Returns the node at the end of a chain of references, or `node` itself if it is not a reference.
pub(super) fn resolve<'a>(document: &'a Value, mut node: &'a Value) -> &'a Value {
    // A longer chain is a loop, which the generator reports.
    for _ in 0..20 {
        let Some(target) = node["$ref"].as_str().and_then(|path| path.strip_prefix('#')) else { break };
        match document.pointer(target) {
            Some(found) => node = found,
            None => break,
        }
    }
    node
}

/// Collects the names of all schemas that `node` refers to, directly or indirectly.
pub(super) fn schemas_below(document: &Value, node: &Value, found: &mut BTreeSet<String>) {
    match node {
        Value::Object(fields) => {
            if let Some(path) = fields.get("$ref").and_then(Value::as_str) {
                let is_new = match path.strip_prefix(SCHEMAS) {
                    Some(name) => found.insert(name.to_owned()),
                    None => true,
                };
                if is_new && let Some(target) = path.strip_prefix('#').and_then(|path| document.pointer(path))
                {
                    schemas_below(document, target, found);
                }
            }
            fields.values().for_each(|field| schemas_below(document, field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| schemas_below(document, item, found)),
        _ => {}
    }
}

/// Returns all operations of the document: path, method, path item, operation.
pub(super) fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value, &Value)> {
    document["paths"].as_object().into_iter().flatten().flat_map(|(path, item)| {
        item.as_object()
            .into_iter()
            .flatten()
            .filter(|(method, _)| matches!(method.as_str(), "get" | "put" | "post" | "delete" | "patch"))
            .map(move |(method, operation)| (path.as_str(), method.as_str(), item, operation))
    })
}

/// Returns the resolved parameters of an operation, including those of its path.
pub(super) fn parameters<'a>(document: &'a Value, item: &'a Value, operation: &'a Value) -> Vec<&'a Value> {
    [item, operation]
        .into_iter()
        .filter_map(|holder| holder["parameters"].as_array())
        .flatten()
        .map(|parameter| resolve(document, parameter))
        .collect()
}
