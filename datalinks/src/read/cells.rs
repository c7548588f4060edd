//! Deserialization of text cells.
//!
//! A CSV cell does not have a type. The requested type decides how its text is parsed, as in the `csv` crate: `7` is a
//! number for a `u8` and text for a `String`. `serde_json` reads rows of formats with their own types.

use std::{borrow::Cow, cell::Cell as Shared, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{
        self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
        value::{BorrowedStrDeserializer, StrDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::value::RawValue;

use crate::json::row_members::{Member, RowMembers, Text};

/// The name with which `serde_json` requests raw JSON. A test verifies it.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// Number of digits that every float keeps.
const EXACT_DIGITS: usize = 15;

/// The reason why cells do not fit a type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Misfit {
    reason: String,
    /// Index of the cell, if the error is about one cell.
    pub(super) cell: Option<usize>,
    /// Set if the type does not request specific types, and the row does not fit it in any attempt.
    pub(super) guessed: bool,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self { reason: reason.to_string(), cell: None, guessed: false }
    }
}

/// The interpretation of cells for which the type does not request a specific type.
///
/// Such types are JSON values, and everything that `serde` buffers first: flattened, tagged and untagged types. They
/// are read in several attempts, and the first one that succeeds counts: `007` stays text for a JSON value, and is a
/// number for a flattened `u8`.
#[derive(Clone, Copy)]
struct Untyped {
    empty: Empty,
    text: Guess,
}

/// The interpretation of an empty cell.
#[derive(Clone, Copy)]
enum Empty {
    /// `null` if the reader made it `null`, and an empty string otherwise.
    AsRead,
    Null,
    Text,
}

/// The interpretation of a cell with text.
#[derive(Clone, Copy)]
enum Guess {
    /// The value that the reader inferred.
    AsRead,
    /// A JSON number or boolean, if a Rust number keeps all its digits.
    Exact,
    /// The value that the `csv` crate infers.
    AsCsv,
    Text,
}

/// The attempts in order, the most faithful first.
const ATTEMPTS: [Untyped; 7] = [
    Untyped { empty: Empty::AsRead, text: Guess::AsRead },
    Untyped { empty: Empty::AsRead, text: Guess::Exact },
    Untyped { empty: Empty::Null, text: Guess::Exact },
    Untyped { empty: Empty::Text, text: Guess::Exact },
    Untyped { empty: Empty::AsRead, text: Guess::AsCsv },
    Untyped { empty: Empty::Null, text: Guess::AsCsv },
    Untyped { empty: Empty::Text, text: Guess::Text },
];

/// Deserializes a row, which is a JSON object of strings, numbers, booleans and `null`. `inferred` is set if the reader
/// inferred the types of the cells.
pub(super) fn deserialize<'de, T: Deserialize<'de>>(json: &'de str, inferred: bool) -> Result<T, Misfit> {
    let members: RowMembers<'de> = serde_json::from_str(json).map_err(de::Error::custom)?;
    let asked = Shared::new(false);
    // Without inferred types, every cell is a string, so a flattened number would not fit in the first attempt.
    let ways = if inferred { &ATTEMPTS[..] } else { &ATTEMPTS[1..] };
    let mut first = None;
    for &untyped in ways {
        let row = Row { json, members: &members.0, context: Context { untyped, asked: &asked } };
        match T::deserialize(row) {
            Ok(value) => return Ok(value),
            // Another attempt would have the same result.
            Err(error) if !asked.get() => return Err(error),
            Err(error) => first = first.or(Some(error)),
        }
    }
    let first: Misfit = first.unwrap_or_else(|| de::Error::custom("the row cannot be read"));
    Err(Misfit { guessed: true, ..first })
}

/// Returns the name of a column.
pub(super) fn name(json: &str, index: usize) -> Option<String> {
    let RowMembers(members) = serde_json::from_str(json).ok()?;
    members.into_iter().nth(index).map(|(Text(name), _)| name.into_owned())
}

/// Returns the names of the columns.
pub(super) fn names(json: &str) -> Option<Vec<String>> {
    let RowMembers(members) = serde_json::from_str(json).ok()?;
    Some(members.into_iter().map(|(Text(name), _)| name.into_owned()).collect())
}

#[derive(Clone, Copy)]
struct Context<'a> {
    untyped: Untyped,
    /// Set if the type did not request a specific type for a cell.
    asked: &'a Shared<bool>,
}

/// A whole row.
#[derive(Clone, Copy)]
struct Row<'a, 'de> {
    json: &'de str,
    members: &'a [Member<'de>],
    context: Context<'a>,
}

