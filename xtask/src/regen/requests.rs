//! The requirements on requests in JSON Schema 2020-12, by which a server validates them.
//!
//! Nothing is merged or omitted here, in contrast to the documents for the generator. All bounds are kept.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::references::{SCHEMAS, operations, parameters, resolve, schemas_below};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

const JSON: &str = "application/json";

/// Keywords for human readers only.
const PROSE: [&str; 5] = ["description", "summary", "example", "examples", "deprecated"];

/// Keywords that have the same meaning in both languages and contain no schema.
const SAME: [&str; 9] =
    ["required", "enum", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern"];

/// Returns the body, the query parameters and the declared statuses of every operation, and the schemas that
/// they use.
pub(super) fn derive(document: &Value) -> Result<Value, String> {
    let mut found = Map::new();
    let mut wanted = BTreeSet::new();
    for (path, _, item, operation) in operations(document) {
        let id = operation["operationId"].as_str().unwrap_or(path);
        let named = |error: String| format!("{id}: {error}");
        let mut request = Map::new();
        if let Some(body) = operation.get("requestBody") {
            let body = resolve(document, body);
            schemas_below(document, body, &mut wanted);
            request.insert("body".to_owned(), self::body(body).map_err(named)?);
        }
        let query: Vec<&Value> = parameters(document, item, operation)
            .into_iter()
            .filter(|parameter| parameter["in"] == "query")
            .inspect(|parameter| schemas_below(document, parameter, &mut wanted))
            .collect();
        if !query.is_empty() {
            request.insert("query".to_owned(), self::query(&query).map_err(named)?);
        }
        request.insert("statuses".to_owned(), json!(statuses(operation)));
        found.insert(id.to_owned(), request.into());
    }
    let mut definitions = Map::new();
    for name in wanted {
        let converted = schema(&document["components"]["schemas"][&name])
            .map_err(|error| format!("schema {name}: {error}"))?;
        definitions.insert(name, converted);
    }
    Ok(json!({ "$schema": DIALECT, "operations": found, "$defs": definitions }))
}

/// Returns the only media type of a body, and its schema.
fn body(body: &Value) -> Result<Value, String> {
    let content = body["content"].as_object().map(|content| content.iter().collect::<Vec<_>>());
    let Some([(media, content)]) = content.as_deref() else {
        return Err("a body has one type of content".to_owned());
    };
    Ok(json!({
        "contentType": media,
        "required": body["required"] == true,
        "schema": schema(&content["schema"])?,
    }))
}

/// Returns the statuses that the document declares for an operation, sorted, including ranges such as `2XX`.
/// Omits `default`, which stands for all others.
fn statuses(operation: &Value) -> BTreeSet<&str> {
    let names = operation["responses"].as_object().into_iter().flat_map(Map::keys);
    names.map(String::as_str).filter(|name| *name != "default").collect()
}

/// Returns all parameters as the schema of one object.
fn query(parameters: &[&Value]) -> Result<Value, String> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for parameter in parameters {
        let name = parameter["name"].as_str().unwrap_or_default();
        let wanted = match parameter.get("content") {
            Some(content) => json_text(content)?,
            None => schema(&parameter["schema"])?,
        };
        properties.insert(name.to_owned(), wanted);
        if parameter["required"] == true {
            required.push(name);
        }
    }
    Ok(json!({ "type": "object", "properties": properties, "required": required }))
}

/// Returns the schema of a parameter with JSON, which is parsed before it is validated.
fn json_text(content: &Value) -> Result<Value, String> {
    let content = content.get(JSON).ok_or("the content of a parameter is JSON or a schema")?;
    Ok(json!({ "contentMediaType": JSON, "allOf": [schema(&content["schema"])?] }))
}

