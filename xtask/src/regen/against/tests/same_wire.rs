//! Different declarations of the same wire do not differ.

use serde_json::{Value, json};

use super::{lines, sample};

/// Returns a document whose only operation returns the schema.
fn returning(version: &str, schema: Value) -> Value {
    json!({
        "openapi": version,
        "paths": { "/a": { "get": {
            "operationId": "read",
            "responses": { "200": { "content": { "application/json": { "schema": schema } } } },
        } } },
        "components": { "schemas": {
            "Named": { "type": "object", "properties": { "id": { "type": "string" } } },
            "Other": { "type": "object", "required": ["n"], "properties": { "n": { "type": "integer" } } },
            "Word": { "type": "string", "enum": ["a", "b"] },
            "A": { "type": "object", "properties": { "type": { "type": "string", "enum": ["a"] } } },
            "B": { "type": "object", "properties": { "type": { "type": "string", "enum": ["b"] } } },
        } },
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

#[test]
fn openapi_3_0_and_3_1_declarations_are_equal() {
    let equal = [
        (json!({ "type": "string", "nullable": true }), json!({ "type": ["string", "null"] })),
        (
            json!({ "nullable": true, "allOf": [reference("Named")] }),
            json!({ "anyOf": [reference("Named"), { "type": "null" }] }),
        ),
        (
            json!({ "nullable": true, "oneOf": [reference("A"), reference("B")] }),
            json!({ "oneOf": [reference("A"), reference("B"), { "type": "null" }] }),
        ),
        (json!({ "type": "string", "enum": ["a"] }), json!({ "const": "a" })),
        (
            json!({ "type": "string", "nullable": true, "enum": ["a", "b"] }),
            json!({ "type": ["string", "null"], "enum": ["a", "b", null] }),
        ),
        (json!({ "type": "string", "nullable": true, "enum": ["a"] }), json!({ "enum": ["a", null] })),
        (
            json!({ "type": "number", "minimum": 1, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false }),
            json!({ "type": "number", "exclusiveMinimum": 1.0, "maximum": 9 }),
        ),
        (
            json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] }),
            json!({ "type": ["integer", "string"] }),
        ),
        (
            json!({ "nullable": true, "allOf": [reference("Word")] }),
            json!({ "$ref": "#/components/schemas/Word", "nullable": true, "description": "A word." }),
        ),
        (
            json!({ "type": "string", "format": "binary" }),
            json!({ "type": "string", "contentMediaType": "application/octet-stream" }),
        ),
        (json!({ "type": "array", "items": {} }), json!({ "type": "array", "items": true })),
    ];
    for (old, new) in equal {
        let (old, new) = (returning("3.0.3", old), returning("3.1.0", new));
        assert_eq!(lines(&old, &new), Vec::<String>::new(), "{new}");
        assert_eq!(lines(&new, &old), Vec::<String>::new(), "{new}");
    }
}

#[test]
fn declarations_of_the_same_schema_are_equal() {
    let object = |fields: Value| json!({ "type": "object", "properties": fields });
    let equal = [
        (reference("Named"), object(json!({ "id": { "type": "string" } }))),
        (reference("Named"), json!({ "allOf": [reference("Named")], "description": "Named." })),
        (
            json!({ "allOf": [reference("Named"), reference("Other")] }),
            json!({
                "type": "object", "required": ["n"],
                "properties": { "id": { "type": "string" }, "n": { "type": "integer" } },
            }),
        ),
        (
            json!({ "oneOf": [reference("Named"), reference("Other")] }),
            json!({ "anyOf": [reference("Other"), reference("Named")] }),
        ),
        (
            json!({ "oneOf": [reference("A"), reference("B")] }),
            json!({ "anyOf": [reference("B"), reference("A")], "discriminator": { "propertyName": "type" } }),
        ),
        (
            json!({ "type": "object", "properties": { "a": {} }, "anyOf": [{ "required": ["a"] }] }),
            object(json!({ "a": {} })),
        ),
        (json!({ "properties": { "a": {} } }), object(json!({ "a": { "description": "Anything." } }))),
        (json!({ "type": "object", "additionalProperties": true }), json!({ "additionalProperties": {} })),
        (json!({ "type": "string", "minLength": 0 }), json!({ "type": "string" })),
        (json!({ "type": "string", "enum": ["a", "b"] }), json!({ "type": "string", "enum": ["b", "a"] })),
        (
            json!({ "type": "number", "maximum": 1 }),
            json!({ "type": "number", "maximum": 1.0, "title": "A share", "example": 0.5, "x-note": 1 }),
        ),
    ];
    for (one, other) in equal {
        let (one, other) = (returning("3.0.3", one), returning("3.0.3", other));
        for (ours, theirs) in [(&one, &other), (&other, &one)] {
            let mut found = lines(ours, theirs);
            // A property of the declaration that is reported separately.
            found.retain(|line| !line.contains("is one object"));
            assert_eq!(found, Vec::<String>::new(), "{ours} {theirs}");
        }
    }
}

