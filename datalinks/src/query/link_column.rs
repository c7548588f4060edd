//! The values of a column, counted within limits.

use std::collections::HashMap;

use serde_json::{Value, value::RawValue};

use crate::json::row_members::{RowMembers, Text};

/// A value as a key: texts, numbers and booleans are never equal to each other.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum Key {
    Text(String),
    /// The digits of a number and its power of ten, so that all digits count, and `5.0` is `5`.
    Number(String),
    Bool(bool),
}

/// What is kept of a value.
pub(super) struct Entry {
    /// Number of rows with the value.
    pub(super) rows: u64,
    /// The value as it was first read.
    pub(super) value: Value,
}

/// The values of a column.
#[derive(Default)]
pub(super) struct Column {
    pub(super) values: HashMap<Key, Entry>,
    pub(super) rows: u64,
    /// Rows without a value: `null`, an empty text, or no such column.
    pub(super) empty: u64,
    /// Rows with an array or an object.
    pub(super) nested: u64,
    /// Rows whose values are not kept because of the limit.
    pub(super) cut: u64,
}

impl Column {
    /// Counts the value of a row. A value that is new is kept if there is room, or if `always` holds for it.
    pub(super) fn count(
        &mut self,
        row: &RawValue,
        column: &str,
        max_distinct: usize,
        always: impl Fn(&Key) -> bool,
    ) -> Result<(), String> {
        let RowMembers(members) = serde_json::from_str(row.get()).map_err(|error| error.to_string())?;
        self.rows += 1;
        let value =
            members.into_iter().rev().find(|(Text(name), _)| name == column).map(|(_, value)| value.get());
        let Some(value) = value.filter(|value| !["null", "\"\""].contains(value)) else {
            self.empty += 1;
            return Ok(());
        };
        if value.starts_with(['[', '{']) {
            self.nested += 1;
            return Ok(());
        }
        let parsed: Value = serde_json::from_str(value).map_err(|error| error.to_string())?;
        let key = match &parsed {
            Value::String(text) => Key::Text(text.clone()),
            Value::Bool(value) => Key::Bool(*value),
            _ => Key::Number(exact(value)),
        };
        if let Some(entry) = self.values.get_mut(&key) {
            entry.rows += 1;
        } else if self.values.len() < max_distinct || always(&key) {
            self.values.insert(key, Entry { rows: 1, value: parsed });
        } else {
            self.cut += 1;
        }
        Ok(())
    }
}

/// Returns the digits of a JSON number without zeros around them, and its power of ten.
fn exact(number: &str) -> String {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return "0e0".to_owned();
    }
    let significant = digits.trim_end_matches('0');
    let moved = i64::try_from(digits.len() - significant.len()).ok().zip(i64::try_from(fraction.len()).ok());
    let exponent: Option<i64> = exponent.parse().ok();
    let power = exponent
        .zip(moved)
        .and_then(|(exponent, (zeros, fraction))| exponent.checked_add(zeros)?.checked_sub(fraction));
    match power {
        Some(power) => format!("{sign}{significant}e{power}"),
        // The power of ten is beyond all reason, so the number is its text.
        None => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(column: &mut Column, row: &str) {
        column
            .count(serde_json::from_str(row).unwrap(), "a", 3, |key| *key == Key::Text("kept".into()))
            .unwrap();
    }

    #[test]
    fn numbers_are_equal_by_value_with_all_digits() {
        for (one, other) in [("5", "5.0"), ("5", "0.5e1"), ("-120", "-1.2E2"), ("0", "-0.0"), ("1e2", "100")]
        {
            assert_eq!(exact(one), exact(other), "{one} {other}");
        }
        for (one, other) in [
            ("0.10000000000000000001", "0.1"),
            ("12345678901234567890123", "12345678901234567890124"),
            ("5", "-5"),
            ("1", "10"),
        ] {
            assert_ne!(exact(one), exact(other), "{one} {other}");
        }
        assert_eq!(exact("1e99999999999999999999"), "1e99999999999999999999");
    }

    #[test]
    fn values_are_counted_within_the_limit() {
        let mut column = Column::default();
        for row in [
            r#"{"a":"x"}"#,
            r#"{"a":"x","b":1}"#,
            r#"{"a":5}"#,
            r#"{"a":"5"}"#,
            r#"{"a":5.0}"#,
            r#"{"a":true}"#,
            r#"{"a":"kept"}"#,
            r#"{"a":"other"}"#,
            r#"{"a":null}"#,
            r#"{"a":""}"#,
            "{}",
            r#"{"a":[1]}"#,
            r#"{"a":{}}"#,
            r#"{"a":"first","a":"x"}"#,
        ] {
            count(&mut column, row);
        }
        assert_eq!((column.rows, column.empty, column.nested, column.cut), (14, 3, 2, 2));
        let rows = |key: Key| column.values.get(&key).map(|entry| entry.rows);
        assert_eq!(rows(Key::Text("x".into())), Some(3));
        assert_eq!(rows(Key::Number("5e0".into())), Some(2));
        assert_eq!(rows(Key::Text("5".into())), Some(1));
        assert_eq!(rows(Key::Text("kept".into())), Some(1));
        assert_eq!((rows(Key::Bool(true)), rows(Key::Text("other".into()))), (None, None));
    }
}
