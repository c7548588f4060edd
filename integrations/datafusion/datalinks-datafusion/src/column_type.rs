//! Types of columns, and how a sample of rows decides them.

use datafusion::arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};

/// The largest integer up to which every integer is a value of `f64`.
pub(crate) const EXACT_INTEGERS: u64 = 1 << 53;

/// The SQL type of a column.
///
/// A dataset has no types of its own: each value is JSON, and the values of one column may differ in kind. By default, a
/// [sample](crate::TableOptions::sample_rows) decides:
///
/// | Values in the sample, other than null | Type |
/// |---|---|
/// | integers that fit into 64 bits | [`Integer`](Self::Integer) |
/// | numbers, of which at least one has a fraction or an exponent, and no integer is beyond 2^53 | [`Number`](Self::Number) |
/// | `true` and `false` | [`Boolean`](Self::Boolean) |
/// | anything else, several kinds, or no value | [`Text`](Self::Text) |
///
/// A column of type [`Text`](Self::Text) holds strings as they are, and every other value as its JSON text, so every value fits.
/// A value outside the sample that does not fit the type of its column fails the statement. The error names the column and
/// the value, and it never becomes null or another value. [`TableOptions::column`](crate::TableOptions::column) sets the type of a
/// column instead.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ColumnType {
    /// `BIGINT`: an integer of 64 bits with a sign.
    Integer,
    /// `DOUBLE`: a number of double precision. An integer beyond 2^53 does not fit, because it could lose digits.
    Number,
    /// `BOOLEAN`
    Boolean,
    /// `VARCHAR`: a string, or the JSON text of another value.
    Text,
}

impl ColumnType {
    /// Returns the type of Arrow.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Integer => DataType::Int64,
            Self::Number => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Text => DataType::Utf8,
        }
    }

    /// Returns the column type that has this type of Arrow.
    pub(crate) fn of(data_type: &DataType) -> Option<Self> {
        [Self::Integer, Self::Number, Self::Boolean, Self::Text]
            .into_iter()
            .find(|own| own.data_type() == *data_type)
    }

    /// Returns the name of the type in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Integer => "BIGINT",
            Self::Number => "DOUBLE",
            Self::Boolean => "BOOLEAN",
            Self::Text => "VARCHAR",
        }
    }
}

/// The kinds of the values that a column has in a sample.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Observed {
    /// No value but null.
    #[default]
    Nothing,
    /// Integers up to 2^53.
    Integer,
    /// Integers, of which at least one is beyond 2^53.
    WideInteger,
    Number,
    Boolean,
    Text,
}

impl Observed {
    /// Returns the kind of a JSON value.
    pub(crate) fn of(json: &str) -> Self {
        match json.as_bytes().first() {
            Some(b'n') => Self::Nothing,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'-' | b'0'..=b'9') => match (integer(json), number(json)) {
                (Some(value), _) if value.unsigned_abs() <= EXACT_INTEGERS => Self::Integer,
                (Some(_), _) => Self::WideInteger,
                (None, Some(_)) => Self::Number,
                (None, None) => Self::Text,
            },
            _ => Self::Text,
        }
    }

    /// Returns the kind of a column that has values of both kinds.
    pub(crate) fn and(self, other: Self) -> Self {
        use Observed::{Integer, Nothing, Number, Text, WideInteger};
        match (self, other) {
            (own, other) if own == other => own,
            (Nothing, kind) | (kind, Nothing) => kind,
            (Integer, WideInteger) | (WideInteger, Integer) => WideInteger,
            (Integer, Number) | (Number, Integer) => Number,
            _ => Text,
        }
    }

    pub(crate) fn column_type(self) -> ColumnType {
        match self {
            Self::Integer | Self::WideInteger => ColumnType::Integer,
            Self::Number => ColumnType::Number,
            Self::Boolean => ColumnType::Boolean,
            Self::Nothing | Self::Text => ColumnType::Text,
        }
    }
}

/// Returns the value of a JSON number without fraction and exponent that fits into 64 bits.
pub(crate) fn integer(json: &str) -> Option<i64> {
    json.parse().ok()
}

/// Returns the value of a JSON number as `f64`, or `None` if it is not finite or if an integer is beyond 2^53. Minus zero
/// becomes zero, because the service compares the two as equal and Arrow does not.
pub(crate) fn number(json: &str) -> Option<f64> {
    let value: f64 = json.parse().ok().filter(|value: &f64| value.is_finite())?;
    let is_integer = json.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_integer && integer(json).is_none_or(|integer| integer.unsigned_abs() > EXACT_INTEGERS) {
        return None;
    }
    Some(value + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> ColumnType {
        values.iter().map(|json| Observed::of(json)).fold(Observed::default(), Observed::and).column_type()
    }

    #[test]
    fn a_sample_decides_the_type() {
        assert_eq!(of(&["1", "null", "-9223372036854775808"]), ColumnType::Integer);
        assert_eq!(of(&["1", "2.5", "1e3"]), ColumnType::Number);
        assert_eq!(of(&["true", "null", "false"]), ColumnType::Boolean);
        assert_eq!(of(&["\"a\"", "null"]), ColumnType::Text);
        for mixed in [
            &["1", "\"1\""][..],
            &["1", "true"],
            &["2.5", "9007199254740993"],
            &["18446744073709551616"],
            &["1e999"],
            &["[1]"],
            &["{}", "null"],
            &["null"],
            &[],
        ] {
            assert_eq!(of(mixed), ColumnType::Text, "{mixed:?}");
        }
    }

    #[test]
    fn a_number_keeps_its_value_or_does_not_fit() {
        assert_eq!(number("9007199254740992"), Some(9_007_199_254_740_992.0));
        assert_eq!(number("9007199254740993"), None);
        assert_eq!(number("1e999"), None);
        assert!(number("-0.0").is_some_and(f64::is_sign_positive));
        assert_eq!(integer("5.0"), None);
    }
}
