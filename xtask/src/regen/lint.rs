//! What the hand-written document promises, checked.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::references::{operations, parameters, resolve, schemas_below};

/// Fails with every fault found, one a line.
pub(super) fn run(document: &Value) -> Result<(), String> {
    let mut faults = Vec::new();
    let mut ids = BTreeSet::new();
    let mut answers = BTreeSet::new();
    let mut reachable = BTreeSet::new();
    for (path, method, item, operation) in operations(document) {
        let place = format!("{method} {path}");
        match operation["operationId"].as_str() {
            Some(id) if ids.insert(id) => {}
            Some(id) => faults.push(format!("{place}: operationId {id} is taken")),
            None => faults.push(format!("{place}: no operationId")),
        }
        described(&place, operation, &mut faults);
        for parameter in parameters(document, item, operation) {
            let name = parameter["name"].as_str().unwrap_or("?");
            described(&format!("{place}, parameter {name}"), parameter, &mut faults);
            if parameter["in"] == "path" && !is_safe_in_a_path(&parameter["schema"]) {
                faults.push(format!("{place}, parameter {name}: neither a PathSegment nor of format uuid"));
            }
        }
        statuses(&place, operation, &mut faults);
        for (code, response) in operation["responses"].as_object().into_iter().flatten() {
            let response = resolve(document, response);
            described(&format!("{place}, answer {code}"), response, &mut faults);
            schemas_below(document, response, &mut answers);
        }
        schemas_below(document, operation, &mut reachable);
        schemas_below(document, &item["parameters"], &mut reachable);
    }
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        described(&format!("schema {name}"), schema, &mut faults);
        for (property, inner) in schema["properties"].as_object().into_iter().flatten() {
            if inner.get("$ref").is_some() {
                faults.push(format!(
                    "schema {name}, property {property}: a bare reference has no description; put it into allOf"
                ));
            }
            described(&format!("schema {name}, property {property}"), inner, &mut faults);
        }
        let keeps_unknown_fields = schema["additionalProperties"].is_object();
        if answers.contains(name) && schema["type"] == "object" && !keeps_unknown_fields {
            faults.push(format!(
                "schema {name}: an answer without `additionalProperties: {{}}` drops unknown fields"
            ));
        }
        if !reachable.contains(name) {
            faults.push(format!("schema {name}: no operation leads to it"));
        }
    }
    links(document, &mut faults);
    everywhere("document", document, &mut faults);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("the document has {} faults:\n  {}", faults.len(), faults.join("\n  ")))
    }
}

fn described(place: &str, node: &Value, faults: &mut Vec<String>) {
    if node.get("$ref").is_some() {
        // A bare reference carries the description of what it points to.
        return;
    }
    match node["description"].as_str() {
        None => faults.push(format!("{place}: no description")),
        Some(text) if text.trim().is_empty() => faults.push(format!("{place}: empty description")),
        Some(text) if text.lines().any(|line| line.starts_with("    ")) => {
            faults.push(format!(
                "{place}: indented text in the description would become a failing doctest; fence it as text"
            ));
        }
        Some(_) => {}
    }
}

/// Names are checked by the type of `PathSegment`; the text of a UUID cannot address anything else.
fn is_safe_in_a_path(schema: &Value) -> bool {
    schema["$ref"] == "#/components/schemas/PathSegment"
        || (schema["type"] == "string" && schema["format"] == "uuid")
}

/// A link leads from an answer to an operation, and gives it parameters that it has.
fn links(document: &Value, faults: &mut Vec<String>) {
    let known: BTreeMap<&str, Vec<&str>> = operations(document)
        .filter_map(|(_, _, item, operation)| {
            let parameters = parameters(document, item, operation).into_iter();
            let names = parameters.filter_map(|parameter| parameter["name"].as_str()).collect();
            Some((operation["operationId"].as_str()?, names))
        })
        .collect();
    for (path, method, _, operation) in operations(document) {
        let responses = operation["responses"].as_object().into_iter().flatten();
        let links = responses.filter_map(|(_, response)| response["links"].as_object()).flatten();
        for (name, link) in links {
            let place = format!("{method} {path}, link {name}");
            described(&place, link, faults);
            let target = link["operationId"].as_str().unwrap_or_default();
            let Some(names) = known.get(target) else {
                faults.push(format!("{place}: there is no operation {target:?}"));
                continue;
            };
            for given in link["parameters"].as_object().into_iter().flatten().map(|(name, _)| name) {
                if !names.contains(&given.as_str()) {
                    faults.push(format!("{place}: {target} has no parameter {given}"));
                }
            }
        }
    }
}

/// A code beside its range is unreachable in the generated match.
fn statuses(place: &str, operation: &Value, faults: &mut Vec<String>) {
    let codes: Vec<&str> =
        operation["responses"].as_object().into_iter().flatten().map(|(code, _)| code.as_str()).collect();
    for range in codes.iter().filter(|code| code.ends_with("XX")) {
        if let Some(code) = codes.iter().find(|code| !code.ends_with("XX") && code[..1] == range[..1]) {
            faults.push(format!("{place}: {code} stands beside its range {range}"));
        }
    }
}

