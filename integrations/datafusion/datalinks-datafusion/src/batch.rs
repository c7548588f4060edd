//! Rows of a response as record batches.

use std::{collections::HashMap, fmt, sync::Arc};

use datafusion::arrow::{
    array::{
        ArrayRef, BooleanBuilder, Float64Builder, Int64Builder, RecordBatch, RecordBatchOptions,
        StringBuilder,
    },
    datatypes::SchemaRef,
    error::ArrowError,
};
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::column_type::{ColumnType, integer, number};

/// A batch ends when its text has this many bytes, so that a batch of long values stays small.
const MAX_TEXT: usize = 8 * 1024 * 1024;

/// Maximum length of a value in a message, in characters.
const SHOWN: usize = 60;

/// Collects rows into record batches. Members of a row that are not columns are ignored.
pub(crate) struct BatchBuilder {
    schema: SchemaRef,
    columns: Vec<(ColumnType, Values)>,
    numbers: HashMap<String, usize>,
    rows: usize,
    text: usize,
}

enum Values {
    Integers(Int64Builder),
    Numbers(Float64Builder),
    Booleans(BooleanBuilder),
    Texts(StringBuilder),
}

impl BatchBuilder {
    /// Creates a builder for a schema whose types are those of [`ColumnType`].
    pub(crate) fn new(schema: SchemaRef) -> Result<Self, ArrowError> {
        let columns = schema.fields().iter().map(|field| {
            let column_type = ColumnType::of(field.data_type()).ok_or_else(|| {
                ArrowError::SchemaError(format!(
                    "the type {} of {:?} is not supported",
                    field.data_type(),
                    field.name()
                ))
            })?;
            let values = match column_type {
                ColumnType::Integer => Values::Integers(Int64Builder::new()),
                ColumnType::Number => Values::Numbers(Float64Builder::new()),
                ColumnType::Boolean => Values::Booleans(BooleanBuilder::new()),
                ColumnType::Text => Values::Texts(StringBuilder::new()),
            };
            Ok((column_type, values))
        });
        let columns = columns.collect::<Result<_, ArrowError>>()?;
        let numbers =
            schema.fields().iter().enumerate().map(|(at, field)| (field.name().clone(), at)).collect();
        Ok(Self { schema, columns, numbers, rows: 0, text: 0 })
    }

    /// Appends a row. An error leaves the builder unusable.
    pub(crate) fn push(&mut self, row: &RawValue) -> Result<(), String> {
        let mut cells = vec![None; self.columns.len()];
        let members = Members { numbers: &self.numbers, cells: &mut cells };
        let mut deserializer = serde_json::Deserializer::from_str(row.get());
        members.deserialize(&mut deserializer).map_err(|error| format!("the row cannot be read: {error}"))?;
        for (at, ((column_type, values), cell)) in self.columns.iter_mut().zip(cells).enumerate() {
            let json = cell.map_or("null", RawValue::get);
            let appended =
                values.append(json).map_err(|error| format!("a string cannot be read: {error}"))?;
            if !appended {
                let name = self.schema.field(at).name();
                return Err(format!(
                    "the value {} of column {name:?} does not fit its type {}",
                    shown(json),
                    column_type.name()
                ));
            }
            if matches!(column_type, ColumnType::Text) {
                self.text += json.len();
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Returns `true` if the batch should end, for batches of up to `rows` rows.
    pub(crate) fn is_full(&self, rows: usize) -> bool {
        self.rows >= rows || self.text >= MAX_TEXT
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Returns the batch of the rows so far, and begins another one.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let arrays = self.columns.iter_mut().map(|(_, values)| values.finish()).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        (self.rows, self.text) = (0, 0);
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
    }
}

impl Values {
    /// Appends a JSON value, or returns `false` if it does not fit.
    fn append(&mut self, json: &str) -> Result<bool, serde_json::Error> {
        if json == "null" {
            match self {
                Self::Integers(builder) => builder.append_null(),
                Self::Numbers(builder) => builder.append_null(),
                Self::Booleans(builder) => builder.append_null(),
                Self::Texts(builder) => builder.append_null(),
            }
            return Ok(true);
        }
        match self {
            Self::Integers(builder) => match integer(json) {
                Some(value) => builder.append_value(value),
                None => return Ok(false),
            },
            Self::Numbers(builder) => match number(json) {
                Some(value) => builder.append_value(value),
                None => return Ok(false),
            },
            Self::Booleans(builder) => match json {
                "true" => builder.append_value(true),
                "false" => builder.append_value(false),
                _ => return Ok(false),
            },
            Self::Texts(builder) if json.starts_with('"') => {
                builder.append_value(serde_json::from_str::<String>(json)?);
            }
            Self::Texts(builder) => builder.append_value(json),
        }
        Ok(true)
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Integers(builder) => Arc::new(builder.finish()),
            Self::Numbers(builder) => Arc::new(builder.finish()),
            Self::Booleans(builder) => Arc::new(builder.finish()),
            Self::Texts(builder) => Arc::new(builder.finish()),
        }
    }
}

/// Returns a value for a message, shortened.
pub(crate) fn shown(json: &str) -> String {
    match json.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", json.get(..end).unwrap_or_default()),
        None => json.to_owned(),
    }
}

/// Calls `each` with the name and the JSON text of every member of a row, in order.
pub(crate) fn members(row: &RawValue, each: impl FnMut(&str, &str)) -> Result<(), serde_json::Error> {
    struct Each<F>(F);

    impl<'de, F: FnMut(&str, &str)> Visitor<'de> for Each<F> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a row, which is a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
            while let Some(name) = map.next_key::<String>()? {
                let value: &RawValue = map.next_value()?;
                (self.0)(&name, value.get());
            }
            Ok(())
        }
    }

    serde_json::Deserializer::from_str(row.get()).deserialize_map(Each(each))
}

