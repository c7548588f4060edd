//! The fields that request bodies can have according to the document.
//!
//! The name of a field is its path in the body: `infer.steps[].model` is the field `model` of each item of
//! `steps` in `infer`. Fields of objects that contain data, such as rows, are not listed, because the document
//! does not name them.

use std::collections::{BTreeMap, BTreeSet};

use datalinks_gen::{OPERATIONS, Operation, REQUESTS};
use serde_json::{Map, Value, json};

const REFERENCE: &str = "#/$defs/";

/// The requirements of the document on requests.
pub struct Bodies(Value);

impl Default for Bodies {
    fn default() -> Self {
        Self(serde_json::from_str(REQUESTS).unwrap())
    }
}

impl Bodies {
    /// Returns the operations with a JSON body, and the fields that it can have.
    pub fn fields(&self) -> BTreeMap<&'static str, BTreeSet<String>> {
        let with_body = OPERATIONS.iter().filter_map(|operation| Some((operation, self.schema(operation)?)));
        let fields = with_body.map(|(operation, schema)| {
            let mut found = BTreeSet::new();
            self.collect(schema, "", &mut Vec::new(), &mut found);
            (operation.id, found)
        });
        fields.collect()
    }

    fn schema(&self, operation: &Operation) -> Option<&Value> {
        let body = &self.0["operations"][operation.id]["body"];
        (body["contentType"] == "application/json").then(|| &body["schema"])
    }

    fn definition(&self, schema: &Value) -> Option<(&str, &Value)> {
        let name = schema["$ref"].as_str()?.strip_prefix(REFERENCE).unwrap();
        // The names live as long as the document.
        let (name, schema) = self.0["$defs"].as_object().unwrap().get_key_value(name).unwrap();
        Some((name, schema))
    }

    fn collect<'a>(
        &'a self,
        schema: &'a Value,
        at: &str,
        within: &mut Vec<&'a str>,
        found: &mut BTreeSet<String>,
    ) {
        if let Some((name, schema)) = self.definition(schema) {
            // A schema that contains itself adds no further fields.
            if !within.contains(&name) {
                within.push(name);
                self.collect(schema, at, within, found);
                within.pop();
            }
            return;
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            self.collect(field, &at, within, found);
            found.insert(at);
        }
        if schema["items"].is_object() {
            self.collect(&schema["items"], &format!("{at}[]"), within, found);
        }
        for part in parts(schema) {
            self.collect(part, at, within, found);
        }
    }

    /// Returns the body with all fields that the document names. Existing fields are unchanged.
    pub fn filled(&self, operation: &Operation, body: &Value) -> Option<Value> {
        let mut body = body.clone();
        self.fill(self.schema(operation)?, &mut body, 0);
        Some(body)
    }

    fn fill(&self, schema: &Value, value: &mut Value, depth: usize) {
        // Deep enough for every body. A schema that contains itself ends here.
        if depth > 12 {
            return;
        }
        if let Some((_, schema)) = self.definition(schema) {
            return self.fill(schema, value, depth + 1);
        }
        if value.is_null() {
            *value = self.sample(schema);
        }
        match value {
            Value::Object(fields) => {
                for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                    self.fill(field, fields.entry(name.clone()).or_insert(Value::Null), depth + 1);
                }
            }
            Value::Array(items) => {
                let of = &schema["items"];
                // One item of each kind that a field distinguishes.
                items.extend(self.kinds(of));
                if items.is_empty() {
                    items.push(Value::Null);
                }
                items.iter_mut().for_each(|item| self.fill(of, item, depth + 1));
            }
            _ => {}
        }
        for part in parts(schema) {
            let applies =
                schema["allOf"].as_array().into_iter().flatten().find(|branch| branch["then"] == *part);
            let chosen = applies.is_none_or(|branch| matches(&branch["if"], value));
            if chosen {
                self.fill(part, value, depth + 1);
            }
        }
    }

    /// Returns the smallest object of each kind of a union. Returns none if the schema is not a union.
    fn kinds(&self, schema: &Value) -> Vec<Value> {
        let schema = self.definition(schema).map_or(schema, |(_, schema)| schema);
        let branches = schema["allOf"].as_array().into_iter().flatten();
        let of = |branch: &Value| {
            let (field, words) = branch["if"]["properties"].as_object()?.iter().next()?;
            Some(json!({ field: words["enum"][0] }))
        };
        branches.filter_map(of).collect()
    }

    fn sample(&self, schema: &Value) -> Value {
        if let Some(first) = schema["enum"].get(0) {
            return first.clone();
        }
        let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
        match kind {
            Some("array") => json!([]),
            Some("boolean") => json!(true),
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("string") => match schema["format"].as_str() {
                Some("uuid") => json!("5d1f0a52-3c1b-4c3e-9f0d-6b8f5b1c7a01"),
                Some("date-time") => json!("2025-02-05T00:00:00Z"),
                Some("uri") => json!("https://example.com/a.csv"),
                _ => json!("x"),
            },
            Some("object") => Value::Object(Map::new()),
            // The fields of a union or a reference are in its parts.
            _ => match parts(schema).next() {
                Some(part) => self.sample(self.definition(part).map_or(part, |(_, schema)| schema)),
                None => json!("x"),
            },
        }
    }
}

