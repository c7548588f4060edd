//! Typed access to the fields of a JSON body.
//!
//! [`crate::contract`] has validated the body. Unknown fields are ignored and `null` in an optional field counts as absent:
//! in strict mode, both were rejected earlier.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::concurrency::work::Map;
use crate::response::{Problem, SubError};
use crate::store::{InputRow, OrderedTexts};

/// The target of the trace events that record which fields of a body a handler reads: `at` is the path of the object, such
/// as `infer.`, and `name` the field.
const READ_FIELD: &str = "datalinks_emulator::body";

/// The fields of a JSON object that were not read yet, and the violations found so far.
pub(crate) struct Fields<'a> {
    /// Path of this object in the body, such as `infer.`. Empty for the body itself.
    at: String,
    given: Map<String, &'a RawValue>,
    violations: Vec<SubError>,
}

/// A type that a field can have.
pub(crate) trait Shape: DeserializeOwned + Default {
    /// Description of the type for error messages.
    const NAME: &'static str;
}

impl Shape for String {
    const NAME: &'static str = "a string";
}
impl Shape for bool {
    const NAME: &'static str = "true or false";
}
impl Shape for u64 {
    const NAME: &'static str = "a whole number of at least 0";
}
impl Shape for f64 {
    const NAME: &'static str = "a number";
}
impl Shape for i64 {
    const NAME: &'static str = "a whole number";
}
impl Shape for Vec<String> {
    const NAME: &'static str = "an array of strings";
}
impl Shape for OrderedTexts {
    const NAME: &'static str = "an object whose values are strings";
}

impl<'a> Fields<'a> {
    /// Parses the body as a JSON object. An empty body is an object without fields.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, Problem> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self { at: String::new(), given: Map::default(), violations: Vec::new() });
        }
        let object: Object<'a> = serde_json::from_slice(body).map_err(|error| {
            Problem::malformed(format!("the body is not a JSON object: {error}; send one"))
        })?;
        Ok(Self { at: String::new(), given: object.0, violations: Vec::new() })
    }

    fn nested(at: String, raw: &'a RawValue) -> Option<Self> {
        let object: Object<'a> = serde_json::from_str(raw.get()).ok()?;
        Some(Self { at, given: object.0, violations: Vec::new() })
    }

    /// Records that a handler reads a field, present or not. Tests compare the records with the OpenAPI document.
    fn record_read(&self, name: &str) {
        tracing::trace!(target: READ_FIELD, at = self.at, name);
    }

    /// Takes the raw value of a field. `null` counts as absent.
    pub(crate) fn raw(&mut self, name: &str) -> Option<&'a RawValue> {
        self.record_read(name);
        let raw = self.given.swap_remove(name)?;
        (raw.get() != "null").then_some(raw)
    }

    /// Takes an optional field. A value of another type is recorded as a violation.
    pub(crate) fn optional<T: Shape>(&mut self, name: &str) -> Option<T> {
        let raw = self.raw(name)?;
        let value = serde_json::from_str(raw.get()).ok();
        if value.is_none() {
            self.wrong(name, T::NAME);
        }
        value
    }

    /// Takes a required field. If it is missing, returns a default value, and [`Fields::finish`] fails.
    pub(crate) fn required<T: Shape>(&mut self, name: &str) -> T {
        if !self.has(name) {
            self.missing(name);
        }
        self.optional(name).unwrap_or_default()
    }

    /// Takes an optional description.
    pub(crate) fn description(&mut self, name: &str) -> Option<String> {
        self.optional(name)
    }

    /// Takes an optional array of rows.
    pub(crate) fn rows(&mut self, name: &str) -> Option<Vec<InputRow<'a>>> {
        let rows = serde_json::from_str(self.raw(name)?.get()).ok();
        if rows.is_none() {
            self.wrong(name, "an array of rows, which are JSON objects");
        }
        rows
    }

    /// Takes a required array of rows.
    pub(crate) fn required_rows(&mut self, name: &str) -> Vec<InputRow<'a>> {
        if !self.has(name) {
            self.missing(name);
        }
        self.rows(name).unwrap_or_default()
    }

    /// Takes an optional nested object. Pass it to [`Fields::close`] afterwards.
    pub(crate) fn object(&mut self, name: &str) -> Option<Fields<'a>> {
        let raw = self.raw(name)?;
        let inner = Self::nested(format!("{}{name}.", self.at), raw);
        if inner.is_none() {
            self.wrong(name, "an object");
        }
        inner
    }

    /// Takes a required nested object. Pass it to [`Fields::close`] afterwards.
    pub(crate) fn required_object(&mut self, name: &str) -> Option<Fields<'a>> {
        if !self.has(name) {
            self.missing(name);
        }
        self.object(name)
    }

    /// Takes an optional array of nested objects. Pass each to [`Fields::close`] afterwards.
    pub(crate) fn objects(&mut self, name: &str) -> Vec<Fields<'a>> {
        let Some(raw) = self.raw(name) else { return Vec::new() };
        let Ok(items) = serde_json::from_str::<Vec<&'a RawValue>>(raw.get()) else {
            self.wrong(name, "an array of objects");
            return Vec::new();
        };
        let nested = |(index, item)| Self::nested(format!("{}{name}[{index}].", self.at), item);
        let objects: Option<Vec<_>> = items.into_iter().enumerate().map(nested).collect();
        if objects.is_none() {
            self.wrong(name, "an array of objects");
        }
        objects.unwrap_or_default()
    }

    /// Returns `true` if a field is present and not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.record_read(name);
        self.given.get(name).is_some_and(|raw| raw.get() != "null")
    }

    /// Adds the violations of a nested object.
    pub(crate) fn close(&mut self, mut inner: Fields<'a>) {
        self.violations.append(&mut inner.violations);
    }

    /// Returns `true` if a field is present, even if it is null.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        self.record_read(name);
        self.given.contains_key(name)
    }

    fn missing(&mut self, name: &str) {
        self.violation("MISSING_FIELD", format!("{}{name}: is required", self.at));
    }

    /// Records that a field must have another value.
    pub(crate) fn wrong(&mut self, name: &str, expected: &str) {
        self.violation("WRONG_VALUE", format!("{}{name}: must be {expected}", self.at));
    }

    /// Rejects a value with a message that names the field.
    pub(crate) fn reject(&mut self, message: String) {
        self.violation("WRONG_VALUE", message);
    }

    fn violation(&mut self, code: &'static str, message: String) {
        self.violations.push(SubError { code, message });
    }

    /// Fails if there are violations.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        Problem::check("body", self.violations)
    }
}

