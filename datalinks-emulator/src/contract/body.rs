//! Parsing of a request body, limited to the parts that its schema describes.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::response::Problem;

pub(super) fn text(body: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(body)
        .map_err(|_| Problem::malformed("the body is not UTF-8; send it as plain UTF-8 text"))
}

/// Parses a JSON object. In fields that contain rows, each row becomes an empty value of its kind: there may be very many
/// rows, and the OpenAPI document does not restrict their content.
pub(super) fn outline(body: &[u8], rows: &[String]) -> Result<Value, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let read = Object { rows }.deserialize(&mut deserializer);
    read.and_then(|value| deserializer.end().map(|()| value)).map_err(|error| {
        if error.is_data() {
            Problem::bad_request("the body must be a JSON object; wrap it in one")
        } else {
            Problem::malformed(format!("the body is not valid JSON: {error}; send one JSON object"))
        }
    })
}

struct Object<'a> {
    rows: &'a [String],
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value =
                if self.rows.contains(&name) { map.next_value_seed(Rows)? } else { map.next_value()? };
            fields.insert(name, value);
        }
        Ok(fields.into())
    }
}

/// Deserializes the value of a field that should be an array of rows.
struct Rows;

impl<'de> DeserializeSeed<'de> for Rows {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Rows {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut kinds = Vec::with_capacity(items.size_hint().unwrap_or_default());
        while let Some(item) = items.next_element::<&RawValue>()? {
            kinds.push(kind(item));
        }
        Ok(kinds.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Map::new().into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
}

/// Returns an empty value of the same kind.
fn kind(raw: &RawValue) -> Value {
    match raw.get().as_bytes().first() {
        Some(b'{') => Map::new().into(),
        Some(b'[') => Vec::<Value>::new().into(),
        Some(b'"') => String::new().into(),
        Some(b't' | b'f') => false.into(),
        Some(b'n') => Value::Null,
        _ => 0.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_become_empty_values_of_their_kind() {
        let rows = ["data".to_owned()];
        let of = |body: &str| outline(body.as_bytes(), &rows).unwrap();
        assert_eq!(
            of(r#"{"data":[{"a":[1]},[2],"x",3,true,null],"more":{"a":[1]}}"#),
            json!({ "data": [{}, [], "", 0, false, null], "more": { "a": [1] } })
        );
        assert_eq!(of(r#"{"data":{"a":1}}"#), json!({ "data": {} }));
        // A value that is not an array of rows is kept, so that the error is about what was sent.
        for value in [json!("x"), json!(true), json!(false), json!(null), json!(7), json!(-7), json!(1.5)] {
            assert_eq!(of(&format!("{{\"data\":{value}}}")), json!({ "data": value }));
        }
    }

    #[test]
    fn body_that_is_not_an_object_is_rejected() {
        let message = |body: &[u8]| outline(body, &[]).unwrap_err().message;
        assert!(message(b"[]").contains("must be a JSON object"));
        assert!(message(b"1").contains("must be a JSON object"));
        assert!(message(b"{\"a\":").contains("not valid JSON"));
        assert!(message(b"{} x").contains("not valid JSON"));
        assert!(message(b"{\"a\":\"\xff\"}").contains("not valid JSON"));
    }
}