/// Returns the schemas that apply to the same value.
fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["allOf", "oneOf"].into_iter().filter_map(|name| schema[name].as_array()).flatten();
    let lists = lists.map(|part| part.get("then").unwrap_or(part));
    lists.chain(schema.get("then"))
}

/// Returns `true` if a value is of the kind of a branch of a union.
fn matches(kind: &Value, value: &Value) -> bool {
    kind["properties"].as_object().into_iter().flatten().all(|(name, words)| {
        words["enum"].as_array().is_some_and(|words| value.get(name).is_some_and(|word| words.contains(word)))
    })
}

/// Returns the fields of a body, named as in [`Bodies::fields`].
pub fn present(body: &Value) -> BTreeSet<String> {
    fn collect(value: &Value, at: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                    collect(value, &at, found);
                    found.insert(at);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, &format!("{at}[]"), found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    collect(body, "", &mut found);
    found
}

/// A field that is omitted on purpose: the operation, the field (the entry covers all fields below it), and the
/// reason.
pub type LeftOut = (&'static str, &'static str, &'static str);

/// Compares the fields of the document with the used fields, for each operation that was tried. Returns a line
/// for each field that is neither used nor listed as omitted, and for each unnecessary entry of the list.
pub fn compare(used: &BTreeMap<String, BTreeSet<String>>, left_out: &[LeftOut]) -> Vec<String> {
    let fields = Bodies::default().fields();
    let mut needed = BTreeSet::new();
    let mut lines = Vec::new();
    for (operation, fields) in &fields {
        // An operation that was not tried has no exchange, method or handler yet. Other tests report that.
        let Some(used) = used.get(*operation) else { continue };
        for field in fields.difference(used) {
            let entry = left_out.iter().find(|(own, path, _)| own == operation && covers(path, field));
            match entry {
                Some((own, path, _)) => drop(needed.insert((*own, *path))),
                None => lines.push(format!("{operation}: {field}")),
            }
        }
    }
    let stale = left_out.iter().filter(|(operation, field, _)| !needed.contains(&(*operation, *field)));
    lines.extend(stale.map(|(operation, field, why)| {
        format!(
            "{operation}: {field} is listed ({why:?}), but it is used or does not exist: remove the entry"
        )
    }));
    lines
}

fn covers(path: &str, field: &str) -> bool {
    field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(operation: &str) -> BTreeSet<String> {
        Bodies::default().fields().remove(operation).unwrap()
    }

    #[test]
    fn fields_are_named_through_references_lists_and_unions() {
        let ingest = names("ingestData");
        for field in
            ["data", "infer.steps[].type", "infer.steps[].additionalInstructions", "link.GeoMatch.distance"]
        {
            assert!(ingest.contains(field), "{field} is not in {ingest:?}");
        }
        // Rows and schemas contain data.
        assert!(
            !ingest.iter().any(|field| field.starts_with("data[") || field.starts_with("schemaDefinition."))
        );
        assert!(!Bodies::default().fields().contains_key("renameDataset"), "the body is plain text");
    }

    #[test]
    fn filled_body_has_every_field() {
        let bodies = Bodies::default();
        for (operation, fields) in bodies.fields() {
            let operation = Operation::by_id(operation).unwrap();
            let filled = bodies.filled(operation, &json!({})).unwrap();
            let present = present(&filled);
            let missing: Vec<_> = fields.difference(&present).collect();
            assert!(missing.is_empty(), "{}: {missing:?} in {filled}", operation.id);
        }
    }

    #[test]
    fn filling_keeps_existing_fields() {
        let operation = Operation::by_id("addToken").unwrap();
        let body = json!({ "name": "ci", "accessRestrictedTo": [{ "username": "ana" }] });
        let filled = Bodies::default().filled(operation, &body).unwrap();
        assert_eq!(
            (&filled["name"], &filled["accessRestrictedTo"][0]["username"]),
            (&json!("ci"), &json!("ana"))
        );
        assert!(filled["accessRestrictedTo"][0]["dataset"].is_string(), "{filled}");
    }

    #[test]
    fn unused_fields_and_unnecessary_entries_are_reported() {
        let all = Bodies::default().fields();
        let mut used: BTreeMap<String, BTreeSet<String>> =
            all.into_iter().map(|(operation, fields)| (operation.to_owned(), fields)).collect();
        assert_eq!(compare(&used, &[]), [""; 0]);
        used.get_mut("ingestData").unwrap().retain(|field| !field.starts_with("link"));
        let lines = compare(&used, &[]);
        assert!(lines.contains(&"ingestData: link.GeoMatch.distance".to_owned()), "{lines:?}");
        assert_eq!(compare(&used, &[("ingestData", "link", "as a test")]), [""; 0]);
        let lines = compare(&used, &[("ingestData", "link", "as a test"), ("addLink", "from", "no reason")]);
        assert!(lines.len() == 1 && lines[0].contains("remove the entry"), "{lines:?}");
        used.remove("ingestData");
        assert_eq!(compare(&used, &[]), [""; 0], "operations that were not tried are skipped");
    }
}
