//! Descriptions of fields that are derived from a Rust type.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
};

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use super::schema::SchemaDefinition;

impl SchemaDefinition {
    /// Describes the fields of a row type as they are written when rows of it are ingested.
    ///
    /// - Names are those that `serde` serializes. Where a type is read in another way than it is written, for example by
    ///   `#[serde(rename(serialize = "..."))]` or `#[serde(skip_deserializing)]`, the written form counts.
    /// - A field is described by its doc comment, or else by that of its type, or else by its name and type. If variants
    ///   of an enum describe a field in different words, all of them are kept.
    /// - Fields of flattened structs and enums are fields of the row.
    /// - A row type that is an enum has the fields of all variants. A field "may be missing" unless every variant
    ///   always writes it. A tag lists the names of the variants.
    ///
    /// A field whose names are not known to the type, such as those of a flattened map, is not described.
    ///
    /// # Examples
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
    ///
    /// The variants of an enum together:
    ///
    /// ```
    /// use datalinks::SchemaDefinition;
    ///
    /// #[derive(schemars::JsonSchema, serde::Serialize)]
    /// #[serde(tag = "kind", rename_all = "lowercase")]
    /// enum Title {
    ///     Film { name: String, minutes: u16 },
    ///     Series { name: String, seasons: u8 },
    /// }
    ///
    /// let schema = SchemaDefinition::of::<Title>();
    /// assert_eq!(schema.get("kind"), Some("kind (one of film, series)"));
    /// assert_eq!(schema.get("name"), Some("name (string)"));
    /// assert_eq!(schema.get("minutes"), Some("minutes (integer, may be missing)"));
    /// ```
    pub fn of<T: JsonSchema>() -> Self {
        let schema = written::<T>();
        let fields = Fields::of(&schema, &schema, &mut Vec::new()).unwrap_or_default();
        fields.0.iter().map(|(name, field)| (*name, field.describe(&schema, name))).collect()
    }
}

/// Returns the doc comment of a row type, as the description of a dataset, or `None` if the type has none.
///
/// # Examples
///
/// ```
/// /// Feature films, one per row.
/// #[derive(schemars::JsonSchema)]
/// struct Film { title: String }
///
/// assert_eq!(datalinks::datasets::data_description::<Film>().as_deref(), Some("Feature films, one per row."));
/// ```
pub fn data_description<T: JsonSchema>() -> Option<String> {
    let schema = written::<T>();
    schema["description"].as_str().map(str::to_owned)
}

/// Returns the schema of the serialized form of a type, because rows are serialized when they are ingested.
fn written<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::default().for_serialize().into_generator();
    Value::from(generator.into_root_schema_for::<T>())
}

/// Fields of the objects that match a schema.
#[derive(Default)]
struct Fields<'a>(BTreeMap<&'a str, Field<'a>>);

/// A field with the schemas that describe it.
struct Field<'a> {
    schemas: Vec<&'a Value>,
    /// `true` if every object has the field.
    required: bool,
}

impl<'a> Fields<'a> {
    /// Returns the fields of a schema, or `None` for a reference that is being followed already (`open`): a type may contain
    /// itself.
    fn of(root: &'a Value, schema: &'a Value, open: &mut Vec<&'a str>) -> Option<Self> {
        let mut fields = Self::default();
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let required = required.contains(&name.as_str());
            fields.0.insert(name, Field { schemas: vec![field], required });
        }
        if let Some((reference, target)) = target(root, schema) {
            if !open.contains(&reference) {
                open.push(reference);
                fields.and(Self::of(root, target, open).unwrap_or_default());
                open.pop();
            } else if fields.0.is_empty() {
                return None;
            }
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            fields.and(Self::of(root, part, open).unwrap_or_default());
        }
        for choices in [&schema["anyOf"], &schema["oneOf"]].into_iter().filter_map(Value::as_array) {
            let choices = choices.iter().filter_map(|choice| Self::of(root, choice, open));
            fields.and(choices.reduce(Self::or).unwrap_or_default());
        }
        Some(fields)
    }

    /// Adds the fields of a second schema that objects match as well.
    fn and(&mut self, other: Self) {
        for (name, field) in other.0 {
            match self.0.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(field);
                }
                Entry::Occupied(mut entry) => {
                    entry.get_mut().required |= field.required;
                    entry.get_mut().schemas.extend(field.schemas);
                }
            }
        }
    }

    /// Returns the fields of objects that match one of two schemas.
    fn or(mut self, mut other: Self) -> Self {
        for (name, field) in &mut self.0 {
            field.required &= other.0.get(name).is_some_and(|other| other.required);
        }
        for (name, field) in &mut other.0 {
            field.required &= self.0.get(name).is_some_and(|ours| ours.required);
        }
        self.and(other);
        self
    }
}

