//! Schemas as data.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::{Field, Schema, SchemaRef},
    error::{DataFusionError, Result},
};
use serde::{Deserialize, Serialize};

use crate::column_type::ColumnType;

/// A column of a table.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Column {
    name: String,
    column_type: ColumnType,
    is_nullable: bool,
}

pub(super) fn of_schema(schema: &Schema) -> Result<Vec<Column>> {
    let column = |field: &Arc<Field>| {
        let (name, data_type) = (field.name().clone(), field.data_type());
        let column_type = ColumnType::of(data_type).ok_or_else(|| {
            DataFusionError::Plan(format!("the type {data_type} of column {name:?} is not supported"))
        })?;
        Ok(Column { name, column_type, is_nullable: field.is_nullable() })
    };
    schema.fields().iter().map(column).collect()
}

pub(super) fn schema(columns: &[Column]) -> SchemaRef {
    let field =
        |column: &Column| Field::new(&column.name, column.column_type.data_type(), column.is_nullable);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}
