//! The schemas of requests in the OpenAPI document. Each is compiled on first use, once per process.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use http::StatusCode;
use jsonschema::Validator;
use serde_json::{Map, Value};

use super::media::Media;
use crate::response::Problem;

static RULES: LazyLock<Result<HashMap<String, Rules>, String>> =
    LazyLock::new(|| parse(datalinks_gen::REQUESTS));

/// The rules for requests of one operation.
pub(super) struct Rules {
    pub(super) body: Option<BodyRule>,
    pub(super) query: Option<Schema>,
    /// The statuses that the document declares.
    pub(super) statuses: Vec<String>,
}

pub(super) struct BodyRule {
    pub(super) media: Media,
    pub(super) required: bool,
    pub(super) schema: Schema,
    /// The names of fields that contain rows.
    pub(super) rows: Vec<String>,
}

/// A schema with the definitions that it refers to.
pub(super) struct Schema {
    own: Value,
    whole: Value,
    compiled: OnceLock<Result<Validator, String>>,
}

impl Schema {
    fn new(own: &Value, definitions: &Value) -> Self {
        let whole = [("allOf", Value::from(vec![own.clone()])), ("$defs", definitions.clone())];
        let whole = whole.into_iter().map(|(name, value)| (name.to_owned(), value));
        Self { own: own.clone(), whole: Value::Object(whole.collect()), compiled: OnceLock::new() }
    }

    /// Returns the schema without the definitions that it refers to.
    pub(super) fn schema(&self) -> &Value {
        &self.own
    }

    pub(super) fn compiled(&self) -> Result<Compiled<'_>, Problem> {
        let compiled = self.compiled.get_or_init(|| {
            let options = jsonschema::options().should_validate_formats(true);
            options.build(&self.whole).map_err(|error| error.to_string())
        });
        let validator = compiled.as_ref().map_err(|error| unusable(error))?;
        Ok(Compiled { whole: &self.whole, validator })
    }
}

/// A compiled schema.
pub(super) struct Compiled<'a> {
    pub(super) whole: &'a Value,
    pub(super) validator: &'a Validator,
}

pub(super) fn of(operation: &str) -> Result<&'static Rules, Problem> {
    let rules = RULES.as_ref().map_err(|error| unusable(error))?;
    rules.get(operation).ok_or_else(|| unusable(&format!("there is no operation {operation}")))
}

/// Returns the error of an invalid schema. Tests compile every schema, so this indicates a defect.
fn unusable(error: &str) -> Problem {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "INTERNAL",
        format!("the schemas of the OpenAPI document cannot be used: {error}; report this as a defect"),
    )
}

fn parse(text: &str) -> Result<HashMap<String, Rules>, String> {
    let requests: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let definitions = &requests["$defs"];
    let operations = requests["operations"].as_object().into_iter().flatten();
    operations
        .map(|(id, request)| {
            let body = request.get("body").map(|body| body_rule(body, definitions)).transpose()?;
            let query = request.get("query").map(|query| Schema::new(query, definitions));
            let statuses = serde_json::from_value(request["statuses"].clone());
            let statuses = statuses.map_err(|error| format!("{id}: statuses: {error}"))?;
            Ok((id.clone(), Rules { body, query, statuses }))
        })
        .collect()
}

fn body_rule(body: &Value, definitions: &Value) -> Result<BodyRule, String> {
    let name = body["contentType"].as_str().unwrap_or_default();
    let media = Media::named(name).ok_or_else(|| format!("no body is read as {name:?}"))?;
    let schema = &body["schema"];
    let fields = target(schema, definitions)["properties"].as_object();
    let rows = fields.into_iter().flatten().filter(|(_, field)| holds_rows(field, definitions));
    Ok(BodyRule {
        media,
        required: body["required"] == true,
        schema: Schema::new(schema, definitions),
        rows: rows.map(|(name, _)| name.clone()).collect(),
    })
}

/// Resolves references: returns the schema that a schema refers to, directly or through others.
fn target<'a>(mut schema: &'a Value, definitions: &'a Value) -> &'a Value {
    loop {
        schema = match (schema["$ref"].as_str(), schema["allOf"].as_array().map(Vec::as_slice)) {
            (Some(path), _) => &definitions[path.trim_start_matches("#/$defs/")],
            (None, Some([only])) if schema["properties"].is_null() => only,
            _ => return schema,
        };
    }
}

/// Returns `true` if a field is an array of objects without further constraints.
fn holds_rows(field: &Value, definitions: &Value) -> bool {
    let list = target(field, definitions);
    let is_open = |item: &Value| {
        item.as_object().is_some_and(|fields| fields.len() == 2)
            && item["type"] == "object"
            && item["additionalProperties"].as_object().is_some_and(Map::is_empty)
    };
    list["type"] == "array" && is_open(target(&list["items"], definitions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_compiles() {
        let rules = RULES.as_ref().unwrap();
        assert_eq!(rules.len(), datalinks_gen::OPERATIONS.len());
        for operation in datalinks_gen::OPERATIONS {
            let rules = of(operation.id).unwrap();
            for schema in rules.query.iter().chain(rules.body.iter().map(|body| &body.schema)) {
                schema.compiled().unwrap();
            }
        }
    }

    #[test]
    fn rows_are_known() {
        for (operation, expected) in [
            ("ingestData", vec!["data"]),
            ("inferSchema", vec!["sample"]),
            ("runPipeline", vec!["data"]),
            ("addToken", vec![]),
        ] {
            let rules = of(operation).unwrap();
            assert_eq!(rules.body.as_ref().unwrap().rows, expected, "{operation}");
        }
    }
}
