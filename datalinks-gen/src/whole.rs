//! Integers as servers write them: `5`, or `5.0` from languages without an integer type.
//!
//! Use the functions with `#[serde(deserialize_with = "…")]`. The generated types do so for every integer.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// The largest magnitude below which floating-point numbers represent every integer exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads an integer.
///
/// # Errors
///
/// Fails for any value except a number without a fraction that fits into an `i64`.
pub fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    Whole::deserialize(deserializer).map(|Whole(number)| number)
}

/// Reads an integer or null.
///
/// # Errors
///
/// See [`required`]. Null is read as `None` and is not an error.
pub fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Option::<Whole>::deserialize(deserializer).map(|number| number.map(|Whole(number)| number))
}

struct Whole(i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `deserialize_i64`: a struct that keeps unknown fields would reject `5.0` before this point.
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl de::Visitor<'_> for Visitor {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Whole, E> {
        Ok(Whole(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Whole, E> {
        i64::try_from(number)
            .map(Whole)
            .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Whole, E> {
        if number.fract() == 0.0 && number.abs() <= EXACT {
            // The conversion is exact within the bounds above.
            #[allow(clippy::cast_possible_truncation, reason = "checked above")]
            return Ok(Whole(number as i64));
        }
        Err(E::invalid_value(de::Unexpected::Float(number), &self))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Read {
        #[serde(deserialize_with = "super::required")]
        size: i64,
        #[serde(default, deserialize_with = "super::optional")]
        hits: Option<i64>,
        #[serde(flatten)]
        extra: serde_json::Map<String, serde_json::Value>,
    }

    #[test]
    fn integers_are_read_in_every_notation() {
        for (text, size, hits) in [
            (r#"{"size":5}"#, 5, None),
            (r#"{"size":5.0,"hits":null}"#, 5, None),
            (r#"{"size":-0.0,"hits":2e3}"#, 0, Some(2_000)),
            (r#"{"size":9223372036854775807,"hits":-9007199254740992.0}"#, i64::MAX, Some(-(1 << 53))),
        ] {
            let read: Read = serde_json::from_str(text).unwrap();
            assert_eq!((read.size, read.hits), (size, hits), "{text}");
        }
    }

    #[test]
    fn values_that_are_not_integers_are_rejected() {
        for text in [
            r#"{"size":5.5}"#,
            r#"{"size":"5"}"#,
            r#"{"size":null}"#,
            r#"{"size":1e300}"#,
            r#"{"hits":5}"#,
            r#"{"size":18446744073709551615}"#,
        ] {
            assert!(serde_json::from_str::<Read>(text).is_err(), "{text}");
        }
    }
}
