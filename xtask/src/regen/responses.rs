//! The shapes of responses, by which a client finds what a server sends beyond the document.
//!
//! Only what can be compared with a response is kept: types, names of fields, enums, statuses and media types. Limits and
//! prose are left out.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::references::{SCHEMAS, operations, resolve, schemas_below};

/// Keywords that contain no schema and are kept as they are.
const SAME: [&str; 3] = ["type", "enum", "required"];

/// Returns the declared responses of every operation by status and media type, and the schemas that they use.
pub(super) fn derive(document: &Value) -> Result<Value, String> {
    let mut found = Map::new();
    let mut wanted = BTreeSet::new();
    for (path, _, _, operation) in operations(document) {
        let id = operation["operationId"].as_str().unwrap_or(path);
        let mut statuses = Map::new();
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            let mut media_types = Map::new();
            for (media_type, content) in
                resolve(document, response)["content"].as_object().into_iter().flatten()
            {
                schemas_below(document, &content["schema"], &mut wanted);
                let shape = shape(&content["schema"]).map_err(|error| format!("{id}: {error}"))?;
                media_types.insert(media_type.clone(), shape);
            }
            statuses.insert(status.clone(), media_types.into());
        }
        found.insert(id.to_owned(), statuses.into());
    }
    let mut definitions = Map::new();
    for name in wanted {
        let shape = shape(&document["components"]["schemas"][&name])
            .map_err(|error| format!("schema {name}: {error}"))?;
        definitions.insert(name, shape);
    }
    Ok(json!({ "version": document["info"]["version"], "operations": found, "$defs": definitions }))
}

/// Returns a schema without limits and prose.
fn shape(node: &Value) -> Result<Value, String> {
    let mut shape = Map::new();
    for (keyword, value) in node.as_object().into_iter().flatten() {
        let value = match keyword.as_str() {
            "$ref" => name(value)?.into(),
            "properties" => {
                let inner = value.as_object().into_iter().flatten();
                let inner = inner.map(|(name, inner)| Ok((name.clone(), self::shape(inner)?)));
                Value::Object(inner.collect::<Result<_, String>>()?)
            }
            "items" => self::shape(value)?,
            // Without a type, any value is allowed, which says nothing about the names of the fields.
            "additionalProperties" if value.as_object().is_some_and(|inner| !inner.is_empty()) => {
                self::shape(value)?
            }
            "allOf" | "oneOf" => {
                value.as_array().into_iter().flatten().map(self::shape).collect::<Result<_, _>>()?
            }
            "discriminator" => {
                let mapping = value["mapping"].as_object().into_iter().flatten();
                let mapping = mapping.map(|(word, path)| Ok((word.clone(), name(path)?.into())));
                let mapping: Map<String, Value> = mapping.collect::<Result<_, String>>()?;
                json!({ "propertyName": value["propertyName"], "mapping": mapping })
            }
            "nullable" | "x-accept-null" if *value == true => {
                shape.insert("nullable".to_owned(), true.into());
                continue;
            }
            keyword if SAME.contains(&keyword) => value.clone(),
            "anyOf" | "not" => {
                return Err(format!("`{keyword}` is not supported; convert it in responses.rs"));
            }
            _ => continue,
        };
        shape.insert(keyword.clone(), value);
    }
    Ok(shape.into())
}

/// Returns the name of the schema that a reference points to.
fn name(path: &Value) -> Result<&str, String> {
    let text = path.as_str().unwrap_or_default();
    text.strip_prefix(SCHEMAS).ok_or_else(|| format!("{path} is not a reference to a schema"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_keep_names_types_and_enums() {
        let node = json!({
            "description": "A thing.", "type": "object", "required": ["description"], "additionalProperties": {},
            "properties": {
                "description": { "description": "A text.", "type": "string", "maxLength": 3 },
                "size": { "type": "integer", "minimum": 1, "nullable": true },
                "kind": { "enum": ["a"], "type": "string", "x-accept-null": true },
                "map": { "type": "object", "additionalProperties": { "$ref": "#/components/schemas/S" } },
            },
        });
        assert_eq!(
            shape(&node).unwrap(),
            json!({
                "type": "object", "required": ["description"],
                "properties": {
                    "description": { "type": "string" },
                    "size": { "type": "integer", "nullable": true },
                    "kind": { "enum": ["a"], "type": "string", "nullable": true },
                    "map": { "type": "object", "additionalProperties": { "$ref": "S" } },
                },
            })
        );
        assert!(shape(&json!({ "anyOf": [] })).is_err());
    }

    #[test]
    fn responses_are_listed_by_status_and_media_type() {
        let document = json!({
            "info": { "version": "1" },
            "paths": { "/a": { "get": { "operationId": "a", "responses": {
                "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/S" } } } },
                "204": { "description": "Nothing." },
            } } } },
            "components": { "schemas": { "S": { "type": "array", "items": { "$ref": "#/components/schemas/T" } }, "T": { "type": "string" }, "U": {} } },
        });
        assert_eq!(
            derive(&document).unwrap(),
            json!({
                "version": "1",
                "operations": { "a": { "200": { "application/json": { "$ref": "S" } }, "204": {} } },
                "$defs": { "S": { "type": "array", "items": { "$ref": "T" } }, "T": { "type": "string" } },
            })
        );
    }
}
