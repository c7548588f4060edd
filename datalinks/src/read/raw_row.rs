//! A row that keeps its text.

use std::fmt;

use datalinks_gen::Row;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::{Error, ErrorKind};

/// A row as JSON text that is known to be an object.
///
/// Numbers keep all their digits: they are never turned into a float on the way. It is serialized as exactly
/// its text, so it can be ingested as it is.
///
/// ```
/// use datalinks::read::RawRow;
///
/// let row = RawRow::from_json(r#"{"pi": 3.14159265358979323846264338327950288}"#)?;
/// assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"pi": 3.14159265358979323846264338327950288}"#);
/// assert_eq!(row.to_row()?["pi"], 3.141592653589793); // values are what serde_json makes of them
/// assert!(RawRow::from_json("[1]").is_err());
/// # Ok::<(), datalinks::Error>(())
/// ```
#[derive(Clone)]
pub struct RawRow(Box<RawValue>);

/// JSON text that is no row.
pub(super) enum NoRow {
    /// It is no JSON.
    Broken(serde_json::Error),
    /// It is JSON, and this instead of an object.
    Other(&'static str),
}

impl RawRow {
    /// Takes JSON text. White space around it is dropped; all else stays as it is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encode`] when it is not one JSON object.
    pub fn from_json(text: impl Into<String>) -> Result<Self, Error> {
        let raw = RawValue::from_string(text.into()).map_err(NoRow::Broken);
        raw.and_then(Self::from_raw).map_err(|no_row| {
            let error = Error::new(ErrorKind::Encode, format!("the text is no row: {no_row}"));
            match no_row {
                NoRow::Broken(cause) => error.caused_by(cause),
                NoRow::Other(_) => error,
            }
        })
    }

    /// Takes text out of a file.
    pub(super) fn parse(text: &str) -> Result<Self, NoRow> {
        let raw: &RawValue = serde_json::from_str(text).map_err(NoRow::Broken)?;
        Self::from_raw(raw.to_owned())
    }

    pub(super) fn from_raw(raw: Box<RawValue>) -> Result<Self, NoRow> {
        match raw.get().as_bytes().first() {
            Some(b'{') => Ok(Self(raw)),
            Some(b'[') => Err(NoRow::Other("a list")),
            Some(b'"') => Err(NoRow::Other("a text")),
            Some(b't' | b'f') => Err(NoRow::Other("a boolean")),
            Some(b'n') => Err(NoRow::Other("null")),
            _ => Err(NoRow::Other("a number")),
        }
    }

    /// The JSON text, from `{` to `}`. It may hold line breaks, if the file has them inside the row.
    pub fn json(&self) -> &str {
        self.0.get()
    }

    /// The row as values. A number that is no 64-bit integer becomes a float here, and loses digits.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encode`] when a number is beyond the range of a float, or values are nested deeper than
    /// 127 levels.
    pub fn to_row(&self) -> Result<Row, Error> {
        self.deserialize()
    }

    /// The row as a type of yours.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encode`] when it does not fit the type.
    pub fn deserialize<'row, T: Deserialize<'row>>(&'row self) -> Result<T, Error> {
        serde_json::from_str(self.json()).map_err(|error| {
            Error::new(ErrorKind::Encode, format!("the row cannot be read as the type asked for: {error}"))
                .advice("make the type fit the file")
                .caused_by(error)
        })
    }
}

impl Serialize for RawRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// The same text, byte for byte.
impl PartialEq for RawRow {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl Eq for RawRow {}

impl fmt::Display for RawRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.json())
    }
}

impl fmt::Debug for RawRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawRow").field(&self.json()).finish()
    }
}

impl fmt::Display for NoRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) => write!(f, "broken JSON, {}", reason(error)),
            Self::Other(what) => write!(f, "{what} instead of an object"),
        }
    }
}

/// What is wrong, without `serde_json`'s place: it counts from the start of the row, not of the file.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_its_text_through_any_serializer_of_json() {
        let text = r#"{"n": 123456789012345678901234567890, "d":0.123456789012345678901234567890,"e":1e400}"#;
        let row = RawRow::from_json(format!(" \n{text}\t")).unwrap();
        assert_eq!(row.json(), text);
        assert_eq!(row.to_string(), text);
        assert_eq!(serde_json::to_string(&row).unwrap(), text);
        assert_eq!(serde_json::to_string(&[&row]).unwrap(), format!("[{text}]"));
    }

    #[test]
    fn is_always_an_object() {
        for (text, said) in [
            ("[{}]", "a list"),
            ("\"a\"", "a text"),
            ("-1", "a number"),
            ("true", "a boolean"),
            ("null", "null instead"),
            ("{", "broken JSON, EOF"),
            ("{} {}", "trailing characters"),
            ("", "EOF"),
        ] {
            let error = RawRow::from_json(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Encode);
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn gives_values_to_those_who_want_them() {
        #[derive(serde::Deserialize)]
        struct Film<'a> {
            title: &'a str,
            year: u16,
        }
        let row = RawRow::from_json(r#"{"title":"Alien","year":1979}"#).unwrap();
        let film: Film<'_> = row.deserialize().unwrap();
        assert_eq!((film.title, film.year), ("Alien", 1979));
        assert_eq!(row.to_row().unwrap()["year"], 1979);
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert!(RawRow::from_json(deep).unwrap().to_row().is_err());
        assert!(RawRow::from_json(r#"{"a":1e999}"#).unwrap().to_row().is_err());
    }
}