/// Converts an OpenAPI 3.0 schema to JSON Schema.
fn schema(node: &Value) -> Result<Value, String> {
    let fields = match node {
        Value::Object(fields) => fields,
        // `additionalProperties: false`
        Value::Bool(_) => return Ok(node.clone()),
        _ => return Err(format!("{node} is not a schema")),
    };
    if let Some(path) = fields.get("$ref").and_then(Value::as_str) {
        return reference(path);
    }
    let mut converted = Map::new();
    for (keyword, value) in fields {
        let value = match keyword.as_str() {
            "type" => types(fields, value)?,
            "properties" => map(value)?,
            "items" | "additionalProperties" => schema(value)?,
            "allOf" => list(value)?,
            "oneOf" if fields.contains_key("discriminator") => continue,
            "oneOf" => list(value)?,
            "discriminator" => {
                converted.extend(choice(value)?);
                continue;
            }
            "nullable" if fields.contains_key("type") => continue,
            "format" => {
                converted.extend(format(fields, value));
                continue;
            }
            keyword if SAME.contains(&keyword) => value.clone(),
            keyword if PROSE.contains(&keyword) || keyword.starts_with("x-") => continue,
            keyword => return Err(format!("`{keyword}` is not supported; convert it in requests.rs")),
        };
        converted.insert(keyword.clone(), value);
    }
    // The composed schemas apply to values other than null, which they would reject.
    if fields.get("nullable") == Some(&Value::Bool(true))
        && let Some(composed) = converted.remove("allOf")
    {
        converted.insert("if".to_owned(), json!({ "type": fields["type"] }));
        converted.insert("then".to_owned(), json!({ "allOf": composed }));
    }
    Ok(converted.into())
}

fn reference(path: &str) -> Result<Value, String> {
    let name = path.strip_prefix(SCHEMAS).ok_or_else(|| format!("{path} is not a reference to a schema"))?;
    Ok(json!({ "$ref": format!("#/$defs/{name}") }))
}

fn types(fields: &Map<String, Value>, own: &Value) -> Result<Value, String> {
    if fields.get("nullable") != Some(&Value::Bool(true)) {
        return Ok(own.clone());
    }
    if fields.contains_key("enum") {
        return Err("a nullable enum must list null; convert it in requests.rs".to_owned());
    }
    Ok(json!([own, "null"]))
}

fn map(node: &Value) -> Result<Value, String> {
    let converted =
        node.as_object().into_iter().flatten().map(|(name, inner)| {
            Ok((name.clone(), schema(inner).map_err(|error| format!("{name}: {error}"))?))
        });
    Ok(Value::Object(converted.collect::<Result<_, String>>()?))
}

fn list(node: &Value) -> Result<Value, String> {
    node.as_array().into_iter().flatten().map(schema).collect::<Result<_, _>>().map(Value::Array)
}

/// Converts the formats of OpenAPI that bound a number. The formats of JSON Schema are kept.
fn format(fields: &Map<String, Value>, name: &Value) -> Map<String, Value> {
    let (least, most) = match name.as_str() {
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("int64") => (i64::MIN, i64::MAX),
        // Every JSON number is a double.
        Some("double" | "float") => return Map::new(),
        _ => return Map::from_iter([("format".to_owned(), name.clone())]),
    };
    let bounds = [("minimum", least), ("maximum", most)];
    let bounds = bounds.into_iter().filter(|(keyword, _)| !fields.contains_key(*keyword));
    bounds.map(|(keyword, bound)| (keyword.to_owned(), bound.into())).collect()
}

