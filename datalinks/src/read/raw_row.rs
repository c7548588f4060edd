//! A row as JSON text.

use std::{fmt, sync::Arc};

use datalinks_gen::Row;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;

use super::{bad_row::BadRow, cells, origin::Origin, position::Position};
use crate::{
    error::{Error, ErrorKind},
    json::misfit::{Mismatch, missing_field, reason},
    secrets,
};

/// Maximum number of characters of field names in a message.
const NAMES_SHOWN: usize = 500;

/// A row as JSON text, which is a valid JSON object.
///
/// Numbers keep all their digits, because they are never converted to floats. A row serializes as exactly its text, so
/// it can be ingested without changes. The rows of a query can be read as this type, too.
///
/// A row of a file contains its position, which errors of [`deserialize`](Self::deserialize) report.
///
/// # Examples
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
pub struct RawRow {
    raw: Box<RawValue>,
    /// The position in the file, or `None` if the row was not read from a file.
    origin: Option<Origin>,
}

/// Text that is not a row.
pub(super) enum NotARow {
    /// The text is not valid JSON.
    Broken(serde_json::Error),
    /// The text is a JSON value of this type, and not an object.
    Other(&'static str),
}

impl RawRow {
    /// Creates a row from JSON text. White space around it is dropped, and everything else is kept.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Encode`] if the text is not one JSON object.
    pub fn from_json(text: impl Into<String>) -> Result<Self, Error> {
        let raw = RawValue::from_string(text.into()).map_err(NotARow::Broken);
        raw.and_then(Self::from_raw).map_err(|not_a_row| {
            let error = Error::new(ErrorKind::Encode, format!("the JSON text is not a row: {not_a_row}"));
            match not_a_row {
                NotARow::Broken(cause) => error.caused_by(cause),
                NotARow::Other(_) => error,
            }
        })
    }

    /// Parses text from a file.
    pub(super) fn parse(text: &str) -> Result<Self, NotARow> {
        let raw: &RawValue = serde_json::from_str(text).map_err(NotARow::Broken)?;
        Self::from_raw(raw.to_owned())
    }

    pub(super) fn from_raw(raw: Box<RawValue>) -> Result<Self, NotARow> {
        match raw.get().as_bytes().first() {
            Some(b'{') => Ok(Self { raw, origin: None }),
            Some(b'[') => Err(NotARow::Other("an array")),
            Some(b'"') => Err(NotARow::Other("a string")),
            Some(b't' | b'f') => Err(NotARow::Other("a boolean")),
            Some(b'n') => Err(NotARow::Other("null")),
            _ => Err(NotARow::Other("a number")),
        }
    }

    /// Sets the position of the row in its file.
    pub(super) fn at(self, origin: Origin) -> Self {
        Self { origin: Some(origin), ..self }
    }

    /// Sets the file of the row.
    pub(super) fn in_file(mut self, file: &Arc<str>) -> Self {
        self.origin = self.origin.map(|origin| origin.in_file(Arc::clone(file)));
        self
    }

    /// Returns the name of the file that the row was read from, or `None` if it was not read from one.
    pub fn file(&self) -> Option<&str> {
        self.origin.as_ref()?.file()
    }

    /// Returns the line of the file at which the row begins, from 1.
    ///
    /// In a spreadsheet, it is the row of the sheet. In Parquet, it is the row number. `None` if the row was not read
    /// from a file.
    pub fn line(&self) -> Option<u64> {
        Some(self.origin.as_ref()?.start().line)
    }

    /// Returns the JSON text, from `{` to `}`. It contains line breaks if the file has them inside the row.
    pub fn json(&self) -> &str {
        self.raw.get()
    }

    /// Returns the row as JSON values. Strings stay strings, also those of CSV cells. A number that is not a 64-bit
    /// integer becomes a float, and loses digits.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Encode`] if a number is beyond the range of a float, or if values are nested deeper than 127
    ///   levels.
    pub fn to_row(&self) -> Result<Row, Error> {
        serde_json::from_str(self.json()).map_err(|error| self.misfit_of_json::<Row>(error))
    }

