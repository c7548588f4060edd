//! Inference of column types, and records as JSON.

use std::{cell::Cell, fmt};

use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap},
};
use serde_json::value::RawValue;

use super::records::CsvRecords;

/// A column: its name and the type of its cells.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// The type of the cells of a column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Strings, with the text of the file.
    Verbatim,
    /// Strings, but an unquoted empty cell is null.
    Text,
    /// Numbers and null.
    Number,
    /// Booleans and null.
    Boolean,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Verbatim | Self::Text => "text",
            Self::Number => "numbers",
            Self::Boolean => "booleans",
        })
    }
}

/// The type of the cells of a column so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Observed {
    #[default]
    NoValue,
    All(Kind),
}

impl Observed {
    /// Adds a cell.
    pub(super) fn add(&mut self, cell: &str, quoted: bool) {
        let kind = match Value::of(cell, quoted) {
            Value::Null => return,
            Value::Boolean(_) => Kind::Boolean,
            Value::Number(_) => Kind::Number,
            Value::Text => Kind::Text,
        };
        *self = match *self {
            Self::All(before) if before != kind => Self::All(Kind::Text),
            _ => Self::All(kind),
        };
    }

    /// Returns the type of the column. A column without a value has strings.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::NoValue => Kind::Text,
            Self::All(kind) => kind,
        }
    }
}

/// A record with its columns, serialized as a JSON object.
pub(super) struct Record<'a, C> {
    pub(super) columns: &'a [Column],
    pub(super) cells: C,
    pub(super) records: &'a CsvRecords,
    /// Index of the cell that does not fit its column, once found.
    pub(super) misfit: Cell<Option<usize>>,
}

impl<'a, C: Iterator<Item = &'a str> + Clone> Serialize for Record<'a, C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.columns.len()))?;
        for (position, (column, cell)) in self.columns.iter().zip(self.cells.clone()).enumerate() {
            object.serialize_key(&column.name)?;
            let quoted = || self.records.is_quoted(position);
            match column.kind {
                Kind::Verbatim => object.serialize_value(cell)?,
                Kind::Text if cell.is_empty() && !quoted() => object.serialize_value(&())?,
                Kind::Text => object.serialize_value(cell)?,
                kind => match (kind, Value::of(cell, quoted())) {
                    (_, Value::Null) => object.serialize_value(&())?,
                    (Kind::Number, Value::Number(number)) => object.serialize_value(number)?,
                    (Kind::Boolean, Value::Boolean(value)) => object.serialize_value(&value)?,
                    _ => {
                        self.misfit.set(Some(position));
                        return Err(S::Error::custom("a cell does not fit its column"));
                    }
                },
            }
        }
        object.end()
    }
}

/// The type of one cell by itself.
enum Value<'a> {
    Null,
    Boolean(bool),
    Number(&'a RawValue),
    Text,
}

impl<'a> Value<'a> {
    /// A quoted cell that needs no quotes is meant as text.
    fn of(cell: &'a str, quoted: bool) -> Self {
        match cell {
            _ if quoted => Self::Text,
            "" => Self::Null,
            "true" | "True" | "TRUE" => Self::Boolean(true),
            "false" | "False" | "FALSE" => Self::Boolean(false),
            _ => number(cell).map_or(Self::Text, Self::Number),
        }
    }
}

/// Returns the cell as a number, if JSON allows it and it does not look like an identifier. `007`, `+1` and `12e5` do.
/// A number with an exponent needs a decimal point or a sign in the exponent.
fn number(cell: &str) -> Option<&RawValue> {
    let bytes = cell.as_bytes();
    if !matches!(bytes.first(), Some(b'-' | b'0'..=b'9')) || !bytes.last().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let exponent = bytes.iter().position(|byte| matches!(byte, b'e' | b'E'));
    if let Some(exponent) = exponent
        && !bytes[..exponent].contains(&b'.')
        && !matches!(bytes.get(exponent + 1), Some(b'+' | b'-'))
    {
        return None;
    }
    let number = serde_json::from_str(cell).ok()?;
    is_exact(cell, exponent).then_some(number)
}

/// Number of decimal digits that a 64-bit float always keeps.
const DIGITS: usize = 15;

/// Returns `true` if a JSON number keeps its digits as a 64-bit float, which most JSON readers use. An integer with
/// more digits than a float always keeps is treated as an identifier.
fn is_exact(number: &str, exponent: Option<usize>) -> bool {
    let mantissa = &number[..exponent.unwrap_or(number.len())];
    if exponent.is_none() && !mantissa.contains('.') {
        return mantissa.trim_start_matches('-').len() <= DIGITS;
    }
    let digits = mantissa.bytes().filter(u8::is_ascii_digit);
    let digits: usize = digits.skip_while(|digit| *digit == b'0').count();
    if digits <= DIGITS && exponent.is_none() {
        return true;
    }
    // The digits are kept if the shortest representation of the float has the same digits.
    let significant = |text: &str| {
        let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        digits.trim_matches('0').to_owned()
    };
    number
        .parse::<f64>()
        .is_ok_and(|float| float.is_finite() && significant(&format!("{float:e}")) == significant(mantissa))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the type of a column with this cell only.
    fn kind(cell: &str) -> Kind {
        kind_of(&[(cell, false)])
    }

    fn kind_of(cells: &[(&str, bool)]) -> Kind {
        let mut seen = Observed::default();
        cells.iter().for_each(|(cell, quoted)| seen.add(cell, *quoted));
        seen.kind()
    }

    #[test]
    fn json_numbers_are_inferred_as_numbers() {
        for number in [
            "0",
            "-0",
            "7",
            "-12",
            "123456789012345",
            "-999999999999999",
            "0.10",
            "-0.0",
            "0.30000000000000004",
            "-118.27397560000001",
            "3.141592653589793",
            "1.5e7",
            "1e-07",
            "2E+300",
            "0.0e-5",
            "100000000000000000000.0",
        ] {
            assert_eq!(kind(number), Kind::Number, "{number}");
        }
    }

    #[test]
    fn identifiers_and_inexact_numbers_are_inferred_as_strings() {
        for text in [
            "007",
            "-007",
            "00.5",
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
            // A float would not keep these digits.
            "1234567890123456",
            "123456789012345678901234567890",
            "9007199254740993",
            "12345678901234567.89",
            "-3.14159265358979323846264338327950288",
            "0.1234567890123456789",
            "1e+400",
            "1.5e-400",
        ] {
            assert_eq!(kind(text), Kind::Text, "{text}");
        }
    }

    #[test]
    fn all_cells_decide_the_type_of_a_column() {
        let plain =
            |cells: &[&'static str]| kind_of(&cells.iter().map(|cell| (*cell, false)).collect::<Vec<_>>());
        assert_eq!(plain(&["1", "", "2.5"]), Kind::Number);
        assert_eq!(plain(&["", "True", "", "false"]), Kind::Boolean);
        assert_eq!(plain(&["1", "true"]), Kind::Text);
        assert_eq!(plain(&["1", "2", "007", "3"]), Kind::Text);
        assert_eq!(plain(&["", ""]), Kind::Text);
        assert_eq!(plain(&[]), Kind::Text);
        assert_eq!(kind_of(&[("7", true), ("7", false)]), Kind::Text);
        assert_eq!(kind_of(&[("7", false), ("", true)]), Kind::Text);
    }
}
