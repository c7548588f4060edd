//! The values of a column as an array of Arrow.

use std::str::FromStr;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray};
use arrow_schema::DataType;

use super::super::record;
use super::kind::Kind;

/// Returns the type of a column in the file.
pub(super) fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Boolean => DataType::Boolean,
        Kind::SmallInteger | Kind::Integer => DataType::Int64,
        Kind::Float => DataType::Float64,
        Kind::Null | Kind::Text => DataType::Utf8,
    }
}

/// Returns the array of JSON values. A value that is missing is null.
pub(super) fn of(kind: Kind, values: &[Option<&str>]) -> ArrayRef {
    let values = values.iter().map(|value| value.filter(|json| *json != "null"));
    match kind {
        Kind::Boolean => {
            Arc::new(values.map(|value| value.map(|json| json == "true")).collect::<BooleanArray>())
        }
        Kind::SmallInteger | Kind::Integer => Arc::new(values.map(parsed::<i64>).collect::<Int64Array>()),
        Kind::Float => Arc::new(values.map(parsed::<f64>).collect::<Float64Array>()),
        Kind::Null | Kind::Text => {
            Arc::new(values.map(|value| value.map(record::text_of_json)).collect::<StringArray>())
        }
    }
}

fn parsed<T: FromStr>(value: Option<&str>) -> Option<T> {
    value.and_then(|json| json.parse().ok())
}
