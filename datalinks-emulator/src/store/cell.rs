//! One value of a row.

use std::cmp::Ordering;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// One value of a row. Numbers and nested values keep their JSON text, so that digits and the order of keys are
/// preserved.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    Null,
    Bool(bool),
    Text(Box<str>),
    Number(Box<RawValue>),
    Nested(Box<RawValue>),
}

impl Cell {
    /// Parses one JSON value.
    pub(crate) fn from_raw(raw: &RawValue) -> serde_json::Result<Self> {
        Ok(match raw.get().as_bytes().first() {
            Some(b'"') => Self::Text(serde_json::from_str(raw.get())?),
            Some(b'{' | b'[') => Self::Nested(on_one_line(raw)?),
            Some(b'n') => Self::Null,
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            _ => Self::Number(raw.to_owned()),
        })
    }

    /// Returns the value as text, the form in which values are compared and linked. `None` for null.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Null => None,
            Self::Bool(true) => Some("true"),
            Self::Bool(false) => Some("false"),
            Self::Text(text) => Some(text),
            Self::Number(raw) | Self::Nested(raw) => Some(raw.get()),
        }
    }

    /// Returns `true` if two values have the same kind and the same text.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other) && self.as_text() == other.as_text()
    }

    /// Returns the text that links compare, without surrounding whitespace. `None` if it is blank.
    pub(crate) fn link_key(&self) -> Option<&str> {
        self.as_text().map(str::trim).filter(|text| !text.is_empty())
    }

    /// Returns the JSON text of an array, which may be given as an array or as a text.
    pub(crate) fn as_array(&self) -> Option<&str> {
        let text = match self {
            Self::Nested(raw) => raw.get(),
            Self::Text(text) => text.trim(),
            _ => return None,
        };
        text.starts_with('[').then_some(text)
    }
}

/// Replaces line breaks of a nested value by spaces, so that a row fits on one line. Strings contain none, because JSON
/// escapes them.
fn on_one_line(raw: &RawValue) -> serde_json::Result<Box<RawValue>> {
    if raw.get().contains(['\n', '\r']) {
        RawValue::from_string(raw.get().replace(['\n', '\r'], " "))
    } else {
        Ok(raw.to_owned())
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(raw) | Self::Nested(raw) => raw.serialize(serializer),
        }
    }
}

/// A number parsed from text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    /// An integer, which is exact so that long ids compare digit by digit.
    Int(i128),
    Float(f64),
}

impl Number {
    /// Parses a decimal number. Words such as `inf` and `NaN` are not numbers here.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if !matches!(bytes.first(), Some(b'0'..=b'9' | b'-' | b'+' | b'.'))
            || !bytes.iter().all(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
        {
            return None;
        }
        if let Ok(int) = text.parse() {
            return Some(Self::Int(int));
        }
        text.parse().ok().filter(|float: &f64| float.is_finite()).map(Self::Float)
    }

    pub(crate) fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(&b),
            (Self::Int(a), Self::Float(b)) => compare_exactly(a, b),
            (Self::Float(a), Self::Int(b)) => compare_exactly(b, a).reverse(),
            (a, b) => a.as_f64().total_cmp(&b.as_f64()),
        }
    }

    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            // This turns minus zero into zero.
            Self::Float(float) => float + 0.0,
        }
    }
}

/// Compares without rounding. With rounding, two different integers could both equal a float, and numbers would not be
/// totally ordered.
fn compare_exactly(int: i128, float: f64) -> Ordering {
    // The bounds of `i128` are 2 to the power of 127, which floats represent exactly.
    if float >= i128::MAX as f64 {
        return Ordering::Less;
    }
    if float < i128::MIN as f64 {
        return Ordering::Greater;
    }
    // Rounding toward zero leaves a remainder with the sign of the float.
    let whole = float as i128;
    int.cmp(&whole).then_with(|| 0.0_f64.total_cmp(&(float - float.trunc() + 0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn numbers_are_compared_by_value() {
        assert_eq!(number("10").compare(number("9")), Ordering::Greater);
        assert_eq!(number("1.50").compare(number("1.5")), Ordering::Equal);
        assert_eq!(number("1e3").compare(number("1000")), Ordering::Equal);
        assert_eq!(number("-0.0").compare(number("0")), Ordering::Equal);
        assert_eq!(number("9007199254740993").compare(number("9007199254740992")), Ordering::Greater);
    }

    #[test]
    fn integers_and_floats_are_compared_without_rounding() {
        let ascending = [
            "-1e300",
            "-170141183460469231731687303715884105728",
            "-1.5",
            "-1",
            "-0.5",
            "0",
            "0.5",
            "1",
            "1.5",
            "9007199254740992.0",
            "9007199254740993",
            "9007199254740994.0",
            "170141183460469231731687303715884105727",
            "1.7014118346046924e38",
            "1e300",
        ];
        for (at, own) in ascending.iter().enumerate() {
            for (other_at, other) in ascending.iter().enumerate() {
                assert_eq!(number(own).compare(number(other)), at.cmp(&other_at), "{own} and {other}");
            }
        }
        assert_eq!(number("9007199254740992.0").compare(number("9007199254740992")), Ordering::Equal);
    }

    #[test]
    fn words_are_not_numbers() {
        for word in ["", "inf", "NaN", "abc", "1a", "e", "1e999", "2020-01-01", " 1"] {
            assert!(Number::parse(word).is_none(), "{word:?}");
        }
    }

    #[test]
    fn values_have_a_text_form() {
        let cell = |json: &str| Cell::from_raw(&RawValue::from_string(json.to_owned()).unwrap()).unwrap();
        assert_eq!(cell("null").as_text(), None);
        assert_eq!(cell("1.10").as_text(), Some("1.10"));
        assert_eq!(cell("true").as_text(), Some("true"));
        assert_eq!(cell(r#"" a\n""#).as_text(), Some(" a\n"));
        assert_eq!(cell(r#"" a ""#).link_key(), Some("a"));
        assert_eq!(cell(r#"" ""#).link_key(), None);
        assert_eq!(serde_json::to_string(&cell(r#"{"b":1.0,"a":2}"#)).unwrap(), r#"{"b":1.0,"a":2}"#);
    }
}
