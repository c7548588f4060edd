//! Cells as JSON values.

use std::{cell::Cell, fmt};

use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap},
};
use serde_json::value::RawValue;

use super::records::CsvRecords;

/// A column: its name, and what its cells become.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What the cells of a column become.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Text, as it stands in the file.
    AsItIs,
    /// The same, but an empty cell without quotes is null.
    Text,
    /// Numbers and null.
    Number,
    /// Booleans and null.
    Boolean,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AsItIs | Self::Text => "text",
            Self::Number => "numbers",
            Self::Boolean => "booleans",
        })
    }
}

/// What the cells of a column have been so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Seen {
    #[default]
    Nothing,
    All(Kind),
}

impl Seen {
    /// Looks at one more cell.
    pub(super) fn see(&mut self, cell: &str, quoted: bool) {
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

    /// The kind of the column. One that had no value can hold any: text.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Nothing => Kind::Text,
            Self::All(kind) => kind,
        }
    }
}

/// A record with its columns, as a JSON object.
pub(super) struct Record<'a, C> {
    pub(super) columns: &'a [Column],
    pub(super) cells: C,
    pub(super) records: &'a CsvRecords,
    /// The cell that does not fit its column, once that was found.
    pub(super) misfit: Cell<Option<usize>>,
}

impl<'a, C: Iterator<Item = &'a str> + Clone> Serialize for Record<'a, C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.columns.len()))?;
        for (position, (column, cell)) in self.columns.iter().zip(self.cells.clone()).enumerate() {
            object.serialize_key(&column.name)?;
            let quoted = || self.records.is_quoted(position);
            match column.kind {
                Kind::AsItIs => object.serialize_value(cell)?,
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

/// What one cell means for itself.
enum Value<'a> {
    Null,
    Boolean(bool),
    Number(&'a RawValue),
    Text,
}

impl<'a> Value<'a> {
    /// Whoever quotes a cell that needs no quotes means text.
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

/// The cell, if it is a number as JSON writes them and not rather an identifier: `007` and `+1` are none, nor is
/// `12e5`. A number with an exponent has a decimal point or a sign in it.
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

/// Digits of a decimal number that a 64-bit float always keeps.
const DIGITS: usize = 15;

/// Whether a number in the syntax of JSON keeps its digits as a 64-bit float, which is what most readers of JSON make
/// of it. An integer with more digits than a float always keeps is taken for an identifier.
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
    // The shortest text that stands for the float has the same digits, or else the float is another number.
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

    /// The kind of a column that has this cell alone.
    fn kind(cell: &str) -> Kind {
        kind_of(&[(cell, false)])
    }

    fn kind_of(cells: &[(&str, bool)]) -> Kind {
        let mut seen = Seen::default();
        cells.iter().for_each(|(cell, quoted)| seen.see(cell, *quoted));
        seen.kind()
    }

    #[test]
    fn numbers_are_those_of_json() {
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
    fn what_only_looks_like_a_number_is_text() {
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
            // A float would not keep the digits.
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
    fn all_cells_of_a_column_decide() {
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
