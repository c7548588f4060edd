//! What the fields of a dataset mean, written by hand or taken from a Rust type.

use std::collections::BTreeMap;

use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Error, dataset::DESCRIPTION_LIMIT};

/// Field names and what each field means: inference steps read it, and an upload that brings one spares
/// the service guessing the fields by a model.
///
/// ```
/// use datalinks::SchemaDefinition;
/// use schemars::JsonSchema;
///
/// /// Feature films.
/// #[derive(JsonSchema)]
/// struct Film {
///     /// Title as released.
///     title: String,
///     #[schemars(rename = "releaseYear")]
///     year: Option<u16>,
/// }
///
/// let schema = SchemaDefinition::of::<Film>();
/// assert_eq!(schema.get("title"), Some("Title as released."));
/// assert_eq!(schema.get("releaseYear"), Some("releaseYear (integer, may be missing)"));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SchemaDefinition(BTreeMap<String, String>);

impl SchemaDefinition {
    /// No fields yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The fields of a row type: their names as they are serialised (renames honoured, flattened structs
    /// merged), and their doc comments. A field without one gets the description of its type, or its
    /// name and type.
    pub fn of<T: JsonSchema>() -> Self {
        let schema = Value::from(SchemaGenerator::default().into_root_schema_for::<T>());
        let mut fields = Self::new();
        fields.collect(&schema, &schema, 0);
        fields
    }

    /// Adds a field, or describes it anew.
    pub fn field(mut self, name: impl Into<String>, description: impl Into<String>) -> Self {
        self.0.insert(name.into(), description.into());
        self
    }

    /// What a field means.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Refuses descriptions over 10,000 characters. The service's schema states that limit for the
    /// description of a dataset; that it holds for fields too is this crate's caution.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.0.iter().find(|(_, text)| text.chars().count() > DESCRIPTION_LIMIT) {
            None => Ok(()),
            Some((name, text)) => Err(Error::invalid(format!(
                "the description of the field {name:?} has {} characters, {DESCRIPTION_LIMIT} are allowed",
                text.chars().count()
            ))),
        }
    }

    fn collect(&mut self, root: &Value, schema: &Value, depth: usize) {
        let schema = resolve(root, schema);
        // A type may be flattened into itself through an option; rows have no such depth.
        if depth > 16 {
            return;
        }
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let optional = !required.contains(&name.as_str());
            self.0.insert(name.clone(), describe(root, name, field, optional));
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.collect(root, part, depth + 1);
        }
    }
}

impl IntoIterator for SchemaDefinition {
    type Item = (String, String);
    type IntoIter = std::collections::btree_map::IntoIter<String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<N: Into<String>, D: Into<String>> FromIterator<(N, D)> for SchemaDefinition {
    fn from_iter<I: IntoIterator<Item = (N, D)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, text)| (name.into(), text.into())).collect())
    }
}

/// The doc comment of a row type, to describe a dataset by; nothing when it has none.
///
/// ```
/// /// Feature films, one a row.
/// #[derive(schemars::JsonSchema)]
/// struct Film { title: String }
///
/// assert_eq!(datalinks::data_description::<Film>().as_deref(), Some("Feature films, one a row."));
/// ```
pub fn data_description<T: JsonSchema>() -> Option<String> {
    let schema = Value::from(SchemaGenerator::default().into_root_schema_for::<T>());
    schema["description"].as_str().map(str::to_owned)
}

fn describe(root: &Value, name: &str, field: &Value, optional: bool) -> String {
    let own = field["description"].as_str();
    let (inner, nullable) = without_null(root, field);
    if let Some(text) = own.or_else(|| inner["description"].as_str()) {
        return text.to_owned();
    }
    let missing = if optional || nullable { ", may be missing" } else { "" };
    format!("{name} ({}{missing})", kind(inner))
}

/// The schema behind references and options, and whether null is allowed.
fn without_null<'a>(root: &'a Value, field: &'a Value) -> (&'a Value, bool) {
    let field = resolve(root, field);
    match field["anyOf"].as_array() {
        Some(choices) => {
            let mut values = choices.iter().filter(|choice| choice["type"] != "null");
            match (values.next(), values.next()) {
                (Some(only), None) => (resolve(root, only), true),
                _ => (field, false),
            }
        }
        None => (field, false),
    }
}

fn kind(schema: &Value) -> String {
    let words: Vec<&str> = match &schema["type"] {
        Value::String(word) => vec![word],
        Value::Array(words) => {
            words.iter().filter_map(Value::as_str).filter(|word| *word != "null").collect()
        }
        _ => Vec::new(),
    };
    let values: Vec<String> = schema["enum"].as_array().into_iter().flatten().map(plain).collect();
    match (words.as_slice(), values.as_slice()) {
        (_, [_, ..]) => format!("one of {}", values.join(", ")),
        ([], []) => "any".to_owned(),
        (words, []) => words.join(" or "),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let Some(path) = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')) else { return schema };
    match root.pointer(path) {
        Some(target) if schema.as_object().map(Map::len) == Some(1) => target,
        // A reference with a description of its own keeps it; its type is found below.
        Some(target) => target,
        None => schema,
    }
}

#[cfg(test)]
#[expect(dead_code, reason = "the types are here for their schemas")]
mod tests {
    use super::*;

    /// Where something is.
    #[derive(JsonSchema)]
    struct Place {
        city: String,
    }

    #[derive(JsonSchema)]
    struct Credits {
        /// Who directed it.
        director: String,
    }

    #[derive(JsonSchema)]
    enum Colour {
        Red,
        Green,
    }

    #[derive(JsonSchema)]
    #[serde(rename_all = "camelCase")]
    struct Film {
        /// As released.
        main_title: String,
        shot_at: Place,
        premiere: Option<Place>,
        /// Where it is set.
        set_in: Place,
        #[serde(flatten)]
        credits: Credits,
        colour: Colour,
        stars: Option<f64>,
        #[serde(skip)]
        internal: u8,
    }

    #[test]
    fn renames_nested_flattened_and_optional_fields() {
        let schema = SchemaDefinition::of::<Film>();
        let found: Vec<(&str, &str)> =
            schema.0.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(
            found,
            [
                ("colour", "colour (one of Red, Green)"),
                ("director", "Who directed it."),
                ("mainTitle", "As released."),
                ("premiere", "Where something is."),
                ("setIn", "Where it is set."),
                ("shotAt", "Where something is."),
                ("stars", "stars (number, may be missing)"),
            ]
        );
    }

    #[test]
    fn long_descriptions_are_refused_before_sending() {
        let fine = SchemaDefinition::new().field("a", "x".repeat(10_000));
        assert!(fine.check().is_ok());
        assert!(fine.field("b", "x".repeat(10_001)).check().unwrap_err().to_string().contains("\"b\""));
    }
}
