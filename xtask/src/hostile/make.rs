//! Generation of valid values from schemas.

use fastrand::Rng;
use serde_json::Value;

use super::contract::Contract;
use super::extreme::{one, word};
use super::json::Json;
use super::known::{COLUMNS, DATASETS, Facts, NAMESPACES};
use super::texts;

/// Maximum depth to which a schema is followed.
const DEPTH: usize = 8;

/// A generator of values.
pub(super) struct Maker<'a> {
    pub(super) contract: &'a Contract,
    /// The operation of the request. It decides which strings have a meaning.
    pub(super) operation: &'a str,
    /// The ids that the request may name.
    pub(super) facts: &'a Facts,
}

impl Maker<'_> {
    /// Returns a value that conforms to a schema, for the field `name`.
    pub(super) fn value(&self, schema: &Value, name: &str, depth: usize, rng: &mut Rng) -> Json {
        let schema = self.contract.resolve(schema);
        if depth > DEPTH {
            return Json::Raw("null".to_owned());
        }
        if let Some(known) = self.known(name, schema, rng) {
            return known;
        }
        if let Some(words) = schema["enum"].as_array() {
            return one(rng, words).map_or(Json::Raw("null".to_owned()), Json::from);
        }
        if let Some(then) = schema.get("then") {
            return if rng.u8(..10) == 0 {
                Json::Raw("null".to_owned())
            } else {
                self.value(then, name, depth + 1, rng)
            };
        }
        if let Some(members) = schema["oneOf"].as_array() {
            return match one(rng, members) {
                Some(member) => self.value(member, name, depth + 1, rng),
                None => Json::Object(Vec::new()),
            };
        }
        let object = schema.get("properties").is_some() || schema["type"] == "object";
        if let (false, Some(members)) = (object, schema["allOf"].as_array()) {
            return members
                .first()
                .map_or(Json::Object(Vec::new()), |member| self.value(member, name, depth + 1, rng));
        }
        let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
        match kind {
            _ if object => self.object(schema, name, depth, rng),
            Some("array") => {
                let least = schema["minItems"].as_u64().unwrap_or(0) as usize;
                let items = rng.usize(least..=least + 3);
                Json::Array((0..items).map(|_| self.value(&schema["items"], name, depth + 1, rng)).collect())
            }
            Some("boolean") => Json::Raw(rng.bool().to_string()),
            Some("integer") => {
                let least = schema["minimum"].as_i64().unwrap_or(0).max(0);
                Json::Raw(rng.i64(least..=least + 20).to_string())
            }
            Some("number") => Json::Raw(format!("{:.2}", rng.f64())),
            Some("string") => Json::text(self.text(name, rng)),
            _ => texts::cell(rng),
        }
    }

    fn object(&self, schema: &Value, name: &str, depth: usize, rng: &mut Rng) -> Json {
        let mut fields: Vec<(String, Json)> = Vec::new();
        self.fill(&mut fields, schema, depth, rng);
        for part in schema["allOf"].as_array().into_iter().flatten() {
            match (part.get("if"), part["oneOf"].as_array()) {
                (Some(condition), _) => {
                    let chosen =
                        fields.iter().find(|(name, _)| name == "type").map(|(_, value)| value.written());
                    let words = condition["properties"]["type"]["enum"].as_array().into_iter().flatten();
                    if words.into_iter().any(|word| Some(word.to_string()) == chosen) {
                        let then = self.contract.resolve(&part["then"]);
                        fields.retain(|(name, _)| name == "type");
                        self.fill(&mut fields, then, depth, rng);
                    }
                }
                (None, Some(choices)) => {
                    let wanted =
                        |choice: &Value| choice["required"][0].as_str().unwrap_or_default().to_owned();
                    let all: Vec<String> = choices.iter().map(wanted).collect();
                    fields.retain(|(name, _)| !all.contains(name));
                    // The first alternative needs no other resource.
                    let chosen = if rng.u8(..4) == 0 { one(rng, &all) } else { all.first() };
                    if let Some(name) = chosen {
                        let value = self.value(&schema["properties"][name], name, depth + 1, rng);
                        fields.push((name.clone(), value));
                    }
                }
                _ => {}
            }
        }
        // Objects with arbitrary fields, such as rows and definitions.
        if let (true, Some(others)) =
            (fields.is_empty(), schema.get("additionalProperties").filter(|others| others.is_object()))
        {
            for column in COLUMNS.iter().take(rng.usize(1..=COLUMNS.len())) {
                let value = if others["type"] == "string" {
                    Json::text(self.text(name, rng))
                } else {
                    texts::cell(rng)
                };
                fields.push(((*column).to_owned(), value));
            }
        }
        Json::Object(fields)
    }

    /// Adds the properties of a schema that are missing: all required ones, and some others.
    fn fill(&self, fields: &mut Vec<(String, Json)>, schema: &Value, depth: usize, rng: &mut Rng) {
        let required =
            |name: &str| schema["required"].as_array().into_iter().flatten().any(|own| own == name);
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if fields.iter().any(|(own, _)| own == name) {
                continue;
            }
            if required(name) || rng.bool() {
                fields.push((name.clone(), self.value(property, name, depth + 1, rng)));
            }
        }
    }

    /// Returns a value that exists in the emulator, or that has a meaning there.
    fn known(&self, name: &str, schema: &Value, rng: &mut Rng) -> Option<Json> {
        if let Some(own) = self.facts.get(name) {
            return Some(if name == "parts" { Json::Raw(own.clone()) } else { Json::text(own) });
        }
        let is_row = schema["type"] == "object"
            && schema.get("properties").is_none()
            && matches!(name, "data" | "sample");
        is_row.then(|| texts::row(rng))
    }

    fn text(&self, name: &str, rng: &mut Rng) -> String {
        text(self.operation, name, rng)
    }
}

