//! Keys of rows, for reconciliation by key.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::{
    error::Error,
    query::{Filter, field},
};

/// A value of the key column that a query can find.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Key {
    Text(String),
    Integer(i128),
}

impl Key {
    /// Returns the key of an encoded row. Returns `None` if the column is missing, if its value is neither a string
    /// nor an integer, or if the string cannot be written in a query.
    pub(super) fn of_row(row: &[u8], column: &str) -> Option<Self> {
        let mut reader = serde_json::Deserializer::from_slice(row);
        let raw = reader.deserialize_map(Column(column)).ok()??;
        let key = match serde_json::from_str::<String>(raw.get()) {
            Ok(text) => Self::Text(text),
            // A number with a fraction or an exponent is not an integer here.
            Err(_) => Self::Integer(raw.get().parse().ok()?),
        };
        key.filter(column).to_text().is_ok().then_some(key)
    }

    /// Returns the condition that a row has this key.
    pub(crate) fn filter(&self, column: &str) -> Filter {
        match self {
            Self::Text(text) => field(column).eq(text),
            Self::Integer(number) => field(column).eq(*number),
        }
    }

    /// Returns the form in which keys are compared. A service may store a number as a string, so `5` and `"5"` are
    /// one key.
    pub(super) fn canonical(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Integer(number) => Cow::Owned(number.to_string()),
        }
    }

    /// Returns the canonical form of a value that a query found, or `None` if the value is neither a string nor a
    /// number.
    pub(crate) fn canonical_of(found: &RawValue) -> Option<String> {
        if let Ok(text) = serde_json::from_str::<String>(found.get()) {
            return Some(text);
        }
        let number: serde_json::Number = serde_json::from_str(found.get()).ok()?;
        let digits = number.to_string();
        // A service may write an integer as `5.0`.
        Some(digits.strip_suffix(".0").map_or(digits.clone(), str::to_owned))
    }
}

/// Rejects a column name that cannot be written in a query.
pub(in crate::ingest) fn check_column(column: &str) -> Result<(), Error> {
    if column.is_empty() {
        return Err(Error::invalid(
            "the key column is empty: expected a column name; set Ingest::reconcile_by",
        ));
    }
    field(column).eq(0).to_text().map(|_| ()).map_err(|error| {
        Error::invalid(format!("the key column {column:?} cannot be written in a query; set Ingest::reconcile_by to another column"))
            .caused_by(error)
    })
}

/// Reads one member of an object as raw JSON. The last one is used if several have the name.
struct Column<'a>(&'a str);

impl<'de> Visitor<'de> for Column<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(is_key) = map.next_key_seed(IsName(self.0))? {
            if is_key {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Compares a name without copying it.
struct IsName<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for IsName<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsName<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(row: &str) -> Option<Key> {
        Key::of_row(row.as_bytes(), "id")
    }

    #[test]
    fn strings_and_integers_are_keys() {
        assert_eq!(key(r#"{"id":"a b"}"#), Some(Key::Text("a b".into())));
        assert_eq!(key(r#"{"x":{"id":1},"id":-7}"#), Some(Key::Integer(-7)));
        assert_eq!(key(r#"{"id":18446744073709551615}"#), Some(Key::Integer(u64::MAX.into())));
        assert_eq!(key(r#"{"\u0069d":"\u00fc"}"#), Some(Key::Text("ü".into())));
        for row in [
            "{}",
            r#"{"id":null}"#,
            r#"{"id":1.5}"#,
            r#"{"id":1e3}"#,
            r#"{"id":true}"#,
            r#"{"id":[1]}"#,
            r#"{"Id":1}"#,
            r#"{"id":"back\\slash"}"#,
            r#"{"id":"both \" and '"}"#,
        ] {
            assert_eq!(key(row), None, "{row}");
        }
    }

    #[test]
    fn keys_compare_by_their_digits() {
        let found = |value: &str| Key::canonical_of(serde_json::from_str(value).unwrap());
        for value in ["5", "5.0", "\"5\""] {
            assert_eq!(found(value).unwrap(), Key::Integer(5).canonical());
        }
        assert_eq!(found("\"A\"").unwrap(), "A");
        assert_ne!(found("\"a\"").unwrap(), Key::Text("A".into()).canonical());
        assert_eq!(found("null"), None);
        assert_eq!(found("{}"), None);
    }

    #[test]
    fn columns_that_a_query_cannot_contain_are_rejected() {
        assert!(check_column("id").is_ok() && check_column("film id").is_ok());
        for column in ["", "a\\b", "a\"b'c", "a\nb"] {
            assert!(check_column(column).is_err(), "{column:?}");
        }
    }
}
