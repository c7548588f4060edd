//! Taking the fields of a JSON request.
//!
//! That they fit the document is checked before ([`crate::contract`]). What is left over is ignored, and `null` in
//! an optional field counts as absent, because a strict emulator has refused both.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::concurrency::work::Map;
use crate::response::{Problem, SubError};
use crate::store::{InputRow, OrderedTexts};

/// The target of the events that say which fields of a body a handler asks for: `at` is the place of the object, such as
/// `infer.`, and `name` the field.
const ASKED: &str = "datalinks_emulator::body";

/// The fields of a JSON object that were not asked for yet, and the faults found so far.
pub(crate) struct Fields<'a> {
    /// Where this object is in the body, e.g. `infer.`.
    at: String,
    given: Map<String, &'a RawValue>,
    faults: Vec<SubError>,
}

/// A type that a field can have.
pub(crate) trait Shape: DeserializeOwned + Default {
    /// Its name in a message.
    const NAME: &'static str;
}

impl Shape for String {
    const NAME: &'static str = "a text";
}
impl Shape for bool {
    const NAME: &'static str = "true or false";
}
impl Shape for u64 {
    const NAME: &'static str = "a whole number from 0 on";
}
impl Shape for f64 {
    const NAME: &'static str = "a number";
}
impl Shape for i64 {
    const NAME: &'static str = "a whole number";
}
impl Shape for Vec<String> {
    const NAME: &'static str = "a list of texts";
}
impl Shape for OrderedTexts {
    const NAME: &'static str = "an object whose values are texts";
}

impl<'a> Fields<'a> {
    /// Reads the body as a JSON object. No body at all is an object without fields.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, Problem> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self { at: String::new(), given: Map::default(), faults: Vec::new() });
        }
        let object: Object<'a> = serde_json::from_slice(body)
            .map_err(|error| Problem::malformed(format!("the body is no JSON object: {error}; send one")))?;
        Ok(Self { at: String::new(), given: object.0, faults: Vec::new() })
    }

    fn nested(at: String, raw: &'a RawValue) -> Option<Self> {
        let object: Object<'a> = serde_json::from_str(raw.get()).ok()?;
        Some(Self { at, given: object.0, faults: Vec::new() })
    }

    /// Notes that a field was asked for, whether it is there or not. The tests hold it against the document.
    fn asked(&self, name: &str) {
        tracing::trace!(target: ASKED, at = self.at, name);
    }

    /// Takes a field as it is. `null` counts as absent.
    pub(crate) fn raw(&mut self, name: &str) -> Option<&'a RawValue> {
        self.asked(name);
        let raw = self.given.swap_remove(name)?;
        (raw.get() != "null").then_some(raw)
    }

    /// A field that may be left out.
    pub(crate) fn optional<T: Shape>(&mut self, name: &str) -> Option<T> {
        let raw = self.raw(name)?;
        let value = serde_json::from_str(raw.get()).ok();
        if value.is_none() {
            self.wrong(name, T::NAME);
        }
        value
    }

    /// A field that must be there. When it is not, a default is given and [`Fields::finish`] fails.
    pub(crate) fn required<T: Shape>(&mut self, name: &str) -> T {
        if !self.has(name) {
            self.missing(name);
        }
        self.optional(name).unwrap_or_default()
    }

    /// A description.
    pub(crate) fn description(&mut self, name: &str) -> Option<String> {
        self.optional(name)
    }

    /// A list of rows.
    pub(crate) fn rows(&mut self, name: &str) -> Option<Vec<InputRow<'a>>> {
        let rows = serde_json::from_str(self.raw(name)?.get()).ok();
        if rows.is_none() {
            self.wrong(name, "a list of rows, which are JSON objects");
        }
        rows
    }

    /// A list of rows that must be there.
    pub(crate) fn required_rows(&mut self, name: &str) -> Vec<InputRow<'a>> {
        if !self.has(name) {
            self.missing(name);
        }
        self.rows(name).unwrap_or_default()
    }

    /// An object inside. Hand it back with [`Fields::close`].
    pub(crate) fn object(&mut self, name: &str) -> Option<Fields<'a>> {
        let raw = self.raw(name)?;
        let inner = Self::nested(format!("{}{name}.", self.at), raw);
        if inner.is_none() {
            self.wrong(name, "an object");
        }
        inner
    }

    /// An object inside that must be there. Hand it back with [`Fields::close`].
    pub(crate) fn required_object(&mut self, name: &str) -> Option<Fields<'a>> {
        if !self.has(name) {
            self.missing(name);
        }
        self.object(name)
    }

    /// A list of objects inside. Hand each back with [`Fields::close`].
    pub(crate) fn objects(&mut self, name: &str) -> Vec<Fields<'a>> {
        let Some(raw) = self.raw(name) else { return Vec::new() };
        let Ok(items) = serde_json::from_str::<Vec<&'a RawValue>>(raw.get()) else {
            self.wrong(name, "a list of objects");
            return Vec::new();
        };
        let nested = |(index, item)| Self::nested(format!("{}{name}[{index}].", self.at), item);
        let objects: Option<Vec<_>> = items.into_iter().enumerate().map(nested).collect();
        if objects.is_none() {
            self.wrong(name, "a list of objects");
        }
        objects.unwrap_or_default()
    }

    /// Whether a field is there and not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.asked(name);
        self.given.get(name).is_some_and(|raw| raw.get() != "null")
    }

    /// Takes over the faults of an object inside.
    pub(crate) fn close(&mut self, mut inner: Fields<'a>) {
        self.faults.append(&mut inner.faults);
    }

    /// Whether a field is there, be it null.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        self.asked(name);
        self.given.contains_key(name)
    }

    fn missing(&mut self, name: &str) {
        self.fault("MISSING_FIELD", format!("{}{name}: is required", self.at));
    }

    pub(crate) fn wrong(&mut self, name: &str, expected: &str) {
        self.fault("WRONG_VALUE", format!("{}{name}: must be {expected}", self.at));
    }

    /// Objects to a value with a message that names the field.
    pub(crate) fn object_to(&mut self, message: String) {
        self.fault("WRONG_VALUE", message);
    }

    fn fault(&mut self, code: &'static str, message: String) {
        self.faults.push(SubError { code, message });
    }

    /// Fails when a fault was found.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        Problem::unfit("body", self.faults)
    }
}