/// A JSON object with raw values. If a key occurs twice, the last value counts.
struct Object<'a>(Map<String, &'a RawValue>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;
        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Map::default();
                while let Some((name, raw)) = map.next_entry()? {
                    fields.insert(name, raw);
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(ObjectVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::work::tests::assert_proportional;

    fn messages(fields: Fields<'_>) -> Vec<String> {
        fields.finish().unwrap_err().sub_errors.into_iter().map(|sub| sub.message).collect()
    }

    #[test]
    fn values_out_of_range_are_reported() {
        let mut fields = Fields::read(br#"{"n":1e300,"in":{"m":-1},"rest":0}"#).unwrap();
        let _: u64 = fields.required("n");
        let _: String = fields.required("name");
        let mut inner = fields.object("in").unwrap();
        let _: u64 = inner.required("m");
        fields.close(inner);
        assert_eq!(
            messages(fields),
            [
                "n: must be a whole number of at least 0",
                "name: is required",
                "in.m: must be a whole number of at least 0",
            ]
        );
    }

    #[test]
    fn steps_grow_in_proportion_to_the_fields() {
        assert_proportional(20_000, |size| {
            let fields: Vec<String> = (0..size).map(|number| format!(r#""k{number}":0"#)).collect();
            let body = format!("{{{},{}}}", fields.join(","), fields.join(","));
            let mut fields = Fields::read(body.as_bytes()).unwrap();
            assert_eq!(fields.given.len(), size);
            assert_eq!(fields.optional("k1"), Some(0_u64));
        });
    }

    #[test]
    fn duplicate_field_has_its_last_value() {
        let mut fields = Fields::read(br#"{"a":1,"b":0,"a":2}"#).unwrap();
        assert_eq!((fields.optional("a"), fields.has("a")), (Some(2_u64), false));
    }

    #[test]
    fn null_counts_as_absent() {
        let mut fields = Fields::read(br#"{"model":null}"#).unwrap();
        assert_eq!(fields.optional::<String>("model"), None);
        fields.finish().unwrap();
        let mut fields = Fields::read(br#"{"name":null}"#).unwrap();
        let _: String = fields.required("name");
        assert_eq!(messages(fields), ["name: is required"]);
    }

    #[test]
    fn empty_body_has_no_fields() {
        assert!(Fields::read(b"").unwrap().given.is_empty());
        assert!(Fields::read(b"[]").is_err());
    }
}
