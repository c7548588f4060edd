//! Questions in natural language as a table function.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use datafusion::{
    arrow::datatypes::{Field, Schema, SchemaRef},
    catalog::{Session, TableFunctionArgs, TableFunctionImpl, TableProvider},
    error::{DataFusionError, Result},
    logical_expr::{Expr, TableType},
    physical_plan::ExecutionPlan,
};
use datalinks::query::QueryBuilder;

use crate::{
    column_type::ColumnType,
    loaded_tables::LoadedTables,
    options::Pushdown,
    scan::{DatasetScan, Question},
    search_around::text,
};

/// The table function `natural_language(from, question, columns)`: the rows of the query that a model of the service makes of
/// the question.
///
/// The engine asks for the columns before the question is sent. Either `from` names a dataset as `namespace/dataset`, and the
/// table has its columns. A row with another member then fails the statement, so that nothing is lost unnoticed. Or the third
/// argument names the columns that are kept, with their types: `'title VARCHAR, "Year" BIGINT'`. `from` may then be a namespace.
/// If no row of the answer has one of them, the statement fails.
///
/// The question is sent once for each scan, and each costs model tokens. `EXPLAIN` sends nothing. Conditions, sorts and limits
/// are computed by the engine.
///
/// # Examples
///
/// ```no_run
/// # async fn run(dl: datalinks::DataLinks) -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use datafusion::prelude::SessionContext;
/// use datalinks_datafusion::{AccountCatalog, LoadedTables, NaturalLanguage, TableOptions};
///
/// let catalog = AccountCatalog::load(dl, TableOptions::default()).await?;
/// let context = SessionContext::new();
/// let tables = LoadedTables::load(&catalog).await?;
/// context.register_udtf("natural_language", Arc::new(NaturalLanguage::new(tables)));
/// let sql = "SELECT title FROM natural_language('cinema/films', 'the three oldest films') ORDER BY title";
/// context.sql(sql).await?.show().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct NaturalLanguage {
    tables: LoadedTables,
}

impl NaturalLanguage {
    /// Creates the function over these tables.
    pub fn new(tables: LoadedTables) -> Self {
        Self { tables }
    }

    /// Returns the builder of a query from a namespace or a dataset, and the columns of the dataset.
    fn start(&self, from: &str) -> Option<(QueryBuilder, Option<SchemaRef>)> {
        if let Some(table) = self.tables.table(from) {
            return Some((table.dataset().query(), Some(table.schema())));
        }
        self.tables.namespace(from).map(|namespace| (namespace.query(), None))
    }
}

impl TableFunctionImpl for NaturalLanguage {
    fn call_with_args(&self, args: TableFunctionArgs<'_, '_>) -> Result<Arc<dyn TableProvider>> {
        let usage = || {
            DataFusionError::Plan(
                "natural_language takes two or three strings: natural_language('namespace/dataset', 'question', \
                 'column TYPE, ...')"
                    .to_owned(),
            )
        };
        let texts: Vec<&str> = args.exprs().iter().map(text).collect::<Option<_>>().ok_or_else(usage)?;
        let (from, question, columns) = match *texts.as_slice() {
            [from, question] => (from, question, None),
            [from, question, columns] => (from, question, Some(columns)),
            _ => return Err(usage()),
        };
        let (query, own) = self.start(from).ok_or_else(|| {
            DataFusionError::Plan(format!(
                "natural_language: {from:?} was not loaded; write namespace/dataset or a namespace, or load the tables again"
            ))
        })?;
        let names = |schema: &Schema| -> Option<Arc<BTreeSet<String>>> {
            Some(Arc::new(schema.fields().iter().map(|field| field.name().clone()).collect()))
        };
        let (schema, known, named) = match (columns, own) {
            (Some(columns), _) => {
                let schema = Arc::new(parsed(columns)?);
                let named = names(&schema);
                (schema, None, named)
            }
            (None, Some(own)) => {
                let known = names(&own);
                (own, known, None)
            }
            (None, None) => {
                return Err(DataFusionError::Plan(format!(
                    "natural_language: {from:?} is a namespace, so name the columns of the answer as the third argument: \
                     'column TYPE, ...'"
                )));
            }
        };
        let question =
            Question { query: query.natural_language(question), from: from.to_owned(), known, named };
        Ok(Arc::new(QuestionTable { schema, question }))
    }
}

/// Reads `name TYPE, "other name" TYPE`.
fn parsed(columns: &str) -> Result<Schema> {
    let error = |reason: String| {
        DataFusionError::Plan(format!("natural_language: the columns {columns:?}: {reason}"))
    };
    let (mut fields, mut names) = (Vec::new(), BTreeSet::new());
    for column in split(columns) {
        let column = column.trim();
        let (name, kind) = column
            .rsplit_once(char::is_whitespace)
            .ok_or_else(|| error(format!("{column:?} is not a name and a type")))?;
        let name = name.trim();
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        let kinds = [ColumnType::Integer, ColumnType::Number, ColumnType::Boolean, ColumnType::Text];
        let kind = kinds
            .into_iter()
            .find(|own| own.name().eq_ignore_ascii_case(kind))
            .ok_or_else(|| error(format!("{kind:?} is not BIGINT, DOUBLE, BOOLEAN or VARCHAR")))?;
        if name.is_empty() || !names.insert(name) {
            return Err(error(format!("the name {name:?} is empty or used twice")));
        }
        fields.push(Field::new(name, kind.data_type(), true));
    }
    Ok(Schema::new(fields))
}

/// Splits a text at commas outside of double quotes.
fn split(text: &str) -> Vec<&str> {
    let mut is_quoted = false;
    text.split(|character| {
        is_quoted ^= character == '"';
        character == ',' && !is_quoted
    })
    .collect()
}

/// The rows of a question as a table.
#[derive(Debug)]
struct QuestionTable {
    schema: SchemaRef,
    question: Question,
}

#[async_trait]
impl TableProvider for QuestionTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => Arc::clone(&self.schema),
        };
        Ok(Arc::new(DatasetScan::of_question(self.question.clone(), schema, Pushdown::Off)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_names_and_types() {
        let schema = parsed(r#"title VARCHAR, "Year, of release" bigint,seen  BOOLEAN"#).unwrap();
        let found: Vec<(&str, Option<ColumnType>)> = schema
            .fields()
            .iter()
            .map(|field| (field.name().as_str(), ColumnType::of(field.data_type())))
            .collect();
        assert_eq!(
            found,
            [
                ("title", Some(ColumnType::Text)),
                ("Year, of release", Some(ColumnType::Integer)),
                ("seen", Some(ColumnType::Boolean)),
            ]
        );
        for (columns, reason) in [
            ("title", "not a name and a type"),
            ("", "not a name and a type"),
            ("title TEXT", "is not BIGINT"),
            ("title VARCHAR, title BIGINT", "used twice"),
            ("\"\" BIGINT", "is empty"),
        ] {
            let error = parsed(columns).unwrap_err().to_string();
            assert!(error.contains(reason), "{columns}: {error}");
        }
    }
}
