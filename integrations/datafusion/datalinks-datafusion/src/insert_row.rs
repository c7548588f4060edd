//! The rows of an `INSERT INTO`, as JSON that has exactly the values of the statement.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{
            Array as _, ArrayRef, AsArray as _, BooleanArray, Float64Array, Int64Array, RecordBatch,
            StringArray,
        },
        compute::{CastOptions, cast_with_options},
        datatypes::{DataType, Field, Float64Type, Int64Type, SchemaRef},
    },
    error::{DataFusionError, Result},
};
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::value::RawValue;

use crate::{
    batch::shown,
    column_type::{ColumnType, EXACT_INTEGERS},
    nested_values::nested,
    times::Times,
};

/// A row of an `INSERT INTO`, which serializes as a JSON object. A null is left out.
#[derive(Clone, Debug)]
pub struct InsertRow {
    columns: Arc<[(String, Values)]>,
    at: usize,
}

/// The values of a column.
#[derive(Debug)]
enum Values {
    Integers(Int64Array),
    Numbers(Float64Array),
    Booleans(BooleanArray),
    Texts(StringArray),
    /// Lists, structs and maps.
    Json(Vec<Option<Box<RawValue>>>),
}

impl Serialize for InsertRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let at = self.at;
        for (name, values) in &*self.columns {
            match values {
                Values::Integers(array) if array.is_valid(at) => {
                    map.serialize_entry(name, &array.value(at))?
                }
                Values::Numbers(array) if array.is_valid(at) => {
                    map.serialize_entry(name, &array.value(at))?
                }
                Values::Booleans(array) if array.is_valid(at) => {
                    map.serialize_entry(name, &array.value(at))?
                }
                Values::Texts(array) if array.is_valid(at) => map.serialize_entry(name, array.value(at))?,
                Values::Json(values) => {
                    if let Some(value) = values.get(at).and_then(Option::as_ref) {
                        map.serialize_entry(name, value)?;
                    }
                }
                Values::Integers(_) | Values::Numbers(_) | Values::Booleans(_) | Values::Texts(_) => {}
            }
        }
        map.end()
    }
}

/// Returns `true` if a value of this type is converted by [`rows`], which rejects a value that would change.
pub(crate) fn is_convertible(from: &DataType, to: ColumnType) -> bool {
    match from {
        DataType::Dictionary(_, value) => is_convertible(value, to),
        DataType::RunEndEncoded(_, value) => is_convertible(value.data_type(), to),
        _ if from.is_numeric() || from.is_string() => to != ColumnType::Boolean || from.is_string(),
        DataType::Null => true,
        DataType::Boolean => matches!(to, ColumnType::Boolean | ColumnType::Text),
        _ => to == ColumnType::Text,
    }
}

/// Returns the rows of a batch, with the types of the columns of the table that have the same names.
///
/// # Errors
///
/// Returns an error that names the column if a value would not arrive as it is.
pub(crate) fn rows(
    batch: &RecordBatch,
    table: &SchemaRef,
) -> Result<impl Iterator<Item = InsertRow> + use<>> {
    let schema = batch.schema();
    let without_value = "a row has no value, and pages are read by this column";
    let lacks = |field: &&Arc<Field>| !field.is_nullable() && schema.index_of(field.name()).is_err();
    if let Some(field) = table.fields().iter().find(lacks) {
        return Err(failed(field.name(), without_value));
    }
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, array)| {
        let name = field.name();
        let failed = |reason: String| failed(name, &reason);
        let own =
            table.field_with_name(name).map_err(|_| failed("the dataset has no such column".to_owned()))?;
        let column_type = ColumnType::of(own.data_type())
            .ok_or_else(|| failed(format!("the type {} is not supported", own.data_type())))?;
        if !own.is_nullable() && array.logical_null_count() > 0 {
            return Err(failed(without_value.to_owned()));
        }
        Ok((name.clone(), converted(array, column_type).map_err(failed)?))
    });
    let columns: Arc<[_]> = columns.collect::<Result<Vec<_>>>()?.into();
    Ok((0..batch.num_rows()).map(move |at| InsertRow { columns: Arc::clone(&columns), at }))
}

fn failed(column: &str, reason: &str) -> DataFusionError {
    DataFusionError::Execution(format!("column {column:?}: {reason}"))
}

fn converted(array: &ArrayRef, to: ColumnType) -> Result<Values, String> {
    match array.data_type() {
        DataType::Dictionary(_, value) => return converted(&cast(array, value)?, to),
        DataType::RunEndEncoded(_, value) => return converted(&cast(array, value.data_type())?, to),
        _ => {}
    }
    if !is_convertible(array.data_type(), to) {
        return Err(format!(
            "a value of the type {} is not a {}; convert it in the statement",
            array.data_type(),
            to.name()
        ));
    }
    match to {
        ColumnType::Integer => integers(array).map(Values::Integers),
        ColumnType::Number => numbers(array).map(Values::Numbers),
        ColumnType::Boolean => booleans(array).map(Values::Booleans),
        ColumnType::Text => texts(array),
    }
}

/// Converts all values, or returns an error for the first one that cannot be converted.
fn cast(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, String> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(array, to, &options).map_err(|error| error.to_string())
}

