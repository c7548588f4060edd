//! Each kind of difference is found, and no other difference is reported.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{differences, lines, sample};

/// A change of the sample: a location, its new value (null removes it), and the expected line if the project's
/// document or the other one was changed.
type Change = (String, Value, &'static str, &'static str);

fn changes() -> Vec<Change> {
    let path = |location: &str| location.to_owned();
    let thing = |field: &str| format!("/components/schemas/Thing/properties/{field}");
    let read = |rest: &str| format!("/paths/~1things~1{{id}}/get{rest}");
    vec![
        (
            path("/paths/~1events"),
            Value::Null,
            "watch: GET /events is missing",
            "watch: GET /events is not in the other document",
        ),
        (
            read("/operationId"),
            json!("getThing"),
            "readThing: operationId is getThing, the other document has readThing",
            "getThing: operationId is readThing, the other document has getThing",
        ),
        (
            read("/security"),
            json!([]),
            "readThing: needs no token, the other document requires one",
            "readThing: needs a token, the other document makes it public",
        ),
        (
            read("/deprecated"),
            json!(true),
            "readThing: is deprecated, in the other document it is not",
            "readThing: is not deprecated, in the other document it is",
        ),
        (
            read("/parameters"),
            Value::Null,
            "readThing: query limit parameter is missing",
            "readThing: query limit parameter is not in the other document",
        ),
        (
            read("/parameters/0/required"),
            json!(true),
            "readThing query limit: is required, in the other document it is optional",
            "readThing query limit: is optional, the other document requires it",
        ),
        (
            read("/parameters/0/content"),
            json!({ "application/json": { "schema": { "type": "integer", "default": 5 } } }),
            "readThing query limit: the value is serialized as application/json, the other document has plain",
            "readThing query limit: the value is plain, the other document has serialized as application/json",
        ),
        (
            read("/parameters/0/schema/default"),
            Value::Null,
            "readThing query limit: default is none, the other document has 5",
            "readThing query limit: default is 5, the other document has none",
        ),
        (
            read("/parameters/0/schema/default"),
            json!(6),
            "readThing query limit: default is 6, the other document has 5",
            "readThing query limit: default is 5, the other document has 6",
        ),
        (
            path("/components/parameters/Id/schema/minLength"),
            json!(36),
            "readThing path id: minLength is 36, the other document has none",
            "readThing path id: minLength is none, the other document has 36",
        ),
        (
            path("/components/parameters/Id/schema/format"),
            Value::Null,
            "readThing path id: format is none, the other document has uuid",
            "readThing path id: format is uuid, the other document has none",
        ),
        (
            path("/paths/~1things~1{id}/put/requestBody"),
            Value::Null,
            "replaceThing: request body is missing",
            "replaceThing: request body is not in the other document",
        ),
        (
            path("/components/requestBodies/Thing/required"),
            Value::Null,
            "replaceThing request: is optional, the other document requires it",
            "replaceThing request: is required, in the other document it is optional",
        ),
        (
            read("/responses/404"),
            Value::Null,
            "readThing: response 404 is missing",
            "readThing: response 404 is not in the other document",
        ),
        (
            path("/components/responses/Missing/content"),
            Value::Null,
            "readThing 404: has no body, the other document has application/json",
            "readThing 404: has a body (application/json), the other document has none",
        ),
        (
            read("/responses/200/content/text~1csv"),
            json!({ "schema": { "type": "string" } }),
            "readThing 200: media type text/csv is not in the other document",
            "readThing 200: media type text/csv is missing",
        ),
        (
            thing("name/nullable"),
            json!(true),
            "readThing 200.name: null is permitted, the other document does not permit it",
            "readThing 200.name: null is not permitted, the other document permits it",
        ),
        (
            thing("name/type"),
            json!("boolean"),
            "readThing 200.name: type is boolean, the other document has string",
            "readThing 200.name: type is string, the other document has boolean",
        ),
        (
            thing("name/maxLength"),
            json!(10),
            "readThing 200.name: maxLength is 10, the other document has 20",
            "readThing 200.name: maxLength is 20, the other document has 10",
        ),
        (
            thing("size/format"),
            json!("int64"),
            "readThing 200.size: format is int64, the other document has none",
            "readThing 200.size: format is none, the other document has int64",
        ),
        (
            thing("color/enum"),
            json!(["red", "green"]),
            "readThing 200.color: enum is \"green\", \"red\", the other document has \"blue\", \"red\"",
            "readThing 200.color: enum is \"blue\", \"red\", the other document has \"green\", \"red\"",
        ),
        (
            thing("tags/items/type"),
            json!("integer"),
            "readThing 200.tags[]: type is integer, the other document has string",
            "readThing 200.tags[]: type is string, the other document has integer",
        ),
        (
            thing("tags"),
            Value::Null,
            "readThing 200: field tags is missing",
            "readThing 200: field tags is not in the other document",
        ),
        (
            path("/components/schemas/Thing/required"),
            json!([]),
            "readThing 200.name: is optional, the other document requires it",
            "readThing 200.name: is required, in the other document it is optional",
        ),
        (
            path("/components/schemas/ThingRequest"),
            json!({ "type": "object", "properties": { "name": { "type": "string" }, "to": {} }, "required": ["to"] }),
            "replaceThing request: field to is required, and is not in the other document",
            "replaceThing request: field to is missing",
        ),
        (
            thing("notes/additionalProperties"),
            json!(true),
            "readThing 200.notes: other fields have no schema, in the other document they do",
            "readThing 200.notes: is described, the other document permits any object",
        ),
        (
            thing("notes/additionalProperties"),
            Value::Null,
            "readThing 200.notes: other fields have no schema, in the other document they do",
            "readThing 200.notes: other fields have a schema, in the other document they do not",
        ),
        (
            thing("notes/additionalProperties/type"),
            json!("integer"),
            "readThing 200.notes.*: type is integer, the other document has string",
            "readThing 200.notes.*: type is string, the other document has integer",
        ),
        (
            thing("extra"),
            json!({ "type": "array", "items": {} }),
            "readThing 200.extra: type is array, the other document has any object",
            "readThing 200.extra: type is object, the other document has array",
        ),
        (
            path("/components/schemas/Thing/additionalProperties"),
            json!(false),
            "readThing 200: other fields are rejected, the other document permits them",
            "readThing 200: other fields are permitted, the other document rejects them",
        ),
        (
            path("/components/schemas/ThingRequest/additionalProperties"),
            json!(false),
            "replaceThing request: other fields are rejected, the other document does not mention them",
            "replaceThing request: other fields are permitted, the other document rejects them",
        ),
        (
            path("/components/schemas/Part/oneOf/1"),
            Value::Null,
            "readThing 200.parts[]: choice nut is missing",
            "readThing 200.parts[]: choice nut is not in the other document",
        ),
        (
            path("/components/schemas/Bolt/properties/length/minimum"),
            json!(1),
            "readThing 200.parts[]<bolt>.length: minimum is 1, the other document has none",
            "readThing 200.parts[]<bolt>.length: minimum is none, the other document has 1",
        ),
        (
            thing("code/oneOf/0/type"),
            json!("integer"),
            "readThing 200.code: type is one of array, integer, the other document has one of array, string",
            "readThing 200.code: type is one of array, string, the other document has one of array, integer",
        ),
        (
            thing("code/oneOf/1/items/format"),
            json!("uuid"),
            "readThing 200.code<array>[]: format is uuid, the other document has none",
            "readThing 200.code<array>[]: format is none, the other document has uuid",
        ),
        (
            thing("location/anyOf/1/properties/y/type"),
            json!("integer"),
            "readThing 200.location.y: type is integer, the other document has number",
            "readThing 200.location.y: type is number, the other document has integer",
        ),
        (
            path("/components/schemas/Removed/properties/at"),
            Value::Null,
            "watch 200: field at is missing",
            "watch 200: field at is not in the other document",
        ),
    ]
}

