//! Cells as JSON values.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

/// A record with the names of its columns, as a JSON object.
pub(super) struct Record<'a, C> {
    pub(super) columns: &'a [String],
    pub(super) cells: C,
    pub(super) infer: bool,
}

impl<'a, C: Iterator<Item = &'a str> + Clone> Serialize for Record<'a, C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, cell) in self.columns.iter().zip(self.cells.clone()) {
            object.serialize_key(column)?;
            match if self.infer { Value::of(cell) } else { Value::Text(cell) } {
                Value::Null => object.serialize_value(&())?,
                Value::Boolean(value) => object.serialize_value(&value)?,
                Value::Number(number) => object.serialize_value(number)?,
                Value::Text(text) => object.serialize_value(text)?,
            }
        }
        object.end()
    }
}

/// What a cell means.
enum Value<'a> {
    Null,
    Boolean(bool),
    Number(&'a RawValue),
    Text(&'a str),
}

impl<'a> Value<'a> {
    fn of(cell: &'a str) -> Self {
        match cell {
            "" => return Self::Null,
            "true" | "True" | "TRUE" => return Self::Boolean(true),
            "false" | "False" | "FALSE" => return Self::Boolean(false),
            _ => {}
        }
        number(cell).map_or(Self::Text(cell), Self::Number)
    }
}

/// The cell, if it is a number as JSON writes them and not rather a name: `007` and `+1` are none, nor is
/// `12e5`, which is as likely an identifier. A number with an exponent has a decimal point or a sign in it.
fn number(cell: &str) -> Option<&RawValue> {
    let bytes = cell.as_bytes();
    if !matches!(bytes.first(), Some(b'-' | b'0'..=b'9')) || !bytes.last().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    if let Some(exponent) = bytes.iter().position(|byte| matches!(byte, b'e' | b'E'))
        && !bytes[..exponent].contains(&b'.')
        && !matches!(bytes.get(exponent + 1), Some(b'+' | b'-'))
    {
        return None;
    }
    serde_json::from_str(cell).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(cell: &str) -> String {
        let columns = ["x".to_owned()];
        let record = Record { columns: &columns, cells: [cell].into_iter(), infer: true };
        let text = serde_json::to_string(&record).unwrap();
        text.strip_prefix("{\"x\":").unwrap().strip_suffix('}').unwrap().to_owned()
    }

    #[test]
    fn numbers_stay_as_they_are_written() {
        for number in [
            "0",
            "-0",
            "7",
            "-12",
            "123456789012345678901234567890",
            "0.10",
            "-3.14159265358979323846264338327950288",
            "1.5e7",
            "1e-07",
            "2E+300",
        ] {
            assert_eq!(inferred(number), number);
        }
    }

    #[test]
    fn what_only_looks_like_a_number_stays_text() {
        for text in [
            "007",
            "+1",
            "1.",
            ".5",
            "-",
            "--1",
            "1,5",
            "1 000",
            " 1",
            "1 ",
            "0x10",
            "12e5",
            "12E5",
            "1e",
            "1e+",
            "1.2.3",
            "NaN",
            "inf",
            "Infinity",
            "1_000",
            "2024-01-01",
            "null",
            "٣",
            "yes",
            "tRUE",
        ] {
            assert_eq!(inferred(text), format!("\"{text}\""));
        }
    }

    #[test]
    fn the_rest_is_booleans_and_null() {
        assert_eq!(inferred(""), "null");
        for (cell, value) in [("true", "true"), ("True", "true"), ("FALSE", "false"), ("false", "false")] {
            assert_eq!(inferred(cell), value);
        }
    }
}
