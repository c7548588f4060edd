//! The scan of a dataset.

use std::{
    collections::{BTreeSet, VecDeque},
    fmt,
    sync::Arc,
};

use datafusion::{
    arrow::{array::RecordBatch, compute::SortOptions, datatypes::SchemaRef},
    common::tree_node::TreeNodeRecursion,
    error::{DataFusionError, Result},
    execution::TaskContext,
    physical_expr::{
        EquivalenceProperties, LexOrdering, PhysicalExpr, PhysicalSortExpr, expressions::Column,
    },
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SendableRecordBatchStream,
        SortOrderPushdownResult,
        execution_plan::{Boundedness, EmissionType},
        stream::RecordBatchStreamAdapter,
    },
};
use datalinks::{Dataset, Filter, field, query::QueryBuilder};
use futures::stream;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    batch::{BatchBuilder, members, shown},
    column_type::{ColumnType, EXACT_INTEGERS, integer},
    error::{RowError, RowErrorKind, external},
    options::{Pages, Pushdown},
};

/// The scan of a dataset: one query, or one query for each page.
#[derive(Clone, Debug)]
pub(crate) struct DatasetScan {
    pub(crate) origin: Origin,
    /// The schema of the result.
    pub(crate) schema: SchemaRef,
    pub(crate) filter: Option<Filter>,
    pub(crate) limit: Option<usize>,
    pub(crate) pages: Option<Pages>,
    pub(crate) pushdown: Pushdown,
    pub(crate) start: Option<Start>,
    pub(crate) sorts: Vec<Sort>,
    properties: Arc<PlanProperties>,
}

/// The beginning of the query of a scan.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    Dataset(Dataset),
    Question(Box<Question>),
}

/// A question in natural language.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) query: QueryBuilder,
    /// The dataset, with its namespace, or the namespace.
    pub(crate) from: String,
    /// The columns that a row may have, without those whose name begins with an underscore. `None` allows all.
    pub(crate) known: Option<Arc<BTreeSet<String>>>,
    /// The columns that the statement names. An answer with rows has each of them.
    pub(crate) named: Option<Arc<BTreeSet<String>>>,
}

/// A step over links to the dataset of a scan.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) dataset: Dataset,
    /// The dataset of the scan, with its namespace.
    pub(crate) name: String,
    pub(crate) depth: u32,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Sort {
    pub(crate) column: String,
    pub(crate) is_descending: bool,
}

impl DatasetScan {
    pub(crate) fn new(dataset: Dataset, schema: SchemaRef, pushdown: Pushdown) -> Self {
        Self::from_origin(Origin::Dataset(dataset), schema, pushdown)
    }

    pub(crate) fn of_question(question: Question, schema: SchemaRef, pushdown: Pushdown) -> Self {
        Self::from_origin(Origin::Question(Box::new(question)), schema, pushdown)
    }

    fn from_origin(origin: Origin, schema: SchemaRef, pushdown: Pushdown) -> Self {
        let properties = properties(EquivalenceProperties::new(Arc::clone(&schema)));
        Self {
            origin,
            schema,
            filter: None,
            limit: None,
            pages: None,
            pushdown,
            start: None,
            sorts: Vec::new(),
            properties,
        }
    }

    /// Sets the order that the service computes. A column that the schema does not have is an error.
    pub(crate) fn with_sorts(self, sorts: Vec<Sort>) -> Result<Self> {
        let expr = |sort: &Sort| {
            let column = Column::new_with_schema(&sort.column, &self.schema)?;
            let options = SortOptions { descending: sort.is_descending, nulls_first: false };
            Ok(PhysicalSortExpr::new(Arc::new(column), options))
        };
        let order = sorts.iter().map(expr).collect::<Result<Vec<_>>>()?;
        let Some(ordering) = LexOrdering::new(order) else { return Ok(self) };
        let equivalences = EquivalenceProperties::new_with_orderings(Arc::clone(&self.schema), [ordering]);
        Ok(Self { sorts, properties: properties(equivalences), ..self })
    }