    /// Deserializes the row into a Rust type.
    ///
    /// # Rows of CSV
    ///
    /// The cells of CSV and TSV are text. The type decides how they are parsed, by the rules of the `csv` crate:
    ///
    /// - Numbers are parsed as Rust parses them (`1e3`, `+1`, `007`, `NaN`). Integers are also parsed from `0x1F`.
    /// - `true` and `false` are booleans. In addition to the `csv` crate, so are `True`, `TRUE`, `False` and `FALSE`.
    /// - An empty cell is `None` for an `Option`, and an empty string for a `String`.
    /// - A cell can contain the name of a variant of an enum without data.
    /// - A row can also be read as a tuple or a list of its cells.
    /// - If [`infer_types`](super::Reader::infer_types) converted a cell to a number, a `String` receives its digits as
    ///   they are in the file.
    ///
    /// A type that does not request a specific type for a cell is read in several attempts. Such types are
    /// `serde_json::Value` and all flattened, internally tagged and untagged types. In the first attempt, a cell is a
    /// number or a boolean if it is written like one in JSON and loses no digit of its value (`1.10` becomes `1.1`). If
    /// the row does not fit, empty cells are `null`, then numbers are those of the `csv` crate (`007` is 7), and in the
    /// last attempt every cell is a string. Rows of `infer_types` are read in the same way, after an attempt with the
    /// inferred types.
    ///
    /// `serde` reads a flattened `Option` whose fields do not fit as `None`, without an error. The first attempt then
    /// succeeds, and `007` or an empty cell in a number leaves the option `None`.
    ///
    /// An attempt applies to the whole row. A flattened type with a number and with a string that looks like a number
    /// (an amount and a postal code) therefore fits some rows and not others. In this case, set `infer_types` and name
    /// the columns of strings with [`string_columns`](super::Reader::string_columns), so that all rows have the same
    /// types.
    ///
    /// In all other formats, values have their own types, and a string stays a string.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Encode`] if the row does not fit the type. The error names the field. For a row of a file, it
    ///   also contains the position in the file, and its source is a [`BadRow`] whose record is the JSON of the row.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::read::Reader;
    ///
    /// #[derive(Debug, PartialEq, serde::Deserialize)]
    /// struct Order { customer: String, amount: f64, paid: bool, note: Option<String> }
    ///
    /// let text = "customer,amount,paid,note\n00123,17.5,true,\n";
    /// let row = Reader::from_reader(text.as_bytes(), "orders.csv").rows().next().ok_or("no row")??;
    /// let order: Order = row.deserialize()?;
    /// assert_eq!(order, Order { customer: "00123".into(), amount: 17.5, paid: true, note: None });
    ///
    /// let text = "customer,amount,paid,note\nJo,17.5,true,\nAnn,much,false,\n";
    /// let row = Reader::from_reader(text.as_bytes(), "orders.csv").rows().nth(1).ok_or("no row")??;
    /// let error = row.deserialize::<Order>().unwrap_err();
    /// assert!(error.message().starts_with("orders.csv, line 3, column 5: the field \"amount\""));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn deserialize<'row, T: Deserialize<'row>>(&'row self) -> Result<T, Error> {
        match self.origin.as_ref().and_then(Origin::text_cells) {
            Some(text) => {
                cells::deserialize(self.json(), text.inferred).map_err(|error| self.misfit_of_cells(error))
            }
            None => serde_json::from_str(self.json()).map_err(|error| self.misfit_of_json::<T>(error)),
        }
    }

    fn misfit_of_json<'row, T: Deserialize<'row>>(&self, error: serde_json::Error) -> Error {
        let Mismatch { field, reason } = Mismatch::of::<T>(self.json(), &error);
        let position = self.origin.as_ref().map(|origin| match &field {
            Some(field) => origin.position_of(self.json(), field),
            None => origin.start(),
        });
        // Without a file, the line and the column are those of the JSON text.
        let reason = if position.is_some() { reason } else { error.to_string() };
        self.misfit(position, field.map(|field| field.path), reason, error)
    }

    fn misfit_of_cells(&self, error: cells::Misfit) -> Error {
        let position = self.origin.as_ref().map(|origin| match error.cell {
            Some(cell) => origin.position_of_cell(cell),
            None => origin.start(),
        });
        let name = error.cell.and_then(|cell| cells::name(self.json(), cell));
        let reason = error.to_string();
        let inferred = self.origin.as_ref().and_then(Origin::text_cells).is_some_and(|text| text.inferred);
        let is_guess = error.guessed && !inferred && missing_field(&reason).is_none();
        let error = self.misfit(position, name, reason, error);
        if !is_guess {
            return error;
        }
        error.advice(
            "make the type fit the file, correct the record, or set Reader::infer_types and name the columns of strings \
             with Reader::string_columns",
        )
    }