/// Returns an error for a value that would change.
fn misfit(value: &str, to: ColumnType) -> String {
    let advice = match to {
        ColumnType::Integer => "; trunc and round make whole numbers",
        ColumnType::Number => "; a VARCHAR column keeps all digits",
        ColumnType::Boolean | ColumnType::Text => "",
    };
    format!("the value {} does not fit the type {} without a loss{advice}", shown(value), to.name())
}

fn integers(array: &ArrayRef) -> Result<Int64Array, String> {
    let kind = ColumnType::Integer;
    match array.data_type() {
        DataType::Int64 => Ok(array.as_primitive::<Int64Type>().clone()),
        DataType::UInt64 | DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            if array.data_type() == &DataType::UInt64 {
                return texts_of(array, |text| text.parse().map_err(|_| misfit(text, kind)));
            }
            let wide = cast(array, &DataType::Float64)?;
            let wide = wide.as_primitive::<Float64Type>().iter().map(|value| match value {
                // Above, two integers have one value.
                Some(value) if value.fract() == 0.0 && value.abs() <= EXACT_INTEGERS as f64 => {
                    Ok(Some(value as i64))
                }
                Some(value) => Err(misfit(&value.to_string(), kind)),
                None => Ok(None),
            });
            wide.collect()
        }
        from if from.is_integer() => Ok(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone()),
        // Decimals and strings.
        _ => texts_of(array, |text| {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            let number = whole.parse().ok().filter(|_| fraction.bytes().all(|digit| digit == b'0'));
            number.ok_or_else(|| misfit(text, kind))
        }),
    }
}

fn numbers(array: &ArrayRef) -> Result<Float64Array, String> {
    let kind = ColumnType::Number;
    let is_exact = |number: i64| number.unsigned_abs() <= EXACT_INTEGERS;
    let numbers = match array.data_type() {
        DataType::Float64 => array.as_primitive::<Float64Type>().clone(),
        DataType::Float16 | DataType::Float32 => {
            cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone()
        }
        from if from.is_integer() => {
            let convert = |text: &str| match text.parse() {
                Ok(number) if is_exact(number) => Ok(number as f64),
                _ => Err(misfit(text, kind)),
            };
            return texts_of(array, convert);
        }
        // Decimals and strings. JSON is text, so a number arrives with its digits if the shortest text of it has them.
        _ => texts_of(array, |text| {
            let number: f64 = text.parse().map_err(|_| misfit(text, kind))?;
            let same = digits(text).is_some_and(|own| digits(&number.to_string()) == Some(own));
            if same { Ok(number) } else { Err(misfit(text, kind)) }
        })?,
    };
    match numbers.iter().flatten().find(|number| !number.is_finite()) {
        Some(number) => Err(format!("the value {number} is not finite, and JSON has no such number")),
        None => Ok(numbers),
    }
}

/// Returns the digits of a decimal number without zeros at its ends, and the sign. `None` for other texts.
fn digits(text: &str) -> Option<(bool, String, String)> {
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number =
        !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let is_zero = whole.is_empty() && fraction.is_empty();
    is_number.then(|| (is_negative && !is_zero, whole.to_owned(), fraction.to_owned()))
}

fn booleans(array: &ArrayRef) -> Result<BooleanArray, String> {
    if array.data_type() == &DataType::Boolean {
        return Ok(array.as_boolean().clone());
    }
    let array = cast(array, &DataType::Utf8)?;
    let values = array.as_string::<i32>().iter().map(|text| match text {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(text) => Err(misfit(text, ColumnType::Boolean)),
    });
    values.collect()
}

fn texts(array: &ArrayRef) -> Result<Values, String> {
    let from = array.data_type();
    if from.is_nested() {
        return nested(array).map(Values::Json);
    }
    if matches!(from, DataType::Utf8) {
        return Ok(Values::Texts(array.as_string::<i32>().clone()));
    }
    if from.is_string() || from.is_numeric() || matches!(from, DataType::Null | DataType::Boolean) {
        return Ok(Values::Texts(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()));
    }
    if from.is_binary() || matches!(from, DataType::FixedSizeBinary(_)) {
        let text = cast(array, &DataType::Utf8).map_err(|_| {
            "bytes that are not UTF-8 are not text; encode(column, 'base64') makes text of them".to_owned()
        })?;
        return Ok(Values::Texts(text.as_string::<i32>().clone()));
    }
    formatted(array).map(Values::Texts)
}

/// Returns dates, times, timestamps and durations as text in ISO 8601.
fn formatted(array: &ArrayRef) -> Result<StringArray, String> {
    let times = Times::new(array.as_ref()).map_err(|error| error.to_string())?;
    let outside = || format!("a value of the type {} is not in the calendar", array.data_type());
    let text = |at| if array.is_null(at) { Ok(None) } else { times.text(at).map(Some).ok_or_else(outside) };
    (0..array.len()).map(text).collect()
}

/// Converts values by their text.
fn texts_of<T, A: FromIterator<Option<T>>>(
    array: &ArrayRef,
    convert: impl Fn(&str) -> Result<T, String>,
) -> Result<A, String> {
    let texts = cast(array, &DataType::Utf8)?;
    texts.as_string::<i32>().iter().map(|text| text.map(&convert).transpose()).collect()
}