/// Returns a string that has a meaning in a field or as a parameter.
pub(super) fn text(operation: &str, name: &str, rng: &mut Rng) -> String {
    let known = match name {
        "username" if operation.starts_with("share") || operation.starts_with("revoke") => {
            word(rng, &["bo", "BO"])
        }
        "username" | "user" | "owner" | "datalinksUsername" => {
            word(rng, &["self", "self", "self", "self", "self", "ana", "ana", "ANA", "bo"])
        }
        "namespace" => word(rng, &NAMESPACES),
        "outputNamespace" => "made",
        "dataset" | "datasetName" => word(rng, &DATASETS),
        "columnName" | "deriveFrom" | "order" | "targetColumns" | "targetCols" => word(rng, &COLUMNS),
        "agentName" => word(rng, &["assistant", "nl2ql"]),
        "matchType" => word(rng, &["ExactMatch", "GeoMatch"]),
        "distanceUnit" => word(rng, &["km", "mi", "m"]),
        "query" if operation == "queryData" => return texts::query(rng),
        "query" | "naturalLanguageQuery" => {
            word(rng, &["which trees are tall?", "how many parks are there?", "the tallest tree"])
        }
        "filename" => word(rng, &["a.csv", "a.json", "a.ndjson"]),
        "expires_at" => "2999-01-31T12:00:00Z",
        "beforeCreatedAt" | "before" | "onOrAfter" | "lastStartTime" => {
            word(rng, &["2026-01-31T12:00:00Z", "1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
        }
        "timeZoneForAggregation" => word(rng, &["Europe/Berlin", "UTC", "Pacific/Apia"]),
        "dataUrl" | "dataBlobUrl" => "s3://emulator/key",
        "origin" | "destination" => {
            return format!(
                "ri.ana.{}.{}.{}",
                word(rng, &NAMESPACES),
                word(rng, &DATASETS),
                word(rng, &COLUMNS)
            );
        }
        "payload" => "cHJpbnQoMSk=",
        _ => return format!("{name} {}", rng.u8(..)),
    };
    known.to_owned()
}