impl<'a, 'de> Row<'a, 'de> {
    fn cell(&self, index: usize) -> Option<Cell<'a, 'de>> {
        let (_, raw) = self.members.get(index)?;
        Some(Cell { json: raw.get(), context: self.context })
    }

    /// Returns the first cell, for types that are one value.
    fn first(&self) -> Result<Cell<'a, 'de>, Misfit> {
        self.cell(0).ok_or_else(|| de::Error::custom("the row has no cell"))
    }
}

macro_rules! forward_to_first_cell {
    ($($function:ident)+) => {$(
        fn $function<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            self.first()?.$function(visitor).map_err(|error| error.of_cell(0))
        }
    )+};
}

impl<'de> Deserializer<'de> for Row<'_, 'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_map(Cells { row: self, next: 0 })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_seq(Cells { row: self, next: 0 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if name == RAW_VALUE { raw(self.json, visitor) } else { visitor.visit_newtype_struct(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.first()?.deserialize_enum(name, variants, visitor).map_err(|error| error.of_cell(0))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    forward_to_first_cell! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32
        deserialize_f64 deserialize_char deserialize_str deserialize_string deserialize_bytes
        deserialize_byte_buf deserialize_identifier
    }

    forward_to_deserialize_any! { map struct }
}

/// Access to the cells of a row, in order.
struct Cells<'a, 'de> {
    row: Row<'a, 'de>,
    next: usize,
}

impl<'de> Cells<'_, 'de> {
    fn value<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Misfit> {
        let index = self.next;
        let Some(cell) = self.row.cell(index) else { return Ok(None) };
        self.next += 1;
        seed.deserialize(cell).map(Some).map_err(|error| error.of_cell(index))
    }
}

impl<'de> MapAccess<'de> for Cells<'_, 'de> {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Misfit> {
        let Some((Text(name), _)) = self.row.members.get(self.next) else { return Ok(None) };
        let key = match name {
            Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::new(name)),
            Cow::Owned(name) => seed.deserialize(StrDeserializer::new(name)),
        };
        key.map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        self.value(seed)?.ok_or_else(|| de::Error::custom("the row has no further cell"))
    }
}

impl<'de> SeqAccess<'de> for Cells<'_, 'de> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Misfit> {
        self.value(seed)
    }
}

impl Misfit {
    fn of_cell(self, index: usize) -> Self {
        Self { cell: self.cell.or(Some(index)), ..self }
    }
}

/// One cell.
struct Cell<'a, 'de> {
    json: &'de str,
    context: Context<'a>,
}

impl<'de> Cell<'_, 'de> {
    /// Returns the text of the cell: the JSON of a number or boolean, and an empty string for `null`.
    fn text(&self) -> Result<Cow<'de, str>, Misfit> {
        if self.is_text() {
            return serde_json::from_str(self.json).map(|Text(text)| text).map_err(de::Error::custom);
        }
        Ok(Cow::Borrowed(if self.json == "null" { "" } else { self.json }))
    }

    /// Returns `true` if the reader made the cell a string.
    fn is_text(&self) -> bool {
        self.json.starts_with('"')
    }

    fn unexpected<V: Visitor<'de>>(&self, visitor: &V) -> Misfit {
        match self.text() {
            Ok(text) => de::Error::invalid_type(Unexpected::Str(&text), visitor),
            Err(error) => error,
        }
    }

    /// Deserializes the value that the reader inferred.
    fn as_read<V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Misfit> {
        serde_json::Deserializer::from_str(self.json).deserialize_any(visitor).map_err(of_json)
    }
}

/// Converts an error of `serde_json`. Its position is dropped, because it counts within the cell.
fn of_json(error: serde_json::Error) -> Misfit {
    de::Error::custom(crate::json::misfit::reason(&error))
}

/// Deserializes raw JSON.
fn raw<'de, V: Visitor<'de>>(json: &'de str, visitor: V) -> Result<V::Value, Misfit> {
    serde_json::Deserializer::from_str(json).deserialize_newtype_struct(RAW_VALUE, visitor).map_err(of_json)
}

fn unreadable(text: &str, what: &str, error: impl fmt::Display) -> Misfit {
    de::Error::custom(format!("{text:?} is not a valid {what}: {error}"))
}

macro_rules! integers {
    ($($function:ident $visit:ident $type:ident)+) => {$(
        fn $function<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            let text = self.text()?;
            let number = match text.strip_prefix("0x") {
                Some(digits) => $type::from_str_radix(digits, 16),
                None => text.parse(),
            };
            visitor.$visit(number.map_err(|error| unreadable(&text, stringify!($type), error))?)
        }
    )+};
}