    /// Returns the query without a limit and without a page.
    fn query(&self) -> QueryBuilder {
        // The columns of the schema are known, and other columns are not read.
        let query = match (&self.origin, &self.start) {
            (Origin::Question(question), _) => return question.query.clone().metadata_columns(),
            (Origin::Dataset(dataset), None) => dataset.query(),
            (_, Some(Start { dataset, name, depth: 1 })) => dataset.query().search_around(name),
            (_, Some(Start { dataset, name, depth })) => dataset.query().search_around_within(name, *depth),
        };
        let query = query.metadata_columns();
        match &self.filter {
            Some(filter) => query.filter(filter.clone()),
            None => query,
        }
    }

    fn sorted(&self, query: QueryBuilder) -> QueryBuilder {
        self.sorts.iter().fold(query, |query, sort| match sort.is_descending {
            true => query.sort_descending(&sort.column),
            false => query.sort_ascending(&sort.column),
        })
    }

    /// Returns the sorts of an order, if the service computes the same order.
    ///
    /// Null and missing values come last there, in both directions. Numbers that are stored as text come before other
    /// text, so strings are sorted by the engine. Floating-point numbers that are equal here can differ there, so they
    /// can only come last.
    fn sorts(&self, order: &[PhysicalSortExpr]) -> Option<Vec<Sort>> {
        let last = order.len().checked_sub(1)?;
        let sort = |(at, expr): (usize, &PhysicalSortExpr)| {
            let column = expr.expr.downcast_ref::<Column>()?;
            let field = self.schema.fields().get(column.index())?;
            let is_same = match ColumnType::of(field.data_type())? {
                ColumnType::Integer | ColumnType::Boolean => true,
                ColumnType::Number => at == last,
                ColumnType::Text => false,
            };
            if !is_same || (field.is_nullable() && expr.options.nulls_first) {
                return None;
            }
            Some(Sort { column: field.name().clone(), is_descending: expr.options.descending })
        };
        let sorts: Vec<Sort> = order.iter().enumerate().map(sort).collect::<Option<_>>()?;
        // A column name may need an escape, which the service does not document.
        let scan = Self { sorts: sorts.clone(), ..self.clone() };
        scan.sorted(scan.query()).text().ok().map(|_| sorts)
    }

    fn row_error(&self, reason: String) -> DataFusionError {
        let kind = match &self.origin {
            Origin::Dataset(_) => RowErrorKind::ColumnType,
            Origin::Question(_) => RowErrorKind::AnswerColumns,
        };
        self.error(reason, kind)
    }

    /// Returns an error about the column by which pages are ordered.
    fn page_error(&self, reason: String) -> DataFusionError {
        self.error(reason, RowErrorKind::PageColumn)
    }

    fn error(&self, reason: String, kind: RowErrorKind) -> DataFusionError {
        let dataset = match &self.origin {
            Origin::Dataset(dataset) => format!("{}/{}", dataset.namespace().name(), dataset.name()),
            Origin::Question(question) => question.from.clone(),
        };
        DataFusionError::External(Box::new(RowError { dataset, reason, kind }))
    }
}

fn properties(equivalences: EquivalenceProperties) -> Arc<PlanProperties> {
    let partitioning = Partitioning::UnknownPartitioning(1);
    Arc::new(PlanProperties::new(equivalences, partitioning, EmissionType::Incremental, Boundedness::Bounded))
}

impl DisplayAs for DatasetScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut query = self.sorted(self.query());
        if let Some(limit) = self.limit.filter(|limit| *limit > 0) {
            query = query.limit(limit as u64);
        }
        let text = query.text().unwrap_or_else(|error| error.to_string());
        match &self.origin {
            Origin::Dataset(_) => write!(f, "DatasetScan: query={text}")?,
            Origin::Question(question) => {
                write!(f, "DatasetScan: from={}, question={text:?}", question.from)?
            }
        }
        match &self.pages {
            Some(pages) => write!(f, ", page_by={:?}, rows={}", pages.column, pages.rows),
            None => Ok(()),
        }
    }
}

