//! The input of an `INSERT INTO`, with the columns of the table.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::{Schema, SchemaRef},
    common::ScalarValue,
    error::{DataFusionError, Result},
    physical_expr::expressions::{CastExpr, Column, Literal},
    physical_plan::{
        ExecutionPlan,
        projection::{ProjectionExec, ProjectionExpr},
    },
};

use crate::{column_type::ColumnType, insert_row::is_convertible};

/// Returns the input with all columns of the table, in their order. Columns that the input lacks are null.
///
/// # Errors
///
/// Returns an error if a column of the input is not a column of the table, or if two have the same name.
pub(crate) fn with_columns_of(
    dataset: &str,
    table: &SchemaRef,
    input: Arc<dyn ExecutionPlan>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let own = input.schema();
    check_columns(table, &own)
        .map_err(|reason| DataFusionError::Plan(format!("INSERT INTO {dataset}: {reason}")))?;
    let is_same = table.fields().len() == own.fields().len()
        && table.fields().iter().zip(own.fields()).all(|(field, own)| field.name() == own.name());
    if is_same {
        return Ok(input);
    }
    let columns = table.fields().iter().map(|field| {
        let name = field.name().clone();
        Ok(match own.index_of(&name) {
            Ok(at) => ProjectionExpr { expr: Arc::new(Column::new(&name, at)), alias: name },
            Err(_) => {
                let null = ScalarValue::try_new_null(field.data_type())?;
                ProjectionExpr { expr: Arc::new(Literal::new(null)), alias: name }
            }
        })
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(ProjectionExec::try_new(columns, input)?))
}

fn check_columns(table: &Schema, input: &Schema) -> Result<(), String> {
    for (at, field) in input.fields().iter().enumerate() {
        let name = field.name();
        if input.fields().iter().take(at).any(|other| other.name() == name) {
            return Err(format!(
                "the statement has several columns {name:?}; give each of them a name of its own"
            ));
        }
        if table.field_with_name(name).is_err() {
            let known: Vec<String> =
                table.fields().iter().map(|field| format!("{:?}", field.name())).collect();
            return Err(format!(
                "the dataset has no column {name:?}, but {}; rename the column, or add it with TableOptions::column",
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            ));
        }
    }
    Ok(())
}

/// Returns the input of an `INSERT INTO` without the casts that the engine adds for the types of the table.
///
/// A cast of the engine changes values silently: it cuts off fractions and digits. The insertion converts the values itself, and
/// rejects those that would change. A cast that is written in the statement looks like one that the engine added.
pub(crate) fn without_casts(input: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let Some(projection) = input.downcast_ref::<ProjectionExec>() else {
        return Ok(input);
    };
    let schema = projection.input().schema();
    let mut is_changed = false;
    let mut columns = Vec::with_capacity(projection.expr().len());
    for column in projection.expr() {
        let mut column: ProjectionExpr = column.clone();
        if let Some(cast) = column.expr.downcast_ref::<CastExpr>()
            && let Some(to) = ColumnType::of(cast.cast_type())
            && is_convertible(&cast.expr().data_type(&schema)?, to)
        {
            column.expr = Arc::clone(cast.expr());
            is_changed = true;
        }
        columns.push(column);
    }
    Ok(match is_changed {
        true => Arc::new(ProjectionExec::try_new(columns, Arc::clone(projection.input()))?),
        false => input,
    })
}
