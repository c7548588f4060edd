//! A dataset as a table.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use datafusion::{
    arrow::datatypes::{Field, Schema, SchemaRef},
    catalog::{Session, TableProvider},
    datasource::sink::DataSinkExec,
    error::{DataFusionError, Result},
    logical_expr::{Expr, TableProviderFilterPushDown, TableType, dml::InsertOp},
    physical_plan::ExecutionPlan,
};
use datalinks::{Dataset, Error, Filter};
use serde_json::value::RawValue;

use crate::{
    batch::members,
    column_type::{ColumnType, Observed},
    condition::{Condition, translate},
    insert::DatasetSink,
    insert_input::{check_columns, check_sources, in_order_of_names, with_columns_of, without_casts},
    options::{Pushdown, TableOptions},
    partitioned_insert::PartitionedInsert,
    scan::{DatasetScan, Start},
};

/// A dataset as a table of DataFusion.
///
/// The table reads the dataset whenever a statement is run. Its columns and their types are those of the moment in which it
/// was loaded.
///
/// # Examples
///
/// ```no_run
/// # async fn run(dl: datalinks::DataLinks) -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use datafusion::prelude::SessionContext;
/// use datalinks_datafusion::{DatasetTable, TableOptions};
///
/// let films = DatasetTable::load(dl.dataset("cinema", "films")?, TableOptions::default()).await?;
/// let context = SessionContext::new();
/// context.register_table("films", Arc::new(films))?;
/// context.sql("SELECT country, count(*) FROM films GROUP BY country").await?.show().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DatasetTable {
    dataset: Dataset,
    schema: SchemaRef,
    options: TableOptions,
    /// The dataset that a step over links starts from, if the rows are those that it reaches.
    start: Option<Start>,
    /// Set if an `INSERT INTO` without journals is rejected.
    needs_journals: bool,
}

impl DatasetTable {
    /// Loads the columns of a dataset. Sends two requests: one for the names of the columns, and one for a sample of the
    /// rows, which decides the [types](ColumnType).
    ///
    /// # Errors
    ///
    /// - [`NotFound`](datalinks::ErrorKind::NotFound) if the dataset does not exist, or you may not see it.
    ///
    /// See also [errors of every call](datalinks::error#errors-of-every-call).
    pub async fn load(dataset: Dataset, options: TableOptions) -> Result<Self, Error> {
        let names = dataset.info().await?.metadata.column_names;
        let sample =
            dataset.query().metadata_columns().limit(options.sample_rows).fetch::<Box<RawValue>>().await?;
        let schema = schema(names, &sample, &options);
        Ok(Self { dataset, schema: Arc::new(schema), options, start: None, needs_journals: false })
    }

    /// Returns the dataset.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Returns the settings of the table.
    pub fn options(&self) -> &TableOptions {
        &self.options
    }

    /// Returns the table of the rows that are linked with those of another dataset. `name` is that of this dataset.
    pub(crate) fn reached_from(&self, dataset: Dataset, name: String, depth: u32) -> Self {
        Self { start: Some(Start { dataset, name, depth }), ..self.clone() }
    }

    /// Creates a table of known columns without a request.
    pub(crate) fn of_parts(
        dataset: Dataset,
        schema: SchemaRef,
        options: TableOptions,
        start: Option<Start>,
    ) -> Self {
        Self { dataset, schema, options, start, needs_journals: true }
    }

    pub(crate) fn start(&self) -> Option<&Start> {
        self.start.as_ref()
    }

    /// Translates a condition, if the service may compute it.
    fn condition(&self, expr: &Expr) -> Option<Condition> {
        match self.options.pushdown {
            Pushdown::Off => None,
            Pushdown::Checked => {
                translate(expr, &self.schema).map(|condition| Condition { is_exact: false, ..condition })
            }
            Pushdown::Exact => translate(expr, &self.schema),
        }
    }
}

