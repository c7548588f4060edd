//! The responses that the document declares.

use std::sync::LazyLock;

use http::StatusCode;
use serde_json::{Map, Value};

/// The document. A test finds out whether it can be parsed.
static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(datalinks_gen::RESPONSES).unwrap_or_default());

/// Returns the version of the OpenAPI document that this crate is generated from. It is the version of the vendor's contract.
///
/// ```
/// assert!(datalinks::drift::contract_version().contains('.'));
/// ```
pub fn contract_version() -> &'static str {
    DOCUMENT["version"].as_str().unwrap_or_default()
}

/// What the document says about a response.
pub(super) struct Declared {
    /// The statuses of the operation, without the default.
    pub(super) statuses: Vec<&'static str>,
    /// The shapes of the body by media type, or `None` if the document does not list the status.
    pub(super) listed: Option<&'static Map<String, Value>>,
    /// The shapes of the body of a status that is not listed.
    pub(super) default: Option<&'static Map<String, Value>>,
}

/// Returns what the document says about a response with this status. `None` if it does not have the operation.
pub(super) fn response(operation: &str, status: StatusCode) -> Option<Declared> {
    let responses = DOCUMENT["operations"][operation].as_object()?;
    let shapes = |name: &str| responses.get(name).and_then(Value::as_object);
    let range = format!("{}XX", status.as_u16() / 100);
    Some(Declared {
        statuses: responses.keys().map(String::as_str).filter(|name| *name != "default").collect(),
        listed: shapes(status.as_str()).or_else(|| shapes(&range)),
        default: shapes("default"),
    })
}

/// Longest chain of references and compositions that is followed.
const DEEPEST: usize = 32;

/// The parts of a schema: itself, what it refers to, and what it is composed of. A value fits the schema if it fits all.
pub(super) fn parts(schema: &'static Value) -> Vec<&'static Map<String, Value>> {
    let mut found = Vec::new();
    add_parts(schema, &mut found, DEEPEST);
    found
}

fn add_parts(schema: &'static Value, found: &mut Vec<&'static Map<String, Value>>, depth: usize) {
    let (Some(own), Some(below)) = (schema.as_object(), depth.checked_sub(1)) else { return };
    found.push(own);
    if let Some(name) = own.get("$ref").and_then(Value::as_str) {
        add_parts(named(name), found, below);
    }
    for part in own.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        add_parts(part, found, below);
    }
}

/// Returns the schema of this name.
pub(super) fn named(name: &str) -> &'static Value {
    &DOCUMENT["$defs"][name]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_has_all_operations_and_schemas() {
        for operation in datalinks_gen::OPERATIONS {
            let declared = response(operation.id, StatusCode::OK);
            assert!(declared.is_some_and(|declared| !declared.statuses.is_empty()), "{}", operation.id);
        }
        fn check(value: &Value) {
            match value {
                Value::Object(fields) => {
                    if let Some(name) = fields.get("$ref").and_then(Value::as_str) {
                        assert!(named(name).is_object(), "{name}");
                    }
                    fields.values().for_each(check);
                }
                Value::Array(items) => items.iter().for_each(check),
                _ => {}
            }
        }
        check(&DOCUMENT);
    }

    #[test]
    fn range_of_statuses_lists_each_of_them() {
        let listed =
            |id, status| response(id, StatusCode::from_u16(status).unwrap()).unwrap().listed.is_some();
        assert!(listed("getPipelineTrace", 203) && !listed("getPipelineTrace", 302));
        assert!(listed("getCurrentUser", 401) && !listed("getCurrentUser", 418));
    }
}