/// Converts a union with a discriminator. Only the member that the field names applies.
fn choice(discriminator: &Value) -> Result<Map<String, Value>, String> {
    let field = discriminator["propertyName"].as_str().unwrap_or_default();
    let mut members: Vec<(&str, Vec<&str>)> = Vec::new();
    for (word, path) in discriminator["mapping"].as_object().into_iter().flatten() {
        let path = path.as_str().unwrap_or_default();
        match members.iter_mut().find(|(own, _)| *own == path) {
            Some((_, words)) => words.push(word),
            None => members.push((path, vec![word])),
        }
    }
    if members.is_empty() {
        return Err("a discriminator without a mapping cannot be followed".to_owned());
    }
    let words: Vec<&str> = members.iter().flat_map(|(_, words)| words).copied().collect();
    let has = |words: &[&str]| json!({ "type": "object", "required": [field], "properties": { field: { "enum": words } } });
    let branches = members
        .iter()
        .map(|(path, words)| Ok(json!({ "if": has(words), "then": reference(path)? })))
        .collect::<Result<Vec<_>, String>>()?;
    let Value::Object(mut choice) = has(&words) else { return Ok(Map::new()) };
    choice.insert("allOf".to_owned(), branches.into());
    Ok(choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_keep_all_requirements() {
        let converted = schema(&json!({
            "description": "A thing.", "type": "object", "required": ["description"], "additionalProperties": false,
            "properties": {
                "description": { "description": "A text.", "type": "string", "maxLength": 3, "x-secret": true },
                "n": { "description": "A number.", "type": "integer", "format": "int64", "minimum": 1 },
                "m": { "description": "May be null.", "type": "boolean", "nullable": true },
                "s": { "description": "Another.", "allOf": [{ "$ref": "#/components/schemas/S" }] },
            },
        }));
        assert_eq!(
            converted.unwrap(),
            json!({
                "type": "object", "required": ["description"], "additionalProperties": false,
                "properties": {
                    "description": { "type": "string", "maxLength": 3 },
                    "n": { "type": "integer", "minimum": 1, "maximum": i64::MAX },
                    "m": { "type": ["boolean", "null"] },
                    "s": { "allOf": [{ "$ref": "#/$defs/S" }] },
                },
            })
        );
    }

    #[test]
    fn declared_statuses_are_sorted_and_without_the_default() {
        let operation = json!({ "responses": { "422": {}, "2XX": {}, "default": {}, "400": {} } });
        assert_eq!(json!(statuses(&operation)), json!(["2XX", "400", "422"]));
        assert!(statuses(&json!({})).is_empty());
    }

    #[test]
    fn composed_schemas_may_be_nullable() {
        let converted = schema(&json!({
            "description": "May be null.", "type": "object", "nullable": true,
            "allOf": [{ "$ref": "#/components/schemas/S" }],
        }));
        assert_eq!(
            converted.unwrap(),
            json!({
                "type": ["object", "null"],
                "if": { "type": "object" },
                "then": { "allOf": [{ "$ref": "#/$defs/S" }] },
            })
        );
    }

    #[test]
    fn discriminator_selects_the_member() {
        let step = json!({
            "oneOf": [],
            "discriminator": { "propertyName": "type", "mapping": {
                "a": "#/components/schemas/A", "b": "#/components/schemas/B", "c": "#/components/schemas/A",
            } },
        });
        let has = |words: Value| json!({ "type": "object", "required": ["type"], "properties": { "type": { "enum": words } } });
        let mut wanted = has(json!(["a", "c", "b"]));
        wanted["allOf"] = json!([
            { "if": has(json!(["a", "c"])), "then": { "$ref": "#/$defs/A" } },
            { "if": has(json!(["b"])), "then": { "$ref": "#/$defs/B" } },
        ]);
        assert_eq!(schema(&step).unwrap(), wanted);
    }

    #[test]
    fn unsupported_keywords_are_errors() {
        for (node, expected) in [
            (json!({ "type": "object", "minProperties": 1 }), "`minProperties`"),
            (json!({ "allOf": [], "nullable": true }), "`nullable`"),
            (json!({ "type": "string", "enum": ["a"], "nullable": true }), "must list null"),
            (json!({ "$ref": "#/components/responses/X" }), "not a reference to a schema"),
        ] {
            let fault = schema(&node).unwrap_err();
            assert!(fault.contains(expected), "{node}: {fault}");
        }
    }
}
