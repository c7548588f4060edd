//! Differences that are not on the wire are not changes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{changes, with_paths, with_schema};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    #[serde(rename = "name")]
    _name: Option<String>,
    /// The version of the new document.
    version: Option<String>,
    old: Value,
    new: Value,
}

#[test]
fn equivalent_schemas_are_not_a_change() {
    let pairs: Vec<Pair> = serde_saphyr::from_str(include_str!("same.yaml")).unwrap();
    for Pair { version, old, new, .. } in pairs {
        let old = with_schema("3.0.3", &old);
        let new = with_schema(version.as_deref().unwrap_or("3.0.3"), &new);
        assert_eq!(changes(&old, &new), [], "{old}\n{new}");
        assert_eq!(changes(&new, &old), [], "{old}\n{new}");
    }
}

#[test]
fn prose_order_servers_tags_and_shared_parts_are_not_a_change() {
    let old = json!({
        "openapi": "3.0.3",
        "info": { "title": "A", "version": "1" },
        "servers": [{ "url": "https://one.example" }],
        "paths": { "/a/{id}": { "get": {
            "operationId": "read",
            "tags": ["a"],
            "summary": "Reads.",
            "parameters": [
                { "in": "path", "name": "id", "required": true, "schema": { "type": "string" } },
                { "in": "query", "name": "n", "schema": { "type": "integer" } },
            ],
            "responses": {
                "200": { "description": "Read.", "content": { "application/json": { "schema": {} } } },
                "404": { "description": "Not there.", "content": { "application/json": { "schema": {
                    "type": "object", "properties": { "message": { "type": "string" } },
                } } } },
            },
        } } },
    });
    let new = json!({
        "openapi": "3.0.3",
        "info": { "title": "B", "version": "1" },
        "servers": [{ "url": "https://two.example" }],
        "paths": { "/a/{id}": {
            "parameters": [{ "$ref": "#/components/parameters/N" }],
            "get": {
                "operationId": "read",
                "tags": ["b"],
                "description": "Reads one.",
                "x-server": "api",
                "parameters": [
                    { "in": "path", "name": "id", "required": true, "description": "Its id.", "schema": { "type": "string" } },
                ],
                "responses": {
                    "404": { "$ref": "#/components/responses/Missing" },
                    "200": { "description": "The thing.", "content": { "application/json; charset=utf-8": { "example": 1 } } },
                },
            },
        } },
        "components": {
            "parameters": { "N": { "in": "query", "name": "n", "schema": { "type": "integer" } } },
            "responses": { "Missing": { "description": "", "content": { "application/json": { "schema": {
                "$ref": "#/components/schemas/Problem",
            } } } } },
            "schemas": { "Problem": { "type": "object", "properties": { "message": { "type": "string" } } } },
        },
    });
    assert_eq!(changes(&old, &new), []);
    assert_eq!(changes(&new, &old), []);
}

/// A service may not know the names of parameters in its paths, and a name may be written with blanks around
/// it.
#[test]
fn renamed_path_parameters_are_not_a_change() {
    let item = |parameter: &str| {
        json!({ "get": { "operationId": "read", "parameters": [
            { "in": "path", "name": parameter, "required": true, "schema": { "type": "string" } },
        ] } })
    };
    let (old, new) = (json!({ "/a/{id}": item("id") }), json!({ "/a/{i  d}": item("id") }));
    assert_eq!(changes(&with_paths(&old), &with_paths(&new)), []);
}

#[test]
fn operations_without_an_id_are_paired_by_their_path() {
    let (old, new) = (json!({ "/a/{id}": { "get": {} } }), json!({ "/a/{key}": { "get": {} } }));
    assert_eq!(changes(&with_paths(&old), &with_paths(&new)), []);
}

/// Clients write values at positions. If names exchange their positions, the types at these positions must be
/// equal.
#[test]
fn parameters_of_a_path_are_compared_at_their_positions() {
    let item = |x: &str, y: &str| {
        let parameter = |name: &str, of: &str| json!({ "in": "path", "name": name, "required": true, "schema": { "type": of } });
        json!({ "get": { "operationId": "read", "parameters": [parameter("x", x), parameter("y", y)] } })
    };
    let old = with_paths(&json!({ "/a/{x}/{y}": item("string", "integer") }));
    let kinds = |x: &str, y: &str| {
        let new = with_paths(&json!({ "/a/{y}/{x}": item(x, y) }));
        let found = changes(&old, &new);
        found.iter().map(|change| (change.kind.name(), change.field.clone())).collect::<Vec<_>>()
    };
    let renamed = ("parameter renamed", None);
    let changed = |name: &str| ("type changed", Some(format!("path {name}")));
    assert_eq!(kinds("integer", "string"), [renamed.clone(), renamed.clone()]);
    assert_eq!(kinds("string", "integer"), [renamed.clone(), renamed, changed("x"), changed("y")]);
}
