//! The input of an `INSERT INTO`, with the columns of the table.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::{Schema, SchemaRef},
    common::ScalarValue,
    error::{DataFusionError, Result},
    physical_expr::{
        PhysicalExpr,
        expressions::{CastExpr, Column, Literal},
    },
    physical_plan::{
        ExecutionPlan,
        projection::{ProjectionExec, ProjectionExpr},
        recursive_query::RecursiveQueryExec,
        union::{InterleaveExec, UnionExec},
    },
};
use datalinks::Dataset;

use crate::{
    column_type::ColumnType,
    insert_row::is_convertible,
    scan::{DatasetScan, Origin},
};

/// Rejects an input that could have rows which the statement itself has stored.
///
/// One query without pages has ended before the first row is sent, unless other inputs have rows before. With journals, another
/// run of the statement would send a query after rows are stored.
pub(crate) fn check_sources(
    target: &Dataset,
    has_journals: bool,
    input: &Arc<dyn ExecutionPlan>,
) -> Result<()> {
    let queries = queries(target, input);
    let reason = match queries {
        0 => return Ok(()),
        _ if has_journals => "another run of it would read the rows that it has stored, too",
        1 => return Ok(()),
        _ => "its later requests would read the rows that it has stored, too",
    };
    let name = format!("{}/{}", target.namespace().name(), target.name());
    Err(DataFusionError::Plan(format!(
        "INSERT INTO {name}: the statement reads {name}, and {reason}; write the rows into a file first, and insert those; \
         nothing was sent"
    )))
}

/// Returns the number of queries of a plan that read a dataset. What may be sent after the first rows of the plan counts as two:
/// pages, the inputs of a union, and the recursive part of a recursion, which is also sent again.
fn queries(target: &Dataset, plan: &Arc<dyn ExecutionPlan>) -> usize {
    let is_target = |dataset: &Dataset| {
        dataset.client().host() == target.client().host()
            && dataset.namespace().name() == target.namespace().name()
            && dataset.name() == target.name()
    };
    let own = plan.downcast_ref::<DatasetScan>().map_or(0, |scan| {
        let is_read = match &scan.origin {
            Origin::Dataset(dataset) => {
                is_target(dataset) || scan.start.as_ref().is_some_and(|start| is_target(&start.dataset))
            }
            // A question about a namespace may read any of its datasets.
            Origin::Question(question) => {
                let (namespace, dataset) = question
                    .from
                    .split_once('/')
                    .map_or((question.from.as_str(), None), |(namespace, name)| (namespace, Some(name)));
                namespace == target.namespace().name() && dataset.is_none_or(|name| name == target.name())
            }
        };
        match (is_read, &scan.pages) {
            (false, _) => 0,
            (true, None) => 1,
            (true, Some(_)) => 2,
        }
    });
    let late = |number: usize| {
        plan.is::<UnionExec>()
            || plan.is::<InterleaveExec>()
            || (plan.is::<RecursiveQueryExec>() && number > 0)
    };
    let below = (0..).zip(plan.children()).map(|(number, child)| {
        let queries = queries(target, child);
        if late(number) { queries.saturating_mul(2) } else { queries }
    });
    below.fold(own, usize::saturating_add)
}

/// Returns the input with all columns of the table, in their order. Columns that the input lacks are null.
pub(crate) fn with_columns_of(
    table: &SchemaRef,
    input: Arc<dyn ExecutionPlan>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let own = input.schema();
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

/// Returns the input with its columns in the order of their names, without those that are null in every row.
///
/// The engine adds a null for each column of the table that the statement lacks, in the order of the table. When the statement
/// goes on from its journals, the dataset may have further columns, or the same ones in another order, and the journals
/// recognize the plan and the rows by their text.
pub(crate) fn in_order_of_names(input: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = input.schema();
    let (below, mut columns) = match input.downcast_ref::<ProjectionExec>() {
        Some(projection) => {
            let columns = projection.expr().iter().filter(|column| !is_null(&column.expr)).cloned();
            (Arc::clone(projection.input()), columns.collect::<Vec<ProjectionExpr>>())
        }
        None => {
            let columns = schema.fields().iter().enumerate().map(|(at, field)| ProjectionExpr {
                expr: Arc::new(Column::new(field.name(), at)),
                alias: field.name().clone(),
            });
            (Arc::clone(&input), columns.collect())
        }
    };
    if columns.is_empty() {
        return Ok(input);
    }
    columns.sort_by(|one, other| one.alias.cmp(&other.alias));
    let is_same = below.schema().fields().len() == columns.len()
        && columns.iter().enumerate().all(|(at, column)| {
            let own = column.expr.downcast_ref::<Column>();
            own.is_some_and(|own| own.index() == at && own.name() == column.alias)
        });
    Ok(match is_same {
        true => below,
        false => Arc::new(ProjectionExec::try_new(columns, below)?),
    })
}

fn is_null(expr: &Arc<dyn PhysicalExpr>) -> bool {
    match expr.downcast_ref::<CastExpr>() {
        Some(cast) => is_null(cast.expr()),
        None => expr.downcast_ref::<Literal>().is_some_and(|literal| literal.value().is_null()),
    }
}

/// Checks that a statement has columns of the dataset only.
///
/// # Errors
///
/// Returns an error if a column of the input is not a column of the table, or if two have the same name.
pub(crate) fn check_columns(dataset: &str, table: &Schema, input: &Schema) -> Result<()> {
    find_wrong_column(table, input)
        .map_err(|reason| DataFusionError::Plan(format!("INSERT INTO {dataset}: {reason}")))
}

fn find_wrong_column(table: &Schema, input: &Schema) -> Result<(), String> {
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