/// Finds the values of the columns in a row. Of several members with one name, the last one counts.
struct Members<'a, 'de> {
    numbers: &'a HashMap<String, usize>,
    cells: &'a mut [Option<&'de RawValue>],
}

impl<'de> DeserializeSeed<'de> for Members<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row, which is a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(at) = map.next_key_seed(Number(self.numbers))? {
            match at {
                Some(at) => {
                    let value = map.next_value()?;
                    *self.cells.get_mut(at).ok_or_else(|| A::Error::custom("a column has no place"))? =
                        Some(value);
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Reads a name as the number of its column, without a copy of the name.
struct Number<'a>(&'a HashMap<String, usize>);

impl<'de> DeserializeSeed<'de> for Number<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Number<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.get(name).copied())
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::{
        datatypes::{Field, Schema},
        util::pretty::pretty_format_batches,
    };

    use super::*;

    fn builder(columns: &[(&str, ColumnType)]) -> BatchBuilder {
        let fields = columns.iter().map(|(name, kind)| Field::new(*name, kind.data_type(), true));
        BatchBuilder::new(Arc::new(Schema::new(fields.collect::<Vec<_>>()))).unwrap()
    }

    fn row(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn values_keep_their_meaning() {
        let mut rows = builder(&[
            ("a", ColumnType::Integer),
            ("b", ColumnType::Number),
            ("c", ColumnType::Boolean),
            ("d", ColumnType::Text),
        ]);
        rows.push(&row(r#"{"\u0064":"x\u00e4","c":true,"b":1,"a":-5,"other":[{}]}"#)).unwrap();
        rows.push(&row(r#"{"a":1,"a":null,"d":[1, 2.50]}"#)).unwrap();
        let text = pretty_format_batches(&[rows.finish().unwrap()]).unwrap().to_string();
        let lines: Vec<&str> = text.lines().skip(3).collect();
        assert!(lines[0].contains("| -5 | 1.0 | true | x\u{e4}"), "{text}");
        assert!(lines[1].contains("|    |     |      | [1, 2.50]"), "{text}");
        assert!(rows.is_empty());
    }

    #[test]
    fn a_value_that_does_not_fit_is_an_error() {
        for (kind, json) in [
            (ColumnType::Integer, "5.0"),
            (ColumnType::Integer, "\"5\""),
            (ColumnType::Number, "9007199254740993"),
            (ColumnType::Number, "true"),
            (ColumnType::Boolean, "1"),
        ] {
            let error = builder(&[("a", kind)]).push(&row(&format!(r#"{{"a":{json}}}"#))).unwrap_err();
            assert!(
                error.contains(json) && error.contains("\"a\"") && error.contains(kind.name()),
                "{error}"
            );
        }
        assert!(builder(&[]).push(&row("[1]")).unwrap_err().contains("a row, which is a JSON object"));
        assert_eq!(shown(&"ä".repeat(100)), format!("{}...", "ä".repeat(60)));
    }

    #[test]
    fn rows_without_columns_are_counted() {
        let mut rows = builder(&[]);
        rows.push(&row(r#"{"a":1}"#)).unwrap();
        assert_eq!(rows.finish().unwrap().num_rows(), 1);
    }
}