    fn misfit(
        &self,
        position: Option<Position>,
        field: Option<String>,
        reason: String,
        error: impl std::error::Error + Send + Sync + 'static,
    ) -> Error {
        let what = match field {
            Some(field) => format!("the field {field:?} cannot be read as the requested type: {reason}"),
            None => format!("the row cannot be read as the requested type: {reason}"),
        };
        let names = if missing_field(&reason).is_some() { self.names() } else { Vec::new() };
        let what = if names.is_empty() { what } else { format!("{what}; its fields are {}", list(&names)) };
        let (Some(file), Some(position)) = (self.file(), position) else {
            return Error::new(ErrorKind::Encode, what).advice("make the type fit the row").caused_by(error);
        };
        let bad = BadRow::new(file, position, self.json().as_bytes()).among_others().caused_by(error);
        // A line whose cells are all in one column indicates a wrong delimiter.
        let is_one_cell = names.len() == 1 && self.origin.as_ref().is_some_and(|o| o.text_cells().is_some());
        Error::new(ErrorKind::Encode, format!("{file}, {position}: {what}"))
            .advice(if is_one_cell {
                "make the type fit the file, or set Reader::delimiter if the file has more columns than this one"
            } else {
                "make the type fit the file, or correct the record"
            })
            .caused_by(bad)
    }

    /// Returns the names of the row's fields.
    fn names(&self) -> Vec<String> {
        cells::names(self.json()).unwrap_or_default()
    }
}

/// Formats names, truncated to the length that fits into a message.
fn list(names: &[String]) -> String {
    secrets::start(&format!("{names:?}"), NAMES_SHOWN)
}

impl<'de> Deserialize<'de> for RawRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::from_raw(raw).map_err(D::Error::custom)
    }
}

impl Serialize for RawRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}

/// Rows are equal if their text is equal, byte for byte.
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

impl fmt::Display for NotARow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) => write!(f, "invalid JSON, {}", reason(error)),
            Self::Other(what) => write!(f, "{what} instead of an object"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_kept_by_serialization() {
        let text = r#"{"n": 123456789012345678901234567890, "d":0.123456789012345678901234567890,"e":1e400}"#;
        let row = RawRow::from_json(format!(" \n{text}\t")).unwrap();
        assert_eq!(row.json(), text);
        assert_eq!(row.to_string(), text);
        assert_eq!(serde_json::to_string(&row).unwrap(), text);
        assert_eq!(serde_json::to_string(&[&row]).unwrap(), format!("[{text}]"));
    }

    #[test]
    fn raw_row_is_always_an_object() {
        for (text, said) in [
            ("[{}]", "an array"),
            ("\"a\"", "a string"),
            ("-1", "a number"),
            ("true", "a boolean"),
            ("null", "null instead"),
            ("{", "invalid JSON, EOF"),
            ("{} {}", "trailing characters"),
            ("", "EOF"),
        ] {
            let error = RawRow::from_json(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Encode);
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn missing_field_error_lists_the_fields() {
        #[derive(Debug, serde::Deserialize)]
        struct Film {
            #[expect(dead_code, reason = "only errors are checked")]
            title: String,
        }
        let error = |text: &str, delimiter| {
            let reader = crate::read::Reader::from_reader(std::io::Cursor::new(text.to_owned()), "x.csv");
            let row = reader.delimiter(delimiter).rows().next().unwrap().unwrap();
            row.deserialize::<Film>().unwrap_err().to_string()
        };
        let found = error("year;titel\n1979;Alien\n", b';');
        assert!(
            found.contains("missing field `title`; its fields are [\"year\", \"titel\"]; make the type"),
            "{found}"
        );
        let found = error("year;title\n1979;Alien\n", b',');
        assert!(found.contains(
            "its fields are [\"year;title\"]; make the type fit the file, or set Reader::delimiter"
        ));
        let found = error(&format!("{}\n1\n", "n".repeat(1_000)), b',');
        assert!(found.len() < 800, "{found}");
    }

    /// An attempt applies to the whole row, so a flattened string and number require inferred column types.
    #[test]
    fn flattened_strings_and_numbers_require_inferred_types() {
        #[derive(Debug, serde::Deserialize)]
        struct Order {
            #[serde(flatten)]
            sale: Sale,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Sale {
            amount: f64,
            zip: String,
        }
        let text = "zip,amount\n01234,1.50\n10115,7\n";
        let reader = || crate::read::Reader::from_reader(text.as_bytes(), "x.csv");
        let orders = |reader: crate::read::Reader| {
            let orders = reader.rows().map(|row| row?.deserialize::<Order>().map(|order| order.sale));
            orders.collect::<Result<Vec<_>, _>>()
        };
        let error = orders(reader()).unwrap_err();
        assert!(
            error.to_string().contains("line 3") && error.to_string().contains("Reader::string_columns"),
            "{error}"
        );
        let found = orders(reader().infer_types().string_columns(["zip"])).unwrap();
        let found: Vec<_> = found.iter().map(|sale| (&*sale.zip, sale.amount)).collect();
        assert_eq!(found, [("01234", 1.5), ("10115", 7.0)]);
    }

    #[test]
    fn raw_row_deserializes_into_types_and_values() {
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
