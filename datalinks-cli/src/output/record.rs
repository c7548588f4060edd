//! A row of output: names and JSON values, in order.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::terminal::{escape, json_safe};

/// An object whose fields keep their order, and whose values keep their text, so that numbers keep their digits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record(Vec<(String, Box<RawValue>)>);

impl Record {
    /// Returns the fields of a value that is serialized as an object. Another value becomes the field `value`.
    pub(crate) fn of<T: Serialize>(item: &T) -> serde_json::Result<Self> {
        let json = serde_json::to_string(item)?;
        if json.starts_with('{') {
            serde_json::from_str(&json)
        } else {
            Ok(Self(vec![("value".to_owned(), RawValue::from_string(json)?)]))
        }
    }

    /// Returns the names of the fields.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Keeps the fields for which `is_kept` returns `true`. It gets the name and the JSON text.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(&str, &str) -> bool) {
        self.0.retain(|(name, value)| is_kept(name, value.get()));
    }

    /// Returns the text of a field for people and for CSV: strings without quotes, null as nothing, all else as JSON.
    pub(crate) fn cell(&self, name: &str) -> Cow<'_, str> {
        match self.0.iter().find(|(own, _)| own == name) {
            Some((_, value)) => text_of(value),
            None => Cow::Borrowed(""),
        }
    }

    /// Returns `true` if a field is a number, and `None` if it is missing or null.
    pub(super) fn is_number(&self, name: &str) -> Option<bool> {
        let (_, value) = self.0.iter().find(|(own, _)| own == name)?;
        match value.get() {
            "null" => None,
            text => Some(text.starts_with(|first: char| first == '-' || first.is_ascii_digit())),
        }
    }

    /// Returns the fields with their JSON texts.
    #[cfg(feature = "parquet")]
    pub(super) fn json_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.get()))
    }

    /// Returns the fields with their texts.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), text_of(value)))
    }

    /// Returns the object as JSON in one line, without control characters.
    pub(crate) fn json(&self) -> String {
        let fields = self.0.iter().map(|(name, value)| {
            // A string is always valid JSON.
            let name = serde_json::to_string(name).unwrap_or_default();
            format!("{name}:{}", value.get())
        });
        let json = format!("{{{}}}", fields.collect::<Vec<_>>().join(","));
        // Values that a server formatted may contain line breaks, which mean nothing outside of strings.
        let json = if json.contains(['\n', '\r']) { json.replace(['\n', '\r'], " ") } else { json };
        json_safe(&json).into_owned()
    }
}

fn text_of(value: &RawValue) -> Cow<'_, str> {
    text_of_json(value.get())
}

/// Returns the text of a JSON value for people and for CSV.
pub(super) fn text_of_json(json: &str) -> Cow<'_, str> {
    match json {
        "null" => Cow::Borrowed(""),
        text if text.starts_with('"') => match serde_json::from_str::<Cow<'_, str>>(text) {
            // `Cow` is deserialized as an owned string.
            Ok(text) => Cow::Owned(text.into_owned()),
            Err(_) => Cow::Borrowed(text),
        },
        text => Cow::Borrowed(text),
    }
}

/// Returns a cell that a table can show: without control characters.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    escape(text)
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Record;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Record(fields))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_order_and_digits() {
        let json =
            r#"{"b":1.10,"a":"x\ny","n":null,"big":123456789012345678901234567890,"l":[1, {"z":true}]}"#;
        let record: Record = serde_json::from_str(json).unwrap();
        assert_eq!(record.names(), ["b", "a", "n", "big", "l"]);
        let cells: Vec<String> = record.cells().map(|(_, text)| text.into_owned()).collect();
        assert_eq!(cells, ["1.10", "x\ny", "", "123456789012345678901234567890", r#"[1, {"z":true}]"#]);
        assert_eq!(record.json(), json);
        assert_eq!(serde_json::to_string(&record).unwrap(), json);
        assert_eq!(record.cell("missing"), "");
    }

    #[test]
    fn values_that_are_no_objects_have_one_field() {
        assert_eq!(Record::of(&"x").unwrap().json(), r#"{"value":"x"}"#);
    }

    #[test]
    fn json_stays_in_one_line() {
        let record: Record = serde_json::from_str("{\"a\":[1,\n 2],\"b\":\"\u{9b}\"}").unwrap();
        assert_eq!(record.json(), "{\"a\":[1,  2],\"b\":\"\\u009b\"}");
    }
}