impl ExecutionPlan for DatasetScan {
    fn name(&self) -> &'static str {
        "DatasetScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn fetch(&self) -> Option<usize> {
        self.limit
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        if self.pushdown == Pushdown::Off {
            return None;
        }
        let limit = match (self.limit, limit) {
            (Some(own), Some(limit)) => Some(own.min(limit)),
            (own, limit) => own.or(limit),
        };
        Some(Arc::new(Self { limit, ..self.clone() }))
    }

    fn try_pushdown_sort(
        &self,
        order: &[PhysicalSortExpr],
    ) -> Result<SortOrderPushdownResult<Arc<dyn ExecutionPlan>>> {
        // A sort behind a limit is not a sort before it.
        if self.pushdown != Pushdown::Exact || self.limit.is_some() || self.pages.is_some() {
            return Ok(SortOrderPushdownResult::Unsupported);
        }
        let (Some(sorts), Some(ordering)) = (self.sorts(order), LexOrdering::new(order.iter().cloned()))
        else {
            return Ok(SortOrderPushdownResult::Unsupported);
        };
        let equivalences = EquivalenceProperties::new_with_orderings(Arc::clone(&self.schema), [ordering]);
        let inner = Self { sorts, properties: properties(equivalences), ..self.clone() };
        Ok(SortOrderPushdownResult::Exact { inner: Arc::new(inner) })
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if partition != 0 {
            return Err(DataFusionError::Internal(format!("a dataset has one partition, not {partition}")));
        }
        let reading = Reading {
            batch: BatchBuilder::new(Arc::clone(&self.schema))?,
            batch_rows: context.session_config().batch_size().max(1),
            left: self.limit.unwrap_or(usize::MAX),
            rows: VecDeque::new(),
            next: if self.limit == Some(0) { Next::End } else { Next::First },
            scan: self.clone(),
        };
        let batches = stream::try_unfold(reading, |mut reading| async move {
            let batch = reading.next_batch().await?;
            Ok::<_, DataFusionError>(batch.map(|batch| (batch, reading)))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches)))
    }
}

/// A scan in progress.
struct Reading {
    scan: DatasetScan,
    batch: BatchBuilder,
    batch_rows: usize,
    /// Rows until the limit.
    left: usize,
    /// Rows of the last response that are not in a batch yet.
    rows: VecDeque<Box<RawValue>>,
    next: Next,
}

/// The next query.
#[derive(Clone, Copy, Debug)]
enum Next {
    First,
    /// The page that begins with the row that has this value.
    Page(i64),
    End,
}