#[test]
fn discriminators_work_by_mapping_and_by_name() {
    let document = |a: Value, discriminator: Value| {
        let union = json!({ "oneOf": [reference("A"), reference("B")], "discriminator": discriminator });
        let mut document = returning("3.0.3", union);
        document["components"]["schemas"]["A"]["properties"]["type"] = a;
        document["components"]["schemas"]["B"]["properties"]["type"] = json!({ "type": "string" });
        document
    };
    let text = json!({ "type": "string" });
    let mapped = document(
        text.clone(),
        json!({ "propertyName": "type", "mapping": { "a": "#/components/schemas/A", "b": "B" } }),
    );
    let named = document(text, json!({ "propertyName": "type" }));
    assert_eq!(lines(&mapped, &mapped), Vec::<String>::new());
    assert_eq!(
        lines(&named, &mapped),
        [
            "read 200: choice a is missing",
            "read 200: choice b is missing",
            "read 200: choice A is not in the other document",
            "read 200: choice B is not in the other document",
        ]
    );
}

#[test]
fn servers_prose_and_extensions_are_not_compared() {
    let mut other = sample::openapi();
    other["servers"] = json!([{ "url": "https://two.example" }]);
    other["info"]["version"] = json!("2");
    other["tags"] = json!([{ "name": "new" }]);
    other["x-ours"] = json!(1);
    let read = &mut other["paths"]["/things/{id}"]["get"];
    read["tags"] = json!(["other"]);
    read["summary"] = json!("Read");
    read["x-server"] = json!("api");
    read["responses"]["200"]["links"] = json!({ "next": { "operationId": "watch" } });
    read["responses"]["200"]["headers"] = json!({ "etag": { "schema": { "type": "string" } } });
    read["responses"]["200"]["content"]["application/json"]["example"] = json!({ "name": "a" });
    read["parameters"][0]["description"] = json!("How many.");
    other["components"]["schemas"]["Thing"]["properties"]["size"]["deprecated"] = json!(true);
    assert_eq!(lines(&sample::openapi(), &other), Vec::<String>::new());
    assert_eq!(lines(&other, &sample::openapi()), Vec::<String>::new());
}

#[test]
fn security_is_inherited_and_may_be_optional() {
    let mut other = sample::openapi();
    other["security"] = json!([{ "openId": [] }, { "basic": [] }]);
    assert_eq!(lines(&sample::openapi(), &other), Vec::<String>::new());
    other["security"] = json!([]);
    other["paths"]["/things/{id}"]["get"]["security"] = json!([{ "bearer": [] }]);
    other["paths"]["/things/{id}"]["put"]["security"] = json!([{ "bearer": [] }]);
    assert_eq!(lines(&sample::openapi(), &other), Vec::<String>::new());
    other["paths"]["/things/{id}"]["get"]["security"] = json!([{}, { "bearer": [] }]);
    let expected = "readThing: needs a token, the other document makes it public";
    assert_eq!(lines(&sample::openapi(), &other), [expected]);
}

#[test]
fn parameters_of_an_operation_replace_those_of_its_path() {
    let mut other = sample::openapi();
    let item = &mut other["paths"]["/things/{id}"];
    let mut limit = item["get"]["parameters"][0].clone();
    limit["schema"]["type"] = json!("string");
    item["get"]["parameters"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "in": "header", "name": "Authorization", "schema": {} }));
    item["put"]["parameters"] = json!([limit.clone()]);
    let mut ours = other.clone();
    let ours_item = &mut ours["paths"]["/things/{id}"];
    ours_item["parameters"].as_array_mut().unwrap().push(limit);
    ours_item["put"]["parameters"] = json!([]);
    assert_eq!(lines(&ours, &other), Vec::<String>::new());
}

#[test]
fn operations_without_an_id_are_matched_by_their_path() {
    let mut without = sample::openapi();
    let read = without["paths"]["/things/{id}"]["get"].as_object_mut().unwrap();
    read.remove("operationId");
    assert_eq!(lines(&sample::openapi(), &without), Vec::<String>::new());
    assert_eq!(
        lines(&without, &sample::openapi()),
        ["readThing: operationId is none, the other document has readThing"]
    );

    let mut listed = sample::structural();
    let operations = listed["operations"].as_object_mut().unwrap();
    let read = operations.remove("readThing").unwrap();
    operations.insert("GET /things/{id}".to_owned(), read);
    assert_eq!(lines(&sample::openapi(), &listed), Vec::<String>::new());
}