/// Changes one location of a document. Null removes the value.
fn change(document: &mut Value, location: &str, value: &Value) {
    let (holder, key) = location.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    match document.pointer_mut(holder).unwrap() {
        Value::Array(items) => {
            let index: usize = key.parse().unwrap();
            if value.is_null() { drop(items.remove(index)) } else { items[index] = value.clone() }
        }
        fields if value.is_null() => drop(fields.as_object_mut().unwrap().remove(&key).unwrap()),
        fields => fields[&key] = value.clone(),
    }
}

/// Returns the lines of a comparison without those of a second operation or schema that shares the changed
/// part.
fn first_location(mut lines: Vec<String>) -> Vec<String> {
    let shared = [("readThing path id: ", "replaceThing path id: ")];
    for (first, second) in shared {
        let known: BTreeSet<String> =
            lines.iter().filter_map(|line| line.strip_prefix(first).map(str::to_owned)).collect();
        lines.retain(|line| line.strip_prefix(second).is_none_or(|text| !known.contains(text)));
    }
    lines
}

#[test]
fn forms_of_the_sample_do_not_differ() {
    for ours in [sample::openapi(), sample::structural()] {
        for theirs in [sample::openapi(), sample::structural()] {
            assert_eq!(lines(&ours, &theirs), Vec::<String>::new());
        }
    }
}

