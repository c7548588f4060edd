//! Reading a JSON request: every field by name, unknown ones refused, all faults told at once.
//!
//! An optional field that is `null` counts as absent: older clients send it so.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::problem::{Problem, SubError};
use crate::store::{InputRow, OrderedTexts};

/// Descriptions have this many characters at the most.
pub(crate) const MAX_DESCRIPTION: usize = 10_000;

/// At most this many faults are listed in one answer.
const MAX_SUB_ERRORS: usize = 20;

/// The fields of a JSON object that were not asked for yet, and the faults found so far.
pub(crate) struct Fields<'a> {
    /// Where this object is in the body, e.g. `infer.`.
    at: String,
    given: Vec<(Cow<'a, str>, &'a RawValue)>,
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
impl Shape for u32 {
    const NAME: &'static str = "a whole number from 0 on";
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
            return Ok(Self { at: String::new(), given: Vec::new(), faults: Vec::new() });
        }
        let object: Object<'a> = serde_json::from_slice(body).map_err(|error| {
            if error.is_data() {
                Problem::bad_request("the body must be a JSON object; wrap it in one")
            } else {
                Problem::bad_request(format!("the body is not valid JSON: {error}; send one JSON object"))
            }
        })?;
        Ok(Self { at: String::new(), given: object.0, faults: Vec::new() })
    }

    fn nested(at: String, raw: &'a RawValue) -> Option<Self> {
        let object: Object<'a> = serde_json::from_str(raw.get()).ok()?;
        Some(Self { at, given: object.0, faults: Vec::new() })
    }

    /// Takes a field as it is. `null` counts as absent.
    pub(crate) fn raw(&mut self, name: &str) -> Option<&'a RawValue> {
        let at = self.given.iter().position(|(own, _)| own == name)?;
        let (_, raw) = self.given.swap_remove(at);
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

    /// A description: a text of limited length.
    pub(crate) fn description(&mut self, name: &str) -> Option<String> {
        let text: String = self.optional(name)?;
        let length = text.chars().count();
        if length > MAX_DESCRIPTION {
            self.fault(
                "TOO_LONG",
                format!("{}{name}: {length} characters, at most {MAX_DESCRIPTION} are allowed", self.at),
            );
        }
        Some(text)
    }

    /// A list of rows. Each row that is no object is named by its place.
    pub(crate) fn rows(&mut self, name: &str) -> Option<Vec<InputRow<'a>>> {
        let raw = self.raw(name)?;
        if let Ok(rows) = serde_json::from_str(raw.get()) {
            return Some(rows);
        }
        match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
            Err(_) => self.wrong(name, "a list of rows, which are JSON objects"),
            Ok(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let Err(error) = serde_json::from_str::<InputRow<'_>>(item.get()) {
                        let reason = if error.is_data() {
                            "must be a JSON object".to_owned()
                        } else {
                            error.to_string()
                        };
                        self.fault("WRONG_TYPE", format!("{}{name}[{index}]: {reason}", self.at));
                    }
                }
            }
        }
        None
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

    /// A list of objects inside. Hand each back with [`Fields::close`].
    pub(crate) fn objects(&mut self, name: &str) -> Vec<Fields<'a>> {
        let Some(raw) = self.raw(name) else { return Vec::new() };
        let Ok(items) = serde_json::from_str::<Vec<&'a RawValue>>(raw.get()) else {
            self.wrong(name, "a list of objects");
            return Vec::new();
        };
        let mut objects = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            match Self::nested(format!("{}{name}[{index}].", self.at), item) {
                Some(object) => objects.push(object),
                None => self.fault("WRONG_TYPE", format!("{}{name}[{index}]: must be an object", self.at)),
            }
        }
        objects
    }

    /// This object without the fields that nobody asked for.
    pub(crate) fn drained(mut self) -> Self {
        self.given.clear();
        self
    }

    /// Whether a field is there and not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(own, raw)| own == name && raw.get() != "null")
    }

    /// Takes over the faults of an object inside.
    pub(crate) fn close(&mut self, mut inner: Fields<'a>) {
        inner.refuse_the_rest();
        self.faults.append(&mut inner.faults);
    }

    /// Whether a field is there, be it null.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        self.given.iter().any(|(own, _)| own == name)
    }

    pub(crate) fn missing(&mut self, name: &str) {
        self.fault("MISSING_FIELD", format!("{}{name}: is required", self.at));
    }

    pub(crate) fn wrong(&mut self, name: &str, expected: &str) {
        self.fault("WRONG_TYPE", format!("{}{name}: must be {expected}", self.at));
    }

    pub(crate) fn fault(&mut self, code: &'static str, message: String) {
        if self.faults.len() < MAX_SUB_ERRORS {
            self.faults.push(SubError { code, message });
        }
    }

    fn refuse_the_rest(&mut self) {
        for (name, _) in std::mem::take(&mut self.given) {
            self.fault("UNKNOWN_FIELD", format!("{}{name}: is not a field of this request", self.at));
        }
    }

    /// Fails when a fault was found or a field was left over.
    pub(crate) fn finish(mut self) -> Result<(), Problem> {
        self.refuse_the_rest();
        let Some(first) = self.faults.first() else { return Ok(()) };
        let message = match self.faults.len() {
            1 => format!("the body does not fit: {}", first.message),
            n => format!("the body does not fit in {n} places, first: {}", first.message),
        };
        Err(Problem::bad_request(message).with_sub_errors(self.faults))
    }
}

/// A JSON object, its values untouched.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;
        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    let raw = map.next_value()?;
                    fields.retain(|(own, _)| *own != name);
                    fields.push((Cow::Owned(name), raw));
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

    fn faults(fields: Fields<'_>) -> Vec<String> {
        fields.finish().unwrap_err().sub_errors.into_iter().map(|sub| sub.message).collect()
    }

    #[test]
    fn all_faults_are_told() {
        let mut fields = Fields::read(br#"{"a":1,"rows":[{},2,{"x":1},[]],"odd":0,"in":{"b":2}}"#).unwrap();
        let _: String = fields.required("a");
        let _: String = fields.required("name");
        fields.rows("rows");
        let inner = fields.object("in").unwrap();
        fields.close(inner);
        assert_eq!(
            faults(fields),
            [
                "a: must be a text",
                "name: is required",
                "rows[1]: must be a JSON object",
                "rows[3]: must be a JSON object",
                "in.b: is not a field of this request",
                "odd: is not a field of this request",
            ]
        );
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
    fn what_is_no_object_is_refused() {
        assert!(Fields::read(b"[]").err().unwrap().message.contains("must be a JSON object"));
        assert!(Fields::read(b"{\"a\":").err().unwrap().message.contains("not valid JSON"));
        assert!(Fields::read(b"").is_ok());
    }

    #[test]
    fn long_descriptions_are_refused() {
        let text = "ä".repeat(MAX_DESCRIPTION);
        let body = format!("{{\"d\":\"{text}\"}}");
        let mut fields = Fields::read(body.as_bytes()).unwrap();
        assert!(fields.description("d").is_some());
        fields.finish().unwrap();
        let body = format!("{{\"d\":\"{text}!\"}}");
        let mut fields = Fields::read(body.as_bytes()).unwrap();
        fields.description("d");
        assert_eq!(faults(fields), ["d: 10001 characters, at most 10000 are allowed"]);
    }
}
