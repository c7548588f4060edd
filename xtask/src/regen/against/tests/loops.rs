//! Schemas that refer to themselves, and dangling references.

use serde_json::{Value, json};

use super::{error, lines};

/// A document with the schema `Node`, which its only operation returns.
fn document(node: Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "paths": { "/a": { "get": {
            "operationId": "read",
            "responses": { "200": { "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Node" },
            } } } },
        } } },
        "components": { "schemas": {
            "Node": node,
            "Base": { "type": "object", "properties": { "label": { "type": "string" } } },
        } },
    })
}

#[test]
fn comparison_ends_at_schemas_that_hold_themselves() {
    let node = json!({ "$ref": "#/components/schemas/Node" });
    let inline = json!({ "allOf": [node.clone(), { "required": ["next"] }] });
    let kinds = [
        json!({ "type": "object", "properties": { "next": node, "size": { "type": "integer" } } }),
        json!({ "type": "object", "properties": { "next": inline, "size": { "type": "integer" } } }),
        json!({ "type": "object", "additionalProperties": inline, "properties": { "size": { "type": "integer" } } }),
        json!({ "type": "object", "properties": {
            "next": { "type": "array", "items": inline }, "size": { "type": "integer" },
        } }),
        json!({
            "allOf": [{ "$ref": "#/components/schemas/Base" }, { "properties": { "size": { "type": "integer" } } }],
            "properties": { "next": { "oneOf": [node, { "type": "string" }] } },
        }),
        // The field that distinguishes the members contains the union itself.
        json!({ "oneOf": [
            { "type": "object", "properties": { "type": { "type": "string", "enum": ["leaf"] } } },
            { "type": "object", "properties": { "type": node, "size": { "type": "integer" } } },
        ] }),
    ];
    for kind in kinds {
        let ours = document(kind.clone());
        assert_eq!(lines(&ours, &ours), Vec::<String>::new(), "{kind}");
        let text = ours.to_string().replace("\"integer\"", "\"boolean\"");
        let theirs: Value = serde_json::from_str(&text).unwrap();
        let found = lines(&ours, &theirs);
        assert!(!found.is_empty() && found.len() < 5, "{kind}: {found:?}");
        let expected = "size: type is integer, the other document has boolean";
        assert!(found.iter().all(|line| line.ends_with(expected)), "{kind}: {found:?}");
    }
}

/// Without a limit, the number of locations would double at each level.
#[test]
fn comparison_ends_where_locations_multiply() {
    let mut document = document(json!({}));
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    for level in 0..40 {
        let below = json!({ "allOf": [{ "$ref": format!("#/components/schemas/L{}", level + 1) }, {}] });
        schemas.insert(
            format!("L{level}"),
            json!({ "type": "object", "properties": { "one": below.clone(), "two": below } }),
        );
    }
    schemas.insert("L40".to_owned(), json!({ "type": "object" }));
    schemas.insert("Node".to_owned(), json!({ "allOf": [{ "$ref": "#/components/schemas/L0" }, {}] }));
    assert_eq!(lines(&document, &document), Vec::<String>::new());
}

#[test]
fn long_chains_of_schemas_are_compared() {
    let chain = |end: &str| {
        let mut document = document(json!({ "$ref": "#/components/schemas/N0" }));
        let schemas = document["components"]["schemas"].as_object_mut().unwrap();
        for level in 0..2_000 {
            let below = json!({ "$ref": format!("#/components/schemas/N{}", level + 1) });
            schemas.insert(format!("N{level}"), json!({ "type": "array", "items": below }));
        }
        schemas.insert("N2000".to_owned(), json!({ "type": end }));
        document
    };
    let found = lines(&chain("string"), &chain("integer"));
    assert_eq!(found.len(), 1);
    assert!(found[0].ends_with("[]: type is string, the other document has integer"), "{found:?}");
}

#[test]
fn schemas_composed_of_themselves_are_errors() {
    let node = json!({ "$ref": "#/components/schemas/Node" });
    let nested = (0..100).fold(json!({}), |inner, _| json!({ "anyOf": [inner, {}] }));
    for kind in [node.clone(), json!({ "allOf": [node.clone()] }), json!({ "oneOf": [{}, node] }), nested] {
        let error = error(document(kind.clone()));
        assert!(error.starts_with("made.yaml: read 200, application/json: "), "{kind}: {error}");
        assert!(error.contains("is composed of itself"), "{kind}: {error}");
    }
}

#[test]
fn unlisted_fields_composed_of_themselves_are_errors() {
    let node = json!({ "$ref": "#/components/schemas/Loop" });
    for key in ["additionalProperties", "unevaluatedProperties"] {
        let mut document = document(json!({ "type": "object", key: node }));
        document["components"]["schemas"]["Loop"] = json!({ "allOf": [node] });
        let error = error(document);
        assert!(error.contains("is composed of itself"), "{key}: {error}");
    }
}

#[test]
fn dangling_references_are_errors_that_name_their_location() {
    let field = |reference: &str| json!({ "type": "object", "properties": { "a": { "$ref": reference } } });
    let missing = error(document(field("#/components/schemas/Lost")));
    let expected = "made.yaml: #/components/schemas/Node.a: \"#/components/schemas/Lost\" does not exist";
    assert!(missing.starts_with(expected), "{missing}");
    let external = error(document(field("common.yaml#/Thing")));
    assert!(external.contains("bundle the document into one file"), "{external}");

    let mut response = document(json!({}));
    response["paths"]["/a"]["get"]["responses"]["404"] = json!({ "$ref": "#/components/responses/Lost" });
    let found = error(response);
    assert!(found.starts_with("made.yaml: GET /a, response 404: "), "{found}");
}

#[test]
fn operations_without_a_required_key_are_errors() {
    let structural = |operation: Value| json!({ "operations": { "read": operation } });
    for (operation, expected) in [
        (json!({ "path": "/a", "auth": true }), "operation read: `method` is missing"),
        (json!({ "method": "GET", "auth": true }), "operation read: `path` is missing"),
        (json!({ "method": "GET", "path": "/a" }), "operation read: `auth` is missing"),
        (
            json!({ "method": "GET", "path": "/a", "auth": true, "parameters": [{ "in": "query" }] }),
            "operation read: `name` is missing",
        ),
    ] {
        let found = error(structural(operation));
        assert!(found.contains(expected), "{found}");
    }
    let mut parameter = document(json!({}));
    parameter["paths"]["/a"]["get"]["parameters"] = json!([{ "name": "x" }]);
    assert!(error(parameter).contains("GET /a, a parameter: `in` is missing"));
}