/// Words that the generator takes for something else, wherever they stand.
fn everywhere(place: &str, node: &Value, faults: &mut Vec<String>) {
    match node {
        Value::Object(fields) => {
            if fields.contains_key("anyOf") {
                faults.push(format!("{place}: anyOf compiles and fails at run time"));
            }
            if fields.contains_key("type") && fields.contains_key("default") {
                faults.push(format!("{place}: `default` changes types; say it in the description"));
            }
            for (name, inner) in fields {
                everywhere(&format!("{place}/{name}"), inner, faults);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                everywhere(&format!("{place}/{index}"), item, faults);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A document without a fault.
    fn sound() -> Value {
        json!({
            "paths": { "/a/{name}": { "get": {
                "operationId": "readA",
                "description": "Reads.",
                "parameters": [{
                    "name": "name", "in": "path", "description": "Which.",
                    "schema": { "$ref": "#/components/schemas/PathSegment" },
                }],
                "responses": { "200": {
                    "description": "Read.",
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/A" } } },
                } },
            } } },
            "components": { "schemas": {
                "PathSegment": { "type": "string", "description": "A name." },
                "A": {
                    "type": "object", "description": "An answer.", "additionalProperties": {},
                    "properties": { "x": { "type": "integer", "description": "A number." } },
                },
            } },
        })
    }

    #[test]
    fn every_rule_finds_its_fault() {
        run(&sound()).unwrap();
        let cases: [(&str, Value, &str); 12] = [
            ("/paths/~1a~1{name}/get/operationId", Value::Null, "no operationId"),
            ("/paths/~1a~1{name}/get/description", json!(" "), "empty description"),
            (
                "/paths/~1a~1{name}/get/parameters/0/description",
                Value::Null,
                "parameter name: no description",
            ),
            (
                "/paths/~1a~1{name}/get/parameters/0/schema",
                json!({ "type": "string" }),
                "neither a PathSegment nor of format uuid",
            ),
            (
                "/paths/~1a~1{name}/get/parameters/0/schema",
                json!({ "type": "string", "format": "date" }),
                "neither a PathSegment nor of format uuid",
            ),
            ("/paths/~1a~1{name}/get/responses/200/description", Value::Null, "answer 200: no description"),
            ("/components/schemas/A/description", json!("Text.\n    code"), "failing doctest"),
            ("/components/schemas/A/additionalProperties", json!(true), "drops unknown fields"),
            ("/components/schemas/A/properties/x/description", Value::Null, "property x: no description"),
            (
                "/components/schemas/A/properties/x",
                json!({ "$ref": "#/components/schemas/A" }),
                "put it into allOf",
            ),
            ("/components/schemas/A/properties/x", json!({ "anyOf": [], "description": "x" }), "anyOf"),
            (
                "/components/schemas/A/properties/x",
                json!({ "type": "integer", "default": 1, "description": "x" }),
                "`default`",
            ),
        ];
        for (place, fault, expected) in cases {
            let mut document = sound();
            *document.pointer_mut(place).unwrap() = fault;
            let found = run(&document).unwrap_err();
            assert!(found.contains(expected), "{place}: {found}");
        }
    }

    #[test]
    fn ids_may_stand_in_a_path() {
        let mut document = sound();
        *document.pointer_mut("/paths/~1a~1{name}/get/parameters/0/schema").unwrap() =
            json!({ "type": "string", "format": "uuid" });
        document["components"]["schemas"].as_object_mut().unwrap().remove("PathSegment");
        run(&document).unwrap();
    }

    #[test]
    fn links_lead_somewhere() {
        let mut document = sound();
        let link = |operation: &str, parameter: &str| {
            json!({ "next": {
            "description": "Reads on.", "operationId": operation, "parameters": { parameter: "$request.path.name" },
        } })
        };
        let links = "/paths/~1a~1{name}/get/responses/200";
        document.pointer_mut(links).unwrap()["links"] = link("readA", "name");
        run(&document).unwrap();
        for (odd, expected) in [
            (link("readB", "name"), "there is no operation \"readB\""),
            (link("readA", "id"), "readA has no parameter id"),
        ] {
            document.pointer_mut(links).unwrap()["links"] = odd;
            let found = run(&document).unwrap_err();
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn what_is_double_or_unused_is_found() {
        let mut document = sound();
        let operation = document["paths"]["/a/{name}"]["get"].clone();
        document["paths"]["/b/{name}"] = json!({ "get": operation });
        assert!(run(&document).unwrap_err().contains("readA is taken"));

        let mut document = sound();
        document["components"]["schemas"]["B"] = json!({ "type": "string", "description": "Nobody's." });
        assert!(run(&document).unwrap_err().contains("schema B: no operation leads to it"));

        let mut document = sound();
        document["paths"]["/a/{name}"]["get"]["responses"]["2XX"] = json!({ "description": "All." });
        assert!(run(&document).unwrap_err().contains("200 stands beside its range 2XX"));
    }
}