macro_rules! floats {
    ($($function:ident $visit:ident $type:ident)+) => {$(
        fn $function<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            let text = self.text()?;
            let number: $type = text.parse().map_err(|error| unreadable(&text, stringify!($type), error))?;
            visitor.$visit(number)
        }
    )+};
}

macro_rules! unsupported {
    ($($function:ident($($argument:ty),*))+) => {$(
        fn $function<V: Visitor<'de>>(self, $(_: $argument,)* visitor: V) -> Result<V::Value, Misfit> {
            Err(self.unexpected(&visitor))
        }
    )+};
}

impl<'de> Deserializer<'de> for Cell<'_, 'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.context.asked.set(true);
        let Untyped { empty, text: guess } = self.context.untyped;
        let text = self.text()?;
        match (empty, guess) {
            (Empty::AsRead, _) if text.is_empty() => self.as_read(visitor),
            (Empty::Null, _) if text.is_empty() => visitor.visit_unit(),
            (_, Guess::AsRead) => self.as_read(visitor),
            (_, Guess::Exact) if !self.is_text() && !text.is_empty() => self.as_read(visitor),
            (_, Guess::AsCsv) => as_csv(text, visitor),
            (_, Guess::Exact) if is_exact(&text) => as_csv(text, visitor),
            (_, Guess::Exact | Guess::Text) => string(text, visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let text = self.text()?;
        match text.as_ref() {
            "true" | "True" | "TRUE" => visitor.visit_bool(true),
            "false" | "False" | "FALSE" => visitor.visit_bool(false),
            _ => Err(unreadable(&text, "boolean", "expected true or false")),
        }
    }

    integers! {
        deserialize_i8 visit_i8 i8
        deserialize_i16 visit_i16 i16
        deserialize_i32 visit_i32 i32
        deserialize_i64 visit_i64 i64
        deserialize_i128 visit_i128 i128
        deserialize_u8 visit_u8 u8
        deserialize_u16 visit_u16 u16
        deserialize_u32 visit_u32 u32
        deserialize_u64 visit_u64 u64
        deserialize_u128 visit_u128 u128
    }

    floats! {
        deserialize_f32 visit_f32 f32
        deserialize_f64 visit_f64 f64
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let text = self.text()?;
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => visitor.visit_char(character),
            _ => Err(unreadable(&text, "character", "expected exactly one")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        string(self.text()?, visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.text()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
            Cow::Owned(text) => visitor.visit_byte_buf(text.into_bytes()),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_byte_buf(self.text()?.into_owned().into_bytes())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.text()?.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if name == RAW_VALUE { raw(self.json, visitor) } else { visitor.visit_newtype_struct(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_enum(IntoDeserializer::<Misfit>::into_deserializer(self.text()?.as_ref()))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    // A cell is one value, so it does not fit nested types.
    unsupported! {
        deserialize_seq()
        deserialize_tuple(usize)
        deserialize_tuple_struct(&'static str, usize)
        deserialize_map()
        deserialize_struct(&'static str, &'static [&'static str])
    }
}

fn string<'de, V: Visitor<'de>>(text: Cow<'de, str>, visitor: V) -> Result<V::Value, Misfit> {
    match text {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

/// Returns `true` if the text is a boolean, or a decimal JSON number that a 64-bit Rust number holds with all its
/// digits. A number with an exponent may be an identifier and is not exact.
fn is_exact(text: &str) -> bool {
    if matches!(text, "true" | "false") {
        return true;
    }
    let is_number = text.bytes().all(|byte| matches!(byte, b'-' | b'.' | b'0'..=b'9'))
        && serde_json::from_str::<&RawValue>(text).is_ok();
    if !is_number || text == "-0" {
        return false;
    }
    if !text.contains('.') {
        return text.parse::<u64>().is_ok() || text.parse::<i64>().is_ok();
    }
    text.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count() <= EXACT_DIGITS
}

/// Deserializes the value that the `csv` crate infers if no type is requested.
fn as_csv<'de, V: Visitor<'de>>(text: Cow<'de, str>, visitor: V) -> Result<V::Value, Misfit> {
    match text.as_ref() {
        "true" => return visitor.visit_bool(true),
        "false" => return visitor.visit_bool(false),
        _ => {}
    }
    if let Ok(number) = text.parse() {
        visitor.visit_u64(number)
    } else if let Ok(number) = text.parse() {
        visitor.visit_i64(number)
    } else if let Ok(number) = text.parse() {
        visitor.visit_u128(number)
    } else if let Ok(number) = text.parse() {
        visitor.visit_i128(number)
    } else if let Ok(number) = text.parse() {
        visitor.visit_f64(number)
    } else {
        string(text, visitor)
    }
}

#[cfg(test)]
mod tests;
