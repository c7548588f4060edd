mod loops;
mod pairs;
mod regen;
mod report;
mod same_wire;

use serde_json::{Value, json};

use super::{Change, between, contract};
use crate::regen::against::document::Document;

fn document(root: Value) -> Document {
    Document::new("made.yaml".to_owned(), root).unwrap()
}

/// Returns the changes between two documents, which must be equal in the structural form of either.
fn changes(old: &Value, new: &Value) -> Vec<Change> {
    let (old, new) = (document(old.clone()), document(new.clone()));
    let found = between(&old, &new).unwrap();
    let structural = document(contract::structural(&old).unwrap());
    assert_eq!(between(&structural, &new).unwrap(), found, "{}", structural.root);
    let structural = document(contract::structural(&new).unwrap());
    assert_eq!(between(&old, &structural).unwrap(), found, "{}", structural.root);
    found
}

/// Returns a document with the paths.
fn with_paths(paths: &Value) -> Value {
    json!({ "openapi": "3.0.3", "info": { "version": "1" }, "paths": paths })
}

/// Returns a document whose operation `write` takes the schema and returns it with status 200.
fn with_schema(version: &str, schema: &Value) -> Value {
    let content = json!({ "application/json": { "schema": schema } });
    let animal = |name: &str| json!({ "type": "object", "properties": { "type": { "type": "string", "enum": [name] } } });
    json!({
        "openapi": version,
        "paths": { "/a": { "put": {
            "operationId": "write",
            "requestBody": { "required": true, "content": content.clone() },
            "responses": { "200": { "description": "Written.", "content": content } },
        } } },
        "components": { "schemas": {
            "Cat": animal("cat"),
            "Kitten": { "$ref": "#/components/schemas/Cat" },
            "Dog": animal("dog"),
            "Pet": { "oneOf": [{ "$ref": "#/components/schemas/Dog" }, { "$ref": "#/components/schemas/Kitten" }] },
            "Red": { "type": "object", "properties": { "hue": { "type": "string" } } },
            "Blue": { "type": "object", "properties": { "hue": { "type": "string" } } },
        } },
    })
}
