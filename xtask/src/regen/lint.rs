//! Validation of the hand-written document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::references::{operations, parameters, resolve, schemas_below};

/// Returns an error with one line per violation.
pub(super) fn run(document: &Value) -> Result<(), String> {
    let mut violations = Vec::new();
    let mut ids = BTreeSet::new();
    let mut answers = BTreeSet::new();
    let mut reachable = BTreeSet::new();
    for (path, method, item, operation) in operations(document) {
        let place = format!("{method} {path}");
        match operation["operationId"].as_str() {
            Some(id) if ids.insert(id) => {}
            Some(id) => violations.push(format!("{place}: operationId {id} is not unique")),
            None => violations.push(format!("{place}: no operationId")),
        }
        described(&place, operation, &mut violations);
        for parameter in parameters(document, item, operation) {
            let name = parameter["name"].as_str().unwrap_or("?");
            described(&format!("{place}, parameter {name}"), parameter, &mut violations);
            if parameter["in"] == "path" && !is_safe_in_a_path(&parameter["schema"]) {
                violations
                    .push(format!("{place}, parameter {name}: neither a PathSegment nor of format uuid"));
            }
        }
        statuses(&place, operation, &mut violations);
        for (code, response) in operation["responses"].as_object().into_iter().flatten() {
            let response = resolve(document, response);
            described(&format!("{place}, response {code}"), response, &mut violations);
            schemas_below(document, response, &mut answers);
        }
        schemas_below(document, operation, &mut reachable);
        schemas_below(document, &item["parameters"], &mut reachable);
    }
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        described(&format!("schema {name}"), schema, &mut violations);
        for (property, inner) in schema["properties"].as_object().into_iter().flatten() {
            if inner.get("$ref").is_some() {
                violations.push(format!(
                    "schema {name}, property {property}: a bare reference has no description; put it into allOf"
                ));
            }
            described(&format!("schema {name}, property {property}"), inner, &mut violations);
        }
        let keeps_unknown_fields = schema["additionalProperties"].is_object();
        if answers.contains(name) && schema["type"] == "object" && !keeps_unknown_fields {
            violations.push(format!(
                "schema {name}: a response without `additionalProperties: {{}}` drops unknown fields"
            ));
        }
        if !reachable.contains(name) {
            violations.push(format!("schema {name}: no operation uses it"));
        }
    }
    links(document, &mut violations);
    everywhere("document", document, &mut violations);
    if violations.is_empty() {
        Ok(())
    } else {
        Err(format!("the document has {} violations:\n  {}", violations.len(), violations.join("\n  ")))
    }
}

fn described(place: &str, node: &Value, violations: &mut Vec<String>) {
    if node.get("$ref").is_some() {
        // A bare reference has the description of its target.
        return;
    }
    match node["description"].as_str() {
        None => violations.push(format!("{place}: no description")),
        Some(text) if text.trim().is_empty() => violations.push(format!("{place}: empty description")),
        Some(text) if text.lines().any(|line| line.starts_with("    ")) => {
            violations.push(format!(
                "{place}: indented text in the description would become a failing doctest; fence it as text"
            ));
        }
        Some(_) => {}
    }
}

/// Returns `true` if a path parameter is safe. The type `PathSegment` validates names, and a UUID has only safe
/// characters.
fn is_safe_in_a_path(schema: &Value) -> bool {
    schema["$ref"] == "#/components/schemas/PathSegment"
        || (schema["type"] == "string" && schema["format"] == "uuid")
}

/// Checks links. A link names an existing operation and parameters that the operation has.
fn links(document: &Value, violations: &mut Vec<String>) {
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
            described(&place, link, violations);
            let target = link["operationId"].as_str().unwrap_or_default();
            let Some(names) = known.get(target) else {
                violations.push(format!("{place}: operation {target:?} does not exist"));
                continue;
            };
            for given in link["parameters"].as_object().into_iter().flatten().map(|(name, _)| name) {
                if !names.contains(&given.as_str()) {
                    violations.push(format!("{place}: {target} has no parameter {given}"));
                }
            }
        }
    }
}

/// Checks statuses. A status and its range would make an unreachable arm in the generated match.
fn statuses(place: &str, operation: &Value, violations: &mut Vec<String>) {
    let codes: Vec<&str> =
        operation["responses"].as_object().into_iter().flatten().map(|(code, _)| code.as_str()).collect();
    for range in codes.iter().filter(|code| code.ends_with("XX")) {
        if let Some(code) = codes.iter().find(|code| !code.ends_with("XX") && code[..1] == range[..1]) {
            violations.push(format!("{place}: {code} overlaps with its range {range}"));
        }
    }
}

/// Checks keywords that the generator misinterprets, in the whole document.
fn everywhere(place: &str, node: &Value, violations: &mut Vec<String>) {
    match node {
        Value::Object(fields) => {
            if fields.contains_key("anyOf") {
                violations.push(format!("{place}: anyOf compiles and fails at run time"));
            }
            if fields.contains_key("type") && fields.contains_key("default") {
                violations.push(format!("{place}: `default` changes types; say it in the description"));
            }
            for (name, inner) in fields {
                everywhere(&format!("{place}/{name}"), inner, violations);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                everywhere(&format!("{place}/{index}"), item, violations);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Returns a valid document.
    fn valid() -> Value {
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
    fn every_rule_reports_its_violation() {
        run(&valid()).unwrap();
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
            ("/paths/~1a~1{name}/get/responses/200/description", Value::Null, "response 200: no description"),
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
            let mut document = valid();
            *document.pointer_mut(place).unwrap() = fault;
            let found = run(&document).unwrap_err();
            assert!(found.contains(expected), "{place}: {found}");
        }
    }

    #[test]
    fn path_parameters_may_be_uuids() {
        let mut document = valid();
        *document.pointer_mut("/paths/~1a~1{name}/get/parameters/0/schema").unwrap() =
            json!({ "type": "string", "format": "uuid" });
        document["components"]["schemas"].as_object_mut().unwrap().remove("PathSegment");
        run(&document).unwrap();
    }

    #[test]
    fn links_name_existing_operations_and_parameters() {
        let mut document = valid();
        let link = |operation: &str, parameter: &str| {
            json!({ "next": {
            "description": "Reads on.", "operationId": operation, "parameters": { parameter: "$request.path.name" },
        } })
        };
        let links = "/paths/~1a~1{name}/get/responses/200";
        document.pointer_mut(links).unwrap()["links"] = link("readA", "name");
        run(&document).unwrap();
        for (odd, expected) in [
            (link("readB", "name"), "operation \"readB\" does not exist"),
            (link("readA", "id"), "readA has no parameter id"),
        ] {
            document.pointer_mut(links).unwrap()["links"] = odd;
            let found = run(&document).unwrap_err();
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn duplicate_ids_unused_schemas_and_overlapping_statuses_are_violations() {
        let mut document = valid();
        let operation = document["paths"]["/a/{name}"]["get"].clone();
        document["paths"]["/b/{name}"] = json!({ "get": operation });
        assert!(run(&document).unwrap_err().contains("readA is not unique"));

        let mut document = valid();
        document["components"]["schemas"]["B"] = json!({ "type": "string", "description": "Nobody's." });
        assert!(run(&document).unwrap_err().contains("schema B: no operation uses it"));

        let mut document = valid();
        document["paths"]["/a/{name}"]["get"]["responses"]["2XX"] = json!({ "description": "All." });
        assert!(run(&document).unwrap_err().contains("200 overlaps with its range 2XX"));
    }
}
