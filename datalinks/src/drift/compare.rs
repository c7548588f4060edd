//! Comparison of a JSON value with a schema of the document.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    declared::{named, parts},
    found::DriftKind,
};

/// A difference within one body.
#[derive(Debug, PartialEq)]
pub(super) struct Difference {
    pub(super) kind: DriftKind,
    pub(super) pointer: String,
    pub(super) declared: Vec<String>,
    pub(super) seen: String,
}

/// Returns the differences between a value and its schema. At most `limit` are returned, and the number of all.
pub(super) fn compare(schema: &'static Value, value: &Value, limit: usize) -> (Vec<Difference>, usize) {
    let mut comparison = Comparison { found: Vec::new(), count: 0, limit, pointer: String::new() };
    comparison.value(schema, value);
    (comparison.found, comparison.count)
}

struct Comparison {
    found: Vec<Difference>,
    count: usize,
    limit: usize,
    /// The place of the value that is compared.
    pointer: String,
}

impl Comparison {
    // The JSON parser limits the depth of the recursion.
    fn value(&mut self, schema: &'static Value, value: &Value) {
        let mut parts = parts(schema);
        self.choose(&mut parts, value);
        let types: Vec<&str> = parts.iter().filter_map(|part| part.get("type")?.as_str()).collect();
        if value.is_null() {
            let is_allowed = types.is_empty() || parts.iter().any(|part| part.contains_key("nullable"));
            if !is_allowed {
                self.add(DriftKind::Type, owned(&types), "null");
            }
            return;
        }
        if !types.iter().all(|name| has_type(value, name)) {
            return self.add(DriftKind::Type, owned(&types), type_of(value));
        }
        for listed in parts.iter().filter_map(|part| part.get("enum")?.as_array()) {
            if !listed.contains(value) {
                let listed = listed.iter().map(text).collect();
                self.add(DriftKind::Value, listed, text(value));
            }
        }
        match value {
            Value::Object(fields) => self.object(&parts, fields),
            Value::Array(items) => {
                let schemas: Vec<&'static Value> =
                    parts.iter().filter_map(|part| part.get("items")).collect();
                for (item, schema) in
                    items.iter().flat_map(|item| schemas.iter().map(move |schema| (item, *schema)))
                {
                    self.below("*", |inner| inner.value(schema, item));
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, parts: &[&'static Map<String, Value>], fields: &Map<String, Value>) {
        let properties = parts.iter().filter_map(|part| part.get("properties")?.as_object()).flatten();
        let properties: BTreeMap<&str, &'static Value> =
            properties.map(|(name, schema)| (name.as_str(), schema)).collect();
        let others = parts.iter().find_map(|part| part.get("additionalProperties"));
        for name in parts.iter().filter_map(|part| part.get("required")?.as_array()).flatten() {
            let name = name.as_str().unwrap_or_default();
            if !fields.contains_key(name) {
                self.below(name, |inner| inner.add(DriftKind::Missing, Vec::new(), "absent"));
            }
        }
        for (name, value) in fields {
            match (properties.get(name.as_str()), others) {
                (Some(schema), _) => self.below(name, |inner| inner.value(schema, value)),
                // The names are data.
                (None, Some(schema)) => self.below("*", |inner| inner.value(schema, value)),
                (None, None) if properties.is_empty() => {}
                (None, None) => {
                    self.below(name, |inner| inner.add(DriftKind::Field, Vec::new(), type_of(value)));
                }
            }
        }
    }

    /// Adds the parts of the alternative that the value belongs to.
    fn choose(&mut self, found: &mut Vec<&'static Map<String, Value>>, value: &Value) {
        let Some(union) = found.iter().copied().find(|part| part.contains_key("oneOf")) else { return };
        if let Some(discriminator) = union.get("discriminator") {
            let field = discriminator["propertyName"].as_str().unwrap_or_default();
            let Some(word) = value.get(field).and_then(Value::as_str) else { return };
            match discriminator["mapping"].get(word).and_then(Value::as_str) {
                Some(name) => found.extend(parts(named(name))),
                None => {
                    let words = discriminator["mapping"].as_object().into_iter().flatten();
                    let words = words.map(|(word, _)| word.clone()).collect();
                    self.below(field, |inner| inner.add(DriftKind::Value, words, word));
                }
            }
            return;
        }
        let alternatives = union.get("oneOf").and_then(Value::as_array).into_iter().flatten();
        // The nearest alternative is the one that explains most of the value.
        let nearest = alternatives.min_by_key(|alternative| compare(alternative, value, 0).1);
        found.extend(nearest.map(parts).unwrap_or_default());
    }

    /// Compares something below the current place.
    fn below(&mut self, name: &str, compare: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        compare(self);
        self.pointer.truncate(length);
    }

    fn add(&mut self, kind: DriftKind, declared: Vec<String>, seen: impl Into<String>) {
        self.count += 1;
        if self.found.len() < self.limit {
            self.found.push(Difference { kind, pointer: self.pointer.clone(), declared, seen: seen.into() });
        }
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Returns a value of an enum without quotes.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        // `5.0` is an integer, too.
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        "number" => value.is_number(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differences(schema: Value, value: Value) -> Vec<(DriftKind, String, String)> {
        let (found, count) = compare(Box::leak(Box::new(schema)), &value, usize::MAX);
        assert_eq!(found.len(), count);
        found.into_iter().map(|found| (found.kind, found.pointer, found.seen)).collect()
    }

    fn one(kind: DriftKind, pointer: &str, seen: &str) -> Vec<(DriftKind, String, String)> {
        vec![(kind, pointer.to_owned(), seen.to_owned())]
    }

    #[test]
    fn unknown_fields_are_found_where_the_fields_are_declared() {
        let schema = json!({ "type": "array", "items": { "type": "object", "properties": { "a/b": {
            "type": "object", "properties": { "c": { "type": "string" } } } } } });
        let value = json!([{ "a/b": { "c": "x", "d": "secret" } }]);
        assert_eq!(differences(schema, value), one(DriftKind::Field, "/*/a~1b/d", "string"));
        let rows = json!({ "type": "array", "items": { "type": "object" } });
        assert_eq!(differences(rows, json!([{ "any": 1 }])), []);
    }

    #[test]
    fn keys_of_maps_are_data() {
        let schema = json!({ "type": "object", "additionalProperties": { "type": "string" } });
        assert_eq!(differences(schema.clone(), json!({ "k": "v" })), []);
        assert_eq!(differences(schema, json!({ "k": 1 })), one(DriftKind::Type, "/*", "integer"));
    }

    #[test]
    fn values_of_enums_are_found() {
        let schema = json!({ "$ref": "AccessRole" });
        assert_eq!(differences(schema.clone(), json!("viewer")), []);
        assert_eq!(differences(schema, json!("owner")), one(DriftKind::Value, "", "owner"));
    }

    #[test]
    fn null_is_a_type_unless_it_is_declared() {
        let schema = |nullable| {
            let inner = json!({ "allOf": [{ "$ref": "AccessRole" }] });
            if nullable { json!({ "allOf": [inner], "nullable": true }) } else { inner }
        };
        assert_eq!(differences(schema(true), Value::Null), []);
        assert_eq!(differences(schema(false), Value::Null), one(DriftKind::Type, "", "null"));
    }

    #[test]
    fn absent_fields_and_numbers_are_found() {
        let schema =
            json!({ "type": "object", "required": ["n"], "properties": { "n": { "type": "integer" } } });
        assert_eq!(differences(schema.clone(), json!({ "n": 5.0 })), []);
        assert_eq!(differences(schema.clone(), json!({ "n": 5.5 })), one(DriftKind::Type, "/n", "number"));
        assert_eq!(differences(schema, json!({})), one(DriftKind::Missing, "/n", "absent"));
    }

    #[test]
    fn alternatives_are_chosen_by_name_or_by_likeness() {
        let union = json!({ "oneOf": [
            { "type": "object", "properties": { "a": { "type": "string" } } },
            { "type": "object", "properties": { "b": { "type": "string" } } },
        ] });
        assert_eq!(differences(union.clone(), json!({ "b": "x" })), []);
        assert_eq!(differences(union, json!({ "b": "x", "c": 1 })), one(DriftKind::Field, "/c", "integer"));
        let named = json!({ "oneOf": [], "discriminator": { "propertyName": "type", "mapping": { "u": "CurrentUserResponse" } } });
        let user = |word: &str| json!({ "type": word, "id": "1", "username": "ana" });
        assert_eq!(differences(named.clone(), user("v")), one(DriftKind::Value, "/type", "v"));
        // The schema of the user has no such field.
        assert_eq!(differences(named, user("u")), one(DriftKind::Field, "/type", "string"));
    }
}
