//! The plan of an INSERT.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::DataType,
    catalog::{SchemaProvider as _, TableProvider as _},
    common::{TableReference, tree_node::TreeNode as _},
    datasource::{provider_as_source, source_as_provider},
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, dml::InsertOp},
    sql::sqlparser::ast::ObjectName,
};
use datalinks::ErrorKind;
use datalinks_datafusion::{ColumnType, DatasetTable};

use super::Session;
use crate::{
    catalog::CATALOG,
    failure::{Failure, Result, exit},
    settings, statement,
};

impl Session {
    /// Returns the plan of an INSERT, or `None` if it inserts into a table of files.
    ///
    /// The engine would match columns by their position, and cast values to the types of the dataset.
    pub(super) async fn insert_plan(&self, insert: &statement::Insert) -> Result<Option<LogicalPlan>> {
        let Some((schema, table)) = self.resolved(&insert.table) else { return Ok(None) };
        if schema == self.catalog.default_schema() && self.catalog.local().table_exist(&table) {
            return Ok(None);
        }
        let Some(source) = insert.source.clone() else {
            return Err(other_write());
        };
        let client = self.client.as_ref().ok_or_else(settings::no_token)?;
        let dataset = client.dataset(&schema, &table)?;
        let name = format!("{schema}/{table}");
        // Planned before the dataset is created, because it may be wrong.
        let rows = self.context.state().statement_to_plan(source).await?;
        let given = self.options.columns(&name);
        let found = match DatasetTable::load(dataset.clone(), self.options.of(&name)).await {
            Err(error) if error.kind() == ErrorKind::NotFound && self.insert.create => {
                match dataset.create().await {
                    // Another program created it in the meantime.
                    Err(error) if error.kind() != ErrorKind::Conflict => return Err(error.into()),
                    _ => DatasetTable::load(dataset.clone(), self.options.of(&name)).await?,
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Failure::new(exit::NOT_FOUND, format!("no dataset {name}"))
                    .next("add --create to create it")
                    .next("names in upper case are written in double quotes"));
            }
            found => found?,
        };
        let columns = insert_columns(&name, &insert.columns, &rows)?;
        let known = found.schema();
        let is_new = known.fields().iter().all(|field| given.contains_key(field.name()));
        // A dataset that the statement began to fill lacks columns that were null so far.
        let found = if is_new || self.insert.resume {
            let types = columns.iter().zip(rows.schema().fields().iter());
            let missing = types.filter(|(column, _)| known.field_with_name(column).is_err());
            let options = missing.fold(self.options.of(&name), |options, (column, field)| {
                options.column(column, column_type_of(field.data_type()))
            });
            DatasetTable::load(dataset, options).await?
        } else {
            found
        };
        let known = found.schema();
        if let Some(column) = columns.iter().find(|column| known.field_with_name(column).is_err()) {
            let names: Vec<String> =
                known.fields().iter().map(|field| format!("{:?}", field.name())).collect();
            let what = format!("the dataset {name} has no column {column:?}, but {}", names.join(", "));
            return Err(Failure::usage(what)
                .next(format!("list the columns that the rows have: INSERT INTO {} (a, b) ...", insert.table))
                .next(format!("or add the column: --column '{name}:{column}=TYPE'")));
        }
        let named: Vec<Expr> = rows
            .schema()
            .columns()
            .into_iter()
            .zip(columns)
            .map(|(column, name)| Expr::Column(column).alias(name))
            .collect();
        let rows = LogicalPlanBuilder::from(rows).project(named)?.build()?;
        let reference = TableReference::full(CATALOG, schema, table);
        let source = provider_as_source(Arc::new(found));
        let plan = LogicalPlanBuilder::insert_into(rows, reference, source, InsertOp::Append)?.build()?;
        Ok(Some(plan))
    }

    /// Returns the schema and the table of a name, or `None` for a name of another catalog.
    fn resolved(&self, name: &ObjectName) -> Option<(String, String)> {
        let parts: Option<Vec<String>> =
            name.0.iter().map(|part| part.as_ident().map(statement::normalized)).collect();
        match parts?.as_slice() {
            [table] => Some((self.catalog.default_schema().to_owned(), table.clone())),
            [schema, table] => Some((schema.clone(), table.clone())),
            [catalog, schema, table] if catalog == CATALOG => Some((schema.clone(), table.clone())),
            _ => None,
        }
    }
}

/// Checks the plan of another statement than an INSERT. The engine would match columns by their position, cast values, and give
/// no account.
pub(super) fn check_other(plan: &LogicalPlan) -> Result {
    // It only shows a plan.
    if matches!(plan, LogicalPlan::Explain(_)) {
        return Ok(());
    }
    let writes = plan.exists(|node| {
        let LogicalPlan::Dml(statement) = node else { return Ok(false) };
        Ok(source_as_provider(&statement.target)?.is::<DatasetTable>())
    })?;
    if writes { Err(other_write()) } else { Ok(()) }
}

fn other_write() -> Failure {
    Failure::usage(
        "rows are added to a dataset by INSERT INTO ... SELECT and INSERT INTO ... VALUES, as statements of their own, and in no \
         other way",
    )
}

/// Returns the columns that the rows of an INSERT get: those that the statement lists, or those of the rows.
fn insert_columns(dataset: &str, listed: &[String], rows: &LogicalPlan) -> Result<Vec<String>> {
    let own: Vec<String> = rows.schema().fields().iter().map(|field| field.name().clone()).collect();
    if listed.is_empty() {
        return Ok(own);
    }
    if listed.len() != own.len() {
        let what = format!(
            "the statement lists {} columns of the dataset {dataset}, and its rows have {}",
            listed.len(),
            own.len()
        );
        return Err(Failure::usage(what)
            .next("list a column of the dataset for each column of the rows, in their order"));
    }
    Ok(listed.to_vec())
}

/// Returns the type of a column of a new dataset. Values of other types become text or JSON.
fn column_type_of(from: &DataType) -> ColumnType {
    match from {
        from if from.is_integer() => ColumnType::Integer,
        DataType::Boolean => ColumnType::Boolean,
        // More digits than a number of double precision has.
        DataType::Decimal128(precision, _) | DataType::Decimal256(precision, _) if *precision > 15 => {
            ColumnType::Text
        }
        from if from.is_numeric() => ColumnType::Number,
        _ => ColumnType::Text,
    }
}