#[test]
fn every_change_is_the_only_difference_in_either_document() {
    for (location, value, if_ours, if_theirs) in changes() {
        let mut changed = sample::openapi();
        change(&mut changed, &location, &value);
        assert_eq!(first_location(lines(&changed, &sample::openapi())), [if_ours], "{location} of ours");
        assert_eq!(first_location(lines(&sample::openapi(), &changed)), [if_theirs], "{location} of theirs");
    }
}

#[test]
fn both_forms_of_the_other_document_give_the_same_differences() {
    for (location, value, _, _) in changes() {
        let mut changed = sample::openapi();
        change(&mut changed, &location, &value);
        let [openapi, structural] =
            [sample::openapi(), sample::structural()].map(|theirs| differences(&changed, &theirs));
        assert_eq!(openapi, structural, "{location}");
    }
}

#[test]
fn schemas_of_several_operations_are_reported_once() {
    let mut changed = sample::openapi();
    change(
        &mut changed,
        "/paths/~1things~1{id}/put/responses/204",
        &sample::openapi()["paths"]["/things/{id}"]["get"]["responses"]["200"],
    );
    let theirs = changed.clone();
    change(&mut changed, "/components/schemas/Thing/properties/name/maxLength", &json!(1));
    assert_eq!(lines(&changed, &theirs), ["readThing 200.name: maxLength is 1, the other document has 20"]);
}

#[test]
fn events_by_name_are_compared_with_a_union_of_their_schemas() {
    let stream = "/paths/~1events/get/responses/200/content/text~1event-stream";
    let by_name = |names: &[(&str, &str)]| {
        let mut document = sample::openapi();
        let events: Value = names
            .iter()
            .map(|(event, schema)| {
                ((*event).to_owned(), json!({ "$ref": format!("#/components/schemas/{schema}") }))
            })
            .collect::<serde_json::Map<_, _>>()
            .into();
        change(&mut document, stream, &json!({ "schema": { "type": "string" }, "x-events": events }));
        document
    };
    let described =
        "watch 200: events are described by name, the other document has a union of their schemas";
    let both = by_name(&[("added", "Added"), ("removed", "Removed")]);
    assert_eq!(lines(&both, &sample::openapi()), [described]);
    assert_eq!(lines(&both, &sample::structural()), [described]);
    assert_eq!(lines(&sample::openapi(), &both), Vec::<String>::new());
    assert_eq!(lines(&both, &both), Vec::<String>::new());

    let other = by_name(&[("added", "Added"), ("problem", "Problem")]);
    assert_eq!(
        lines(&other, &sample::openapi()),
        [
            described,
            "watch 200: event Removed is missing",
            "watch 200: event Problem is not in the other document",
        ]
    );
    assert_eq!(
        lines(&other, &both),
        ["watch 200: event removed is missing", "watch 200: event problem is not in the other document",]
    );

    let mut changed = both.clone();
    change(&mut changed, "/components/schemas/Added/properties/id/format", &json!("uuid"));
    let expected = "watch 200 Added.id: format is uuid, the other document has none";
    assert_eq!(lines(&changed, &sample::openapi()), [described, expected]);

    let mut undescribed = sample::openapi();
    change(&mut undescribed, stream, &json!({ "schema": { "type": "string" } }));
    assert_eq!(
        lines(&both, &undescribed),
        ["watch 200: events are described by name, the other document has a stream of any"]
    );
    assert_eq!(
        lines(&undescribed, &both),
        ["watch 200: event Added is missing", "watch 200: event Removed is missing"]
    );
}

#[test]
fn one_object_for_a_union_of_objects_is_a_difference() {
    let mut merged = sample::openapi();
    change(
        &mut merged,
        "/components/schemas/Thing/properties/location",
        &json!({ "type": "object", "properties": { "x": { "type": "number" }, "y": { "type": "number" } } }),
    );
    assert_eq!(
        lines(&merged, &sample::openapi()),
        [
            "readThing 200.location: is one object, the other document has a union of objects",
            "readThing 200.location.y: is optional, the other document requires it",
        ]
    );
}