impl Field<'_> {
    fn describe(&self, root: &Value, name: &str) -> String {
        let mut texts: Vec<&str> = Vec::new();
        for text in self.schemas.iter().filter_map(|schema| description(root, schema)) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        if !texts.is_empty() {
            return texts.join(" / ");
        }
        let mut kind = Kind::default();
        self.schemas.iter().for_each(|schema| kind.add(root, schema, &mut Vec::new()));
        let missing = if kind.nullable || !self.required { ", may be missing" } else { "" };
        format!("{name} ({kind}{missing})")
    }
}

/// Returns the description of a field, or of its type behind references and options.
fn description<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a str> {
    let (mut schema, mut steps) = (schema, 0);
    loop {
        if let Some(text) = schema["description"].as_str() {
            return Some(text);
        }
        schema = match (target(root, schema), schema["anyOf"].as_array()) {
            (Some((_, target)), _) => target,
            (None, Some(choices)) => {
                let mut values = choices.iter().filter(|choice| !is_null(choice));
                values.next().filter(|_| values.next().is_none())?
            }
            (None, None) => return None,
        };
        // References can form a cycle.
        steps += 1;
        if steps > DEEPEST {
            return None;
        }
    }
}

/// Maximum number of references that are followed for a description.
const DEEPEST: usize = 16;

/// The types of a value, or the values if the schema lists them.
#[derive(Default)]
struct Kind {
    words: Vec<String>,
    values: Vec<String>,
    /// `true` if any value is allowed.
    any: bool,
    nullable: bool,
}

impl Kind {
    fn add<'a>(&mut self, root: &'a Value, schema: &'a Value, open: &mut Vec<&'a str>) {
        if is_null(schema) {
            self.nullable = true;
            return;
        }
        let types = match &schema["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            other => Vec::from_iter(other.as_str()),
        };
        self.nullable |= types.contains(&"null");
        let listed = schema["enum"].as_array().into_iter().flatten().chain(schema.get("const"));
        let (nulls, listed): (Vec<&Value>, Vec<&Value>) = listed.partition(|value| value.is_null());
        self.nullable |= !nulls.is_empty();
        let choices = [&schema["anyOf"], &schema["oneOf"]];
        if !listed.is_empty() {
            listed.into_iter().for_each(|value| push(&mut self.values, plain(value)));
        } else if !types.is_empty() {
            let types = types.into_iter().filter(|word| *word != "null");
            types.for_each(|word| push(&mut self.words, word.to_owned()));
        } else if let Some((reference, target)) = target(root, schema) {
            if !open.contains(&reference) {
                open.push(reference);
                self.add(root, target, open);
                open.pop();
            }
        } else if let Some(choices) = choices.into_iter().find_map(Value::as_array) {
            choices.iter().for_each(|choice| self.add(root, choice, open));
        } else {
            self.any = true;
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.words.as_slice(), self.values.as_slice()) {
            _ if self.any => f.write_str("any"),
            ([], []) => f.write_str("any"),
            ([], values) => write!(f, "one of {}", values.join(", ")),
            (words, []) => f.write_str(&words.join(" or ")),
            (words, values) => write!(f, "{}, or one of {}", words.join(" or "), values.join(", ")),
        }
    }
}

fn push(texts: &mut Vec<String>, text: String) {
    if !texts.contains(&text) {
        texts.push(text);
    }
}

fn is_null(schema: &Value) -> bool {
    schema["type"] == "null"
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Where the schema refers to, if it does.
fn target<'a>(root: &'a Value, schema: &'a Value) -> Option<(&'a str, &'a Value)> {
    let reference = schema["$ref"].as_str()?;
    Some((reference, root.pointer(reference.strip_prefix('#')?)?))
}

#[cfg(test)]
#[expect(dead_code, reason = "the types are here for their schemas")]
mod tests {
    use serde::Serialize;

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
        let found: Vec<(&str, &str)> = schema.iter().collect();
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

    fn described<T: JsonSchema>() -> Vec<(String, String)> {
        SchemaDefinition::of::<T>().into_iter().collect()
    }

    fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
        pairs.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
    }

    /// The schema described how a type is read, so that names of columns were announced that no row has.
    #[test]
    fn describes_rows_as_they_are_written() {
        #[derive(JsonSchema, Serialize)]
        struct Film {
            #[serde(rename(serialize = "releaseYear", deserialize = "year"))]
            year: u16,
            #[serde(skip_deserializing)]
            computed: u16,
            #[serde(skip_serializing)]
            password: String,
            #[serde(default)]
            always_written: u8,
            #[serde(skip_serializing_if = "Option::is_none")]
            note: Option<String>,
        }
        let expected = pairs([
            ("always_written", "always_written (integer)"),
            ("computed", "computed (integer)"),
            ("note", "note (string, may be missing)"),
            ("releaseYear", "releaseYear (integer)"),
        ]);
        assert_eq!(described::<Film>(), expected);
        // The descriptions are of the fields that the rows have.
        let row =
            Film { year: 1, computed: 2, password: "p".into(), always_written: 0, note: Some("n".into()) };
        let row = serde_json::to_value(row).unwrap();
        let names: Vec<String> = expected.into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            row.as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>(),
            names.into_iter().collect()
        );
    }

    /// Fields of enums that are flattened into a row were left out.
    #[test]
    fn fields_of_flattened_enums_are_fields_of_the_row() {
        #[derive(JsonSchema, Serialize)]
        #[serde(tag = "kind")]
        enum Kind {
            /// A film.
            Film {
                minutes: u16,
            },
            Series(Series),
        }
        #[derive(JsonSchema, Serialize)]
        struct Series {
            /// Number of seasons.
            seasons: u8,
        }
        #[derive(JsonSchema, Serialize)]
        #[serde(untagged)]
        enum Place {
            Near { distance: f32 },
            Far { distance: String, country: String },
        }
        #[derive(JsonSchema, Serialize)]
        enum Award {
            Won { prize: String },
            Nominated(u16),
        }
        #[derive(JsonSchema, Serialize)]
        struct Row {
            title: String,
            #[serde(flatten)]
            kind: Kind,
            #[serde(flatten)]
            place: Option<Place>,
            #[serde(flatten)]
            award: Award,
            #[serde(flatten)]
            rest: BTreeMap<String, String>,
        }
        let expected = pairs([
            ("Nominated", "Nominated (integer, may be missing)"),
            ("Won", "Won (object, may be missing)"),
            ("country", "country (string, may be missing)"),
            ("distance", "distance (number or string, may be missing)"),
            ("kind", "kind (one of Film, Series)"),
            ("minutes", "minutes (integer, may be missing)"),
            ("seasons", "Number of seasons."),
            ("title", "title (string)"),
        ]);
        assert_eq!(described::<Row>(), expected);
    }

    /// A row type that is an enum had no fields at all.
    #[test]
    fn rows_that_are_enums_have_the_fields_of_all_variants() {
        #[derive(JsonSchema, Serialize)]
        #[serde(tag = "kind", rename_all = "lowercase")]
        enum Internal {
            Film {
                /// Title as released.
                title: String,
                year: u16,
            },
            Series {
                /// Title of the first season.
                title: String,
                year: Option<u16>,
            },
            Unknown,
        }
        let expected = pairs([
            ("kind", "kind (one of film, series, unknown)"),
            ("title", "Title as released. / Title of the first season."),
            ("year", "year (integer, may be missing)"),
        ]);
        assert_eq!(described::<Internal>(), expected);

        #[derive(JsonSchema, Serialize)]
        #[serde(untagged)]
        enum Untagged {
            Both { a: u8, b: bool },
            One(One),
        }
        #[derive(JsonSchema, Serialize)]
        struct One {
            a: u8,
        }
        assert_eq!(
            described::<Untagged>(),
            pairs([("a", "a (integer)"), ("b", "b (boolean, may be missing)")])
        );

        #[derive(JsonSchema, Serialize)]
        enum External {
            Film(One),
            Series { a: u8 },
        }
        let expected =
            pairs([("Film", "Film (object, may be missing)"), ("Series", "Series (object, may be missing)")]);
        assert_eq!(described::<External>(), expected);

        #[derive(JsonSchema, Serialize)]
        #[serde(tag = "kind", content = "value")]
        enum Adjacent {
            Number(u8),
            Text(String),
        }
        let expected =
            pairs([("kind", "kind (one of Number, Text)"), ("value", "value (integer or string)")]);
        assert_eq!(described::<Adjacent>(), expected);
    }

    /// Values of an enum with doc comments were described as "any".
    #[test]
    fn values_of_documented_enums_are_listed() {
        #[derive(JsonSchema, Serialize)]
        enum Genre {
            /// Frightening.
            Horror,
            /// Funny.
            Comedy,
            Other,
        }
        #[derive(JsonSchema, Serialize)]
        struct Film {
            genre: Genre,
            second: Option<Genre>,
            anything: Value,
        }
        let expected = pairs([
            ("anything", "anything (any)"),
            ("genre", "genre (one of Other, Horror, Comedy)"),
            ("second", "second (one of Other, Horror, Comedy, may be missing)"),
        ]);
        assert_eq!(described::<Film>(), expected);
    }

    #[test]
    fn types_that_contain_themselves_end() {
        #[derive(JsonSchema, Serialize)]
        #[serde(untagged)]
        enum Node {
            Leaf { name: String },
            Inner(Box<Node>),
            Both { name: String, parent: Option<Box<Node>> },
        }
        let expected = pairs([("name", "name (string)"), ("parent", "parent (object, may be missing)")]);
        assert_eq!(described::<Node>(), expected);
    }

    #[test]
    fn long_descriptions_are_rejected_before_sending() {
        let fine = SchemaDefinition::new().field("a", "x".repeat(10_000));
        assert!(fine.check().is_ok());
        assert!(fine.field("b", "x".repeat(10_001)).check().unwrap_err().to_string().contains("\"b\""));
    }
}
