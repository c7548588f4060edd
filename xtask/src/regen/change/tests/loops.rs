//! Schemas that contain themselves, shared schemas, and schemas that use each other many times.

use serde_json::{Value, json};

use super::{changes, with_paths, with_schema};
use crate::regen::change::Kind;

/// Returns a document with further named schemas, of which the operation uses `Node`.
fn with_named(named: &Value) -> Value {
    let mut document = with_schema("3.0.3", &json!({ "$ref": "#/components/schemas/Node" }));
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    schemas.extend(named.as_object().unwrap().clone());
    document
}

#[test]
fn recursive_schema_is_compared_once() {
    let node = json!({ "$ref": "#/components/schemas/Node" });
    for inner in [
        json!({ "next": node }),
        json!({ "next": { "type": "array", "items": node } }),
        json!({ "next": { "type": "object", "additionalProperties": node } }),
        json!({ "next": { "oneOf": [node, { "type": "string" }] } }),
    ] {
        let document = |kind: &str| {
            let mut node = json!({ "type": "object", "properties": inner });
            node["properties"]["size"] = json!({ "type": kind });
            with_named(&json!({ "Node": node }))
        };
        let found = changes(&document("integer"), &document("string"));
        let fields: Vec<_> = found.iter().map(|change| (change.kind, change.field.as_deref())).collect();
        assert_eq!(fields, [(Kind::TypeChanged, Some("size")); 2], "{inner}");
    }
}

/// The inline part is a different node at each level, although the schema below is the same.
#[test]
fn comparison_of_schema_recursive_through_inline_part_ends() {
    let document = |kind: &str| {
        let next = json!({ "allOf": [{ "$ref": "#/components/schemas/Node" }, { "required": ["size"] }] });
        with_named(&json!({
            "Node": { "type": "object", "properties": { "next": next, "size": { "type": kind } } },
        }))
    };
    let found = changes(&document("integer"), &document("string"));
    assert!(!found.is_empty() && found.len() < 10, "{found:?}");
    assert!(found.iter().all(|change| change.kind == Kind::TypeChanged), "{found:?}");
}

/// Without a limit, the number of locations would double at each level.
#[test]
fn comparison_of_schemas_with_many_shared_uses_ends() {
    let document = |end: &str| {
        let mut named = json!({ "Node": { "$ref": "#/components/schemas/L0" }, "L40": { "type": end } });
        for level in 0..40 {
            let below = json!({ "$ref": format!("#/components/schemas/L{}", level + 1) });
            named[format!("L{level}")] =
                json!({ "type": "object", "properties": { "one": below.clone(), "two": below } });
        }
        with_named(&named)
    };
    let found = changes(&document("string"), &document("integer"));
    assert!(!found.is_empty() && found.len() <= 200, "{}", found.len());
    assert_eq!(changes(&document("string"), &document("string")), []);
}

#[test]
fn long_chains_of_schemas_are_compared_to_their_end() {
    let document = |end: &str| {
        let mut named = json!({ "Node": { "$ref": "#/components/schemas/N0" }, "N1000": { "type": end } });
        for level in 0..1_000 {
            let below = json!({ "$ref": format!("#/components/schemas/N{}", level + 1) });
            named[format!("N{level}")] = json!({ "type": "array", "items": below });
        }
        with_named(&named)
    };
    let found = changes(&document("string"), &document("integer"));
    assert_eq!(found.len(), 2);
    assert!(found[0].field.as_deref().unwrap().ends_with("[][]"));
}

#[test]
fn change_of_a_shared_schema_is_one_change_with_all_operations() {
    let document = |fields: Value| {
        let body = json!({ "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } });
        let list = json!({ "content": { "application/json": { "schema": {
            "type": "array", "items": { "$ref": "#/components/schemas/Thing" },
        } } } });
        let mut document = with_paths(&json!({
            "/a": {
                "get": { "operationId": "list", "responses": { "200": list } },
                "post": { "operationId": "add", "requestBody": body, "responses": { "201": body } },
            },
            "/a/{id}": {
                "get": { "operationId": "read", "responses": { "200": body } },
                "put": { "operationId": "replace", "requestBody": body, "responses": { "204": {} } },
            },
        }));
        document["components"] =
            json!({ "schemas": { "Thing": { "type": "object", "properties": fields } } });
        document
    };
    let found = changes(&document(json!({ "a": {}, "b": {} })), &document(json!({ "a": {} })));
    let shown: Vec<String> = found
        .iter()
        .map(|change| {
            let operations: Vec<String> = change.operations.iter().map(ToString::to_string).collect();
            format!(
                "{:?} {}: {}",
                change.side.unwrap(),
                change.field.as_deref().unwrap(),
                operations.join(", ")
            )
        })
        .collect();
    assert_eq!(
        shown,
        ["Request b: add, replace", "Response [].b: list 200", "Response b: add 201, read 200"]
    );
}

#[test]
fn operations_are_paired_by_id_first_and_each_once() {
    // The id moved to another path, and another operation took its place.
    let old =
        json!({ "/a": { "get": { "operationId": "read" } }, "/b": { "get": { "operationId": "look" } } });
    let new =
        json!({ "/a": { "get": { "operationId": "look" } }, "/c": { "get": { "operationId": "read" } } });
    let found = changes(&with_paths(&old), &with_paths(&new));
    let kinds: Vec<Kind> = found.iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [Kind::MethodOrPathChanged; 2]);

    // Parameters that exchanged their positions are different ones, and their names are not exchanged.
    let item = |names: [&str; 2]| {
        let parameter =
            |name| json!({ "in": "path", "name": name, "required": true, "schema": { "type": "string" } });
        json!({ "get": { "operationId": "read", "parameters": names.map(parameter) } })
    };
    let old = json!({ "/{a}/{b}": item(["a", "b"]) });
    let new = json!({ "/{c}/{d}": item(["d", "c"]) });
    let found = changes(&with_paths(&old), &with_paths(&new));
    let renamed: Vec<_> = found.iter().map(|change| (&change.before, &change.after)).collect();
    assert_eq!(renamed, [(&json!("a"), &json!("c")), (&json!("b"), &json!("d"))]);
}
