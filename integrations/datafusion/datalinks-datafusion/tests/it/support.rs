//! A dataset in an emulator, and the same rows as a local table.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray},
        datatypes::{DataType, Field, Schema},
        util::display::{ArrayFormatter, FormatOptions},
    },
    datasource::MemTable,
    prelude::{SessionConfig, SessionContext},
};
use datalinks::{DataLinks, Dataset};
use datalinks_datafusion::{DatasetTable, Pushdown, TableOptions};
use datalinks_emulator::Emulator;
use serde_json::{Map, Value};

/// A row of the test data.
#[derive(Clone, Debug, Default)]
pub(crate) struct Film {
    pub(crate) id: i64,
    pub(crate) title: Option<String>,
    pub(crate) year: Option<i64>,
    pub(crate) rating: Option<f64>,
    pub(crate) seen: Option<bool>,
    /// Text that may look like a number.
    pub(crate) code: Option<String>,
}

impl Film {
    /// Returns the row as JSON. Every other row leaves out members that are null, and the others have null.
    fn json(&self) -> Map<String, Value> {
        let members = [
            ("id", Some(Value::from(self.id))),
            ("title", self.title.clone().map(Value::from)),
            ("year", self.year.map(Value::from)),
            ("rating", self.rating.map(Value::from)),
            ("seen", self.seen.map(Value::from)),
            ("code", self.code.clone().map(Value::from)),
        ];
        let is_kept = |value: &Option<Value>| value.is_some() || self.id % 2 == 0;
        let kept = members.into_iter().filter(|(_, value)| is_kept(value));
        kept.map(|(name, value)| (name.to_owned(), value.unwrap_or(Value::Null))).collect()
    }
}

/// Returns the rows as a local table, without code of this crate.
pub(crate) fn local(films: &[Film]) -> MemTable {
    let field = |name: &str, data_type| Field::new(name, data_type, true);
    // Members of JSON objects are sorted by name here, and columns follow their first appearance.
    let schema = Arc::new(Schema::new(vec![
        field("code", DataType::Utf8),
        field("id", DataType::Int64),
        field("rating", DataType::Float64),
        field("seen", DataType::Boolean),
        field("title", DataType::Utf8),
        field("year", DataType::Int64),
    ]));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter(films.iter().map(|film| film.code.clone()))),
        Arc::new(Int64Array::from_iter(films.iter().map(|film| Some(film.id)))),
        Arc::new(Float64Array::from_iter(films.iter().map(|film| film.rating))),
        Arc::new(BooleanArray::from_iter(films.iter().map(|film| film.seen))),
        Arc::new(StringArray::from_iter(films.iter().map(|film| film.title.clone()))),
        Arc::new(Int64Array::from_iter(films.iter().map(|film| film.year))),
    ];
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
    MemTable::try_new(schema, vec![vec![batch]]).unwrap()
}

/// An emulator that has the rows.
pub(crate) struct Service {
    pub(crate) emulator: Emulator,
    pub(crate) client: DataLinks,
    pub(crate) films: Dataset,
}

impl Service {
    pub(crate) async fn start(films: &[Film]) -> Self {
        let emulator = Emulator::start().await.unwrap();
        let client = DataLinks::builder(emulator.api_url(), emulator.api_key()).build().unwrap();
        let dataset = client.dataset("cinema", "films").unwrap();
        dataset.create().await.unwrap();
        let result = dataset.ingest(films.iter().map(Film::json).collect::<Vec<_>>()).await.unwrap();
        assert!(result.failed.is_empty());
        Self { emulator, client, films: dataset }
    }

    /// Starts an emulator that has one row, and an empty dataset `copy`.
    pub(crate) async fn with_copy() -> (Self, Dataset) {
        let service = Self::start(&[Film { id: 1, ..Film::default() }]).await;
        let copy = service.client.dataset("cinema", "copy").unwrap();
        copy.create().await.unwrap();
        (service, copy)
    }

    /// Returns a session whose table `films` is the dataset.
    pub(crate) async fn session(&self, options: TableOptions) -> SessionContext {
        let table = DatasetTable::load(self.films.clone(), options).await.unwrap();
        let context = session();
        context.register_table("films", Arc::new(table)).unwrap();
        context
    }
}

/// Returns an empty session. Small batches show what happens at their borders.
pub(crate) fn session() -> SessionContext {
    SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2).with_batch_size(7))
}

/// Returns the settings under which a dataset and a local table have to agree.
pub(crate) fn settings() -> Vec<(&'static str, TableOptions)> {
    let options = TableOptions::default;
    vec![
        ("exact", options()),
        ("checked", options().pushdown(Pushdown::Checked)),
        ("off", options().pushdown(Pushdown::Off)),
        ("pages", options().page_by("id", 5)),
    ]
}

/// Returns the rows of a statement as text. A statement without an order has its rows sorted.
pub(crate) async fn rows(context: &SessionContext, sql: &str) -> Vec<String> {
    let frame = context.sql(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let batches = frame.collect().await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let options = FormatOptions::default().with_null("NULL");
    let mut rows = Vec::new();
    for batch in &batches {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = columns.iter().map(|column| column.value(row).to_string()).collect();
            rows.push(cells.join(" | "));
        }
    }
    // An order in parentheses belongs to a part of the statement.
    if !sql.rsplit(')').next().is_some_and(|end| end.contains("ORDER BY")) {
        rows.sort();
    }
    rows
}