/// Returns the columns of a dataset, in the order of their names and then of their first appearance in the sample.
fn schema(names: Vec<String>, sample: &[Box<RawValue>], options: &TableOptions) -> Schema {
    let mut columns: Vec<(String, Observed)> = Vec::with_capacity(names.len());
    let mut numbers = HashMap::new();
    let mut observe = |name: &str, kind: Observed| {
        let at = *numbers.entry(name.to_owned()).or_insert_with(|| {
            columns.push((name.to_owned(), Observed::default()));
            columns.len() - 1
        });
        if let Some((_, own)) = columns.get_mut(at) {
            *own = own.and(kind);
        }
    };
    names.iter().for_each(|name| observe(name, Observed::Nothing));
    for row in sample {
        // A row that is not an object fails the scan, which says so.
        let _ = members(row, |name, json| observe(name, Observed::of(json)));
    }
    options.columns.keys().for_each(|name| observe(name, Observed::Nothing));
    let page_column = options.pages.as_ref().map(|pages| pages.column.as_str());
    let is_kept = |name: &str| {
        options.metadata_columns
            || !name.starts_with('_')
            || options.columns.contains_key(name)
            || page_column == Some(name)
    };
    let fields = columns.into_iter().filter(|(name, _)| is_kept(name)).map(|(name, observed)| {
        if page_column == Some(name.as_str()) {
            return Field::new(name, ColumnType::Integer.data_type(), false);
        }
        let column_type = options.columns.get(&name).copied().unwrap_or_else(|| observed.column_type());
        Field::new(name, column_type.data_type(), true)
    });
    Schema::new(fields.collect::<Vec<_>>())
}

#[async_trait]
impl TableProvider for DatasetTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| match self.condition(filter) {
            Some(Condition { is_exact: true, .. }) => TableProviderFilterPushDown::Exact,
            Some(_) => TableProviderFilterPushDown::Inexact,
            None => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(support).collect())
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => Arc::clone(&self.schema),
        };
        let conditions: Vec<Option<Condition>> =
            filters.iter().map(|filter| self.condition(filter)).collect();
        let is_exact =
            conditions.iter().all(|condition| condition.as_ref().is_some_and(|found| found.is_exact));
        let mut scan = DatasetScan::new(self.dataset.clone(), schema, self.options.pushdown);
        scan.filter = conditions.into_iter().flatten().map(|condition| condition.filter).reduce(Filter::and);
        // A limit before a condition that the engine computes would leave out rows.
        scan.limit = limit.filter(|_| is_exact && self.options.pushdown != Pushdown::Off);
        scan.pages = self.options.pages.clone();
        scan.start = self.start.clone();
        Ok(Arc::new(scan))
    }

    async fn insert_into(
        &self,
        _: &dyn Session,
        input: Arc<dyn ExecutionPlan>,
        insert_op: InsertOp,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let name = format!("{}/{}", self.dataset.namespace().name(), self.dataset.name());
        if self.start.is_some() {
            return Err(DataFusionError::NotImplemented(format!(
                "INSERT INTO linked rows is not supported; insert into the dataset {name} itself; nothing was sent"
            )));
        }
        if insert_op != InsertOp::Append {
            return Err(DataFusionError::NotImplemented(format!(
                "{insert_op} is not supported: the dataset {name} takes rows by INSERT INTO only; nothing was sent"
            )));
        }
        check_sources(&self.dataset, self.options.journals.is_some(), &input)?;
        let input = if self.options.keep_casts { input } else { without_casts(input)? };
        check_columns(&name, &self.schema, &input.schema())?;
        let sink = DatasetSink {
            dataset: self.dataset.clone(),
            schema: Arc::clone(&self.schema),
            settings: self.options.insert_settings.clone(),
            change: self.options.ingest.clone(),
            on_insert: self.options.on_insert.clone(),
            stop: self.options.stop.clone(),
        };
        if let Some(journals) = &self.options.journals {
            return Ok(Arc::new(PartitionedInsert::new(in_order_of_names(input)?, sink, journals.clone())));
        }
        if self.needs_journals {
            return Err(DataFusionError::Plan(
                "an INSERT INTO on a cluster needs journals in a directory that all machines share; set TableOptions::journals; \
                 nothing was sent"
                    .to_owned(),
            ));
        }
        let input = with_columns_of(&self.schema, input)?;
        Ok(Arc::new(DataSinkExec::new(input, Arc::new(sink), None)))
    }
}