impl Reading {
    async fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            while self.left > 0 && !self.batch.is_full(self.batch_rows) {
                let Some(row) = self.rows.pop_front() else {
                    break;
                };
                self.check_members(&row)?;
                self.batch.push(&row).map_err(|reason| self.scan.row_error(reason))?;
                self.left -= 1;
            }
            if self.left == 0 {
                self.rows = VecDeque::new();
                self.next = Next::End;
            }
            let is_last = self.rows.is_empty() && matches!(self.next, Next::End);
            if self.batch.is_full(self.batch_rows) || (is_last && !self.batch.is_empty()) {
                return Ok(Some(self.batch.finish()?));
            }
            if is_last {
                return Ok(None);
            }
            self.request().await?;
        }
    }

    /// Rejects a row with a member that the table of a question has no column for.
    fn check_members(&self, row: &RawValue) -> Result<()> {
        let Origin::Question(question) = &self.scan.origin else { return Ok(()) };
        let Some(known) = &question.known else { return Ok(()) };
        let mut unknown = None;
        members(row, |name, _| {
            if unknown.is_none() && !name.starts_with('_') && !known.contains(name) {
                unknown = Some(name.to_owned());
            }
        })
        .map_err(|error| self.scan.row_error(format!("the row cannot be read: {error}")))?;
        match unknown {
            None => Ok(()),
            Some(name) => Err(self
                .scan
                .row_error(format!("the answer has a column {name:?}, which the dataset does not have"))),
        }
    }

    /// Rejects an answer that lacks a column which the statement names, because nulls would look like values of the answer.
    fn check_named(&self) -> Result<()> {
        let Origin::Question(question) = &self.scan.origin else { return Ok(()) };
        let Some(named) = question.named.as_ref().filter(|_| !self.rows.is_empty()) else { return Ok(()) };
        let mut found = BTreeSet::new();
        for row in &self.rows {
            members(row, |name, _| {
                found.insert(name.to_owned());
            })
            .map_err(|error| self.scan.row_error(format!("the row cannot be read: {error}")))?;
        }
        match named.difference(&found).next() {
            None => Ok(()),
            Some(missing) => {
                let found: Vec<String> = found
                    .iter()
                    .filter(|name| !name.starts_with('_'))
                    .map(|name| format!("{name:?}"))
                    .collect();
                let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
                Err(self.scan.row_error(format!(
                    "no row of the answer has the column {missing:?}, but {found}; name columns of the answer"
                )))
            }
        }
    }

    /// Sends the next query.
    async fn request(&mut self) -> Result<()> {
        let limit = u64::try_from(self.left).ok().filter(|_| self.scan.limit.is_some());
        let Some(pages) = self.scan.pages.clone() else {
            let query = self.scan.sorted(self.scan.query());
            let query = if let Some(limit) = limit { query.limit(limit) } else { query };
            self.next = Next::End;
            self.rows = query.fetch::<Box<RawValue>>().await.map_err(external)?.into();
            return self.check_named();
        };
        let mut query = self.scan.query();
        let previous = match self.next {
            Next::First => None,
            Next::Page(key) => Some(key),
            Next::End => return Ok(()),
        };
        if let Some(key) = previous {
            query = query.filter(field(&pages.column).ge(key));
        }
        // A page repeats the last row of the page before, which shows that none is left out.
        let limit = limit.map_or(pages.rows, |limit| pages.rows.min(limit.saturating_add(1)));
        let query = query.sort_ascending(&pages.column).limit(limit);
        self.rows = query.fetch::<Box<RawValue>>().await.map_err(external)?.into();
        let is_whole = (self.rows.len() as u64) < limit;
        if let Some(previous) = previous {
            let repeated = self.rows.pop_front();
            let repeated = repeated.map(|row| self.key(&pages, &row)).transpose()?;
            let first = self.rows.front().map(|row| self.key(&pages, row)).transpose()?;
            if repeated != Some(previous) || first.is_some_and(|first| first <= previous) {
                return Err(self.scan.page_error(format!(
                    "the pages cannot be joined at the value {previous} of column {:?}, because several rows have it, or \
                     because its row was removed during the scan",
                    pages.column
                )));
            }
        }
        let last = self.rows.back().map(|row| self.key(&pages, row)).transpose()?;
        self.next = match last {
            Some(key) if !is_whole => Next::Page(key),
            _ => Next::End,
        };
        Ok(())
    }

    /// Returns the value of a row by which pages are ordered.
    fn key(&self, pages: &Pages, row: &RawValue) -> Result<i64> {
        let mut found = None;
        members(row, |name, json| {
            if name == pages.column {
                found = Some((integer(json), shown(json)));
            }
        })
        .map_err(|error| self.scan.row_error(format!("the row cannot be read: {error}")))?;
        match found {
            Some((Some(key), _)) if key.unsigned_abs() < EXACT_INTEGERS => Ok(key),
            found => {
                let found = found.map_or_else(|| "no value".to_owned(), |(_, json)| json);
                let column = &pages.column;
                Err(self
                    .scan
                    .page_error(format!("pages need an integer in column {column:?}, and a row has {found}")))
            }
        }
    }
}