/// A JSON object, its values untouched. Of a key given twice, the last value counts.
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

    fn faults(fields: Fields<'_>) -> Vec<String> {
        fields.finish().unwrap_err().sub_errors.into_iter().map(|sub| sub.message).collect()
    }

    #[test]
    fn values_that_no_field_can_hold_are_told() {
        let mut fields = Fields::read(br#"{"n":1e300,"in":{"m":-1},"rest":0}"#).unwrap();
        let _: u64 = fields.required("n");
        let _: String = fields.required("name");
        let mut inner = fields.object("in").unwrap();
        let _: u64 = inner.required("m");
        fields.close(inner);
        assert_eq!(
            faults(fields),
            [
                "n: must be a whole number from 0 on",
                "name: is required",
                "in.m: must be a whole number from 0 on",
            ]
        );
    }

    #[test]
    fn many_fields_take_steps_in_proportion() {
        assert_proportional(20_000, |size| {
            let fields: Vec<String> = (0..size).map(|number| format!(r#""k{number}":0"#)).collect();
            let body = format!("{{{},{}}}", fields.join(","), fields.join(","));
            let mut fields = Fields::read(body.as_bytes()).unwrap();
            assert_eq!(fields.given.len(), size);
            assert_eq!(fields.optional("k1"), Some(0_u64));
        });
    }

    #[test]
    fn of_a_field_given_twice_the_last_counts() {
        let mut fields = Fields::read(br#"{"a":1,"b":0,"a":2}"#).unwrap();
        assert_eq!((fields.optional("a"), fields.has("a")), (Some(2_u64), false));
    }

    #[test]
    fn null_is_absent() {
        let mut fields = Fields::read(br#"{"model":null}"#).unwrap();
        assert_eq!(fields.optional::<String>("model"), None);
        fields.finish().unwrap();
        let mut fields = Fields::read(br#"{"name":null}"#).unwrap();
        let _: String = fields.required("name");
        assert_eq!(faults(fields), ["name: is required"]);
    }

    #[test]
    fn no_body_has_no_fields() {
        assert!(Fields::read(b"").unwrap().given.is_empty());
        assert!(Fields::read(b"[]").is_err());
    }
}
