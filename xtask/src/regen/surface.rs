//! What changed for users: operations, parameters and fields added, removed, made required.

use std::collections::BTreeMap;

use serde_json::Value;

/// Whether a thing of the surface must be given (or is always there).
type Surface = BTreeMap<String, bool>;

/// The changes between two generations of the derived documents, one a line.
pub(super) fn compare(before: &[Value], after: &[Value]) -> Vec<String> {
    let (before, after) = (surface(before), surface(after));
    let mut changes = Vec::new();
    for (name, required) in &after {
        match before.get(name) {
            None => changes.push(format!("added: {name}{}", if *required { " (required)" } else { "" })),
            Some(was) if was != required => {
                changes.push(format!("made {}: {name}", if *required { "required" } else { "optional" }));
            }
            Some(_) => {}
        }
    }
    changes.extend(
        before.keys().filter(|name| !after.contains_key(*name)).map(|name| format!("removed: {name}")),
    );
    changes
}

fn surface(documents: &[Value]) -> Surface {
    let mut found = Surface::new();
    for document in documents {
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let id = operation["operationId"].as_str().unwrap_or(path);
                found.insert(format!("operation {id}: {} {path}", method.to_uppercase()), false);
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    let name = parameter["name"].as_str().unwrap_or_default();
                    found.insert(format!("parameter {id}.{name}"), parameter["required"] == true);
                }
            }
        }
        for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
            let required: Vec<&str> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            for (field, inner) in schema["properties"].as_object().into_iter().flatten() {
                let kind = kind(inner);
                found.insert(format!("field {name}.{field}: {kind}"), required.contains(&field.as_str()));
            }
            for value in schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                found.insert(format!("value {name}.{value}"), false);
            }
        }
    }
    found
}

/// The type of a field, in a word.
fn kind(schema: &Value) -> String {
    let reference = schema["$ref"].as_str().or_else(|| schema["allOf"][0]["$ref"].as_str());
    if let Some(path) = reference {
        return path.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let kind = schema["type"].as_str().unwrap_or("any");
    match kind {
        "array" => format!("array of {}", self::kind(&schema["items"])),
        _ => match schema["format"].as_str() {
            Some(format) => format!("{kind} ({format})"),
            None => kind.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(paths: Value, schemas: Value) -> [Value; 1] {
        [json!({ "paths": paths, "components": { "schemas": schemas } })]
    }

    #[test]
    fn changes_are_told_one_by_one() {
        let before = document(
            json!({ "/a": { "get": { "operationId": "readA", "parameters": [{ "name": "n", "required": false }] } } }),
            json!({
                "A": { "required": ["x"], "properties": { "x": { "type": "string" }, "y": { "type": "string" } } },
                "E": { "enum": ["one"] },
            }),
        );
        let after = document(
            json!({
                "/a": { "get": { "operationId": "readA", "parameters": [{ "name": "n", "required": true }] } },
                "/b": { "put": { "operationId": "writeB" } },
            }),
            json!({
                "A": {
                    "required": ["y", "z"],
                    "properties": {
                        "y": { "type": "string" },
                        "z": { "allOf": [{ "$ref": "#/components/schemas/E" }] },
                    },
                },
                "E": { "enum": ["one", "two"] },
            }),
        );
        assert_eq!(
            compare(&before, &after),
            [
                "made required: field A.y: string",
                "added: field A.z: E (required)",
                "added: operation writeB: PUT /b",
                "made required: parameter readA.n",
                "added: value E.two",
                "removed: field A.x: string",
            ]
        );
        assert!(compare(&after, &after).is_empty());
    }
}
