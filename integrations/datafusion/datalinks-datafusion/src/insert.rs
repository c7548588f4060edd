//! `INSERT INTO` a dataset, by the ingestion of the client.

use std::{fmt, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use datafusion::{
    arrow::{
        array::{Array, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray},
        datatypes::SchemaRef,
    },
    datasource::sink::DataSink,
    error::{DataFusionError, Result},
    execution::TaskContext,
    physical_plan::{DisplayAs, DisplayFormatType, SendableRecordBatchStream},
};
use datalinks::{
    Dataset, Error,
    ingest::{Ingest, IngestionCounts, IngestionSummary},
    types::Row,
};
use futures::{StreamExt as _, stream};
use serde_json::{Number, Value};

use crate::{column_type::ColumnType, insert_settings::InsertSettings};

/// The account of one `INSERT INTO`.
#[derive(Clone, Debug)]
#[must_use = "rows that may be stored twice are reported here and nowhere else"]
#[non_exhaustive]
pub struct InsertAccount {
    /// The dataset, with its namespace.
    pub dataset: String,
    /// The counts of all parts.
    pub counts: IngestionCounts,
    /// The parts of the statement: its partitions with [journals](crate::TableOptions::journals), and one part otherwise.
    pub parts: Vec<InsertPart>,
}

/// The account of one part of an `INSERT INTO`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InsertPart {
    /// The path of the journal, from which the same statement goes on.
    pub journal: Option<PathBuf>,
    /// The path of the dead letters, if the place of the journals has some.
    pub dead_letters: Option<PathBuf>,
    /// The result of the part, or the error that kept it from beginning.
    pub result: Result<IngestionSummary, Error>,
}

impl InsertAccount {
    pub(crate) fn new(dataset: String, parts: Vec<InsertPart>) -> Self {
        let counts =
            parts.iter().filter_map(|part| part.result.as_ref().ok()).map(|summary| summary.counts).sum();
        Self { dataset, counts, parts }
    }

    /// Returns the first error of the parts.
    ///
    /// # Errors
    ///
    /// Returns the error of the first part that did not begin, or that did not store all of its rows.
    pub fn check(&self) -> Result<(), Error> {
        self.parts.iter().try_for_each(|part| match &part.result {
            Ok(summary) => summary.check(),
            Err(error) => Err(error.clone()),
        })
    }
}

impl fmt::Display for InsertAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "INSERT INTO {}: {}", self.dataset, self.counts)?;
        for (number, part) in self.parts.iter().enumerate() {
            let Some(problem) = part.problem() else { continue };
            match self.parts.len() {
                1 => f.write_str("; ")?,
                all => write!(f, "; partition {number} of {all}: ")?,
            }
            f.write_str(&problem)?;
        }
        Ok(())
    }
}

impl InsertPart {
    /// Returns a text that says which rows are not stored, and where the part goes on. `None` if every row is stored.
    pub fn problem(&self) -> Option<String> {
        let mut text = match &self.result {
            Ok(summary) if summary.check().is_ok() => return None,
            Ok(summary) => summary.to_string(),
            Err(error) => error.to_string(),
        };
        if let Some(journal) = &self.journal {
            text += &format!("; run the statement again to go on from the journal {}", journal.display());
        }
        if let Some(dead_letters) = &self.dead_letters {
            text += &format!("; failed rows are in {}", dead_letters.display());
        }
        Some(text)
    }
}

/// An `INSERT INTO` that did not store every row.
///
/// It is the source of a [`DataFusionError::External`]. Rows may be stored: the account says which. With
/// [journals](crate::TableOptions::journals), the same statement goes on from there.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InsertError {
    /// The account of the rows.
    pub account: Box<InsertAccount>,
    error: Error,
}

impl fmt::Display for InsertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.account.fmt(f)
    }
}

impl std::error::Error for InsertError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// A function that receives the accounts of statements.
#[derive(Clone)]
pub(crate) struct InsertHook(pub(crate) Arc<dyn Fn(&InsertAccount) + Send + Sync>);

impl fmt::Debug for InsertHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InsertHook")
    }
}

/// A change of the settings of an ingestion.
#[derive(Clone)]
pub(crate) struct IngestSettings(pub(crate) Arc<dyn Fn(Ingest<Row>) -> Ingest<Row> + Send + Sync>);

impl fmt::Debug for IngestSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IngestSettings")
    }
}

/// Ingests the rows of a statement.
#[derive(Clone, Debug)]
pub(crate) struct DatasetSink {
    pub(crate) dataset: Dataset,
    pub(crate) schema: SchemaRef,
    pub(crate) settings: InsertSettings,
    pub(crate) change: Option<IngestSettings>,
    pub(crate) on_insert: Option<InsertHook>,
}

impl DisplayAs for DatasetSink {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatasetSink: {}", self.name())
    }
}

impl DatasetSink {
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.dataset.namespace().name(), self.dataset.name())
    }

    /// Returns the ingestion of these batches.
    pub(crate) fn ingest(&self, data: SendableRecordBatchStream) -> Ingest<Row> {
        let rows = data.flat_map(|batch| {
            stream::iter(match batch.and_then(|batch| rows(&batch)) {
                Ok(rows) => rows.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            })
        });
        let ingest = self.dataset.ingest_try_stream::<Row, DataFusionError>(rows);
        let ingest = self.settings.apply(ingest);
        match &self.change {
            Some(IngestSettings(change)) => change(ingest),
            None => ingest,
        }
    }

    /// Returns the number of stored rows, or an error if not every row is stored.
    pub(crate) fn account(&self, parts: Vec<InsertPart>) -> Result<u64> {
        let account = InsertAccount::new(self.name(), parts);
        if let Some(InsertHook(observe)) = &self.on_insert {
            observe(&account);
        }
        match account.check() {
            Ok(()) => Ok(account.counts.stored as u64),
            Err(error) => {
                Err(DataFusionError::External(Box::new(InsertError { account: Box::new(account), error })))
            }
        }
    }
}

#[async_trait]
impl DataSink for DatasetSink {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    async fn write_all(&self, data: SendableRecordBatchStream, _: &Arc<TaskContext>) -> Result<u64> {
        let result = match self.ingest(data).batches() {
            Ok(outcomes) => outcomes.finish().await,
            Err(error) => Err(error),
        };
        self.account(vec![InsertPart { journal: None, dead_letters: None, result }])
    }
}

/// Returns the rows of a batch whose types are those of [`ColumnType`]. A null is left out of its row.
fn rows(batch: &RecordBatch) -> Result<Vec<Row>> {
    let mut rows = vec![Row::new(); batch.num_rows()];
    let schema = batch.schema();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        let name = field.name();
        let mut set = |at: usize, value: Value| {
            if let Some(row) = rows.get_mut(at) {
                row.insert(name.clone(), value);
            }
        };
        let column = column.as_any();
        match ColumnType::of(field.data_type()) {
            Some(ColumnType::Integer) => {
                for (at, value) in present(column.downcast_ref::<Int64Array>()) {
                    set(at, Value::from(value));
                }
            }
            Some(ColumnType::Number) => {
                for (at, value) in present(column.downcast_ref::<Float64Array>()) {
                    let number = Number::from_f64(value).ok_or_else(|| {
                        DataFusionError::Execution(format!(
                            "the value {value} of column {name:?} is not finite, and JSON has no such number"
                        ))
                    })?;
                    set(at, Value::Number(number));
                }
            }
            Some(ColumnType::Boolean) => {
                for (at, value) in present(column.downcast_ref::<BooleanArray>()) {
                    set(at, Value::Bool(value));
                }
            }
            Some(ColumnType::Text) => {
                for (at, value) in present(column.downcast_ref::<StringArray>()) {
                    set(at, Value::from(value));
                }
            }
            None => {
                let data_type = field.data_type();
                return Err(DataFusionError::Execution(format!(
                    "the type {data_type} of column {name:?} is not supported"
                )));
            }
        }
    }
    Ok(rows)
}

/// Returns the values of an array other than null, with their positions.
fn present<V>(array: Option<impl IntoIterator<Item = Option<V>>>) -> impl Iterator<Item = (usize, V)> {
    array.into_iter().flatten().enumerate().filter_map(|(at, value)| Some((at, value?)))
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::{
        array::ArrayRef,
        datatypes::{DataType, Field, Schema},
    };

    use super::*;

    fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter(columns).unwrap()
    }

    #[test]
    fn rows_leave_out_null() {
        let rows = rows(&batch(vec![
            ("a", Arc::new(Int64Array::from(vec![Some(1), None]))),
            ("b", Arc::new(Float64Array::from(vec![None, Some(2.5)]))),
            ("c", Arc::new(BooleanArray::from(vec![Some(true), None]))),
            ("d", Arc::new(StringArray::from(vec![Some("x"), Some("")]))),
        ]));
        let texts: Vec<String> =
            rows.unwrap().iter().map(|row| serde_json::to_string(row).unwrap()).collect();
        assert_eq!(texts, [r#"{"a":1,"c":true,"d":"x"}"#, r#"{"b":2.5,"d":""}"#]);
    }

    #[test]
    fn a_number_that_json_lacks_is_an_error() {
        let error = rows(&batch(vec![("b", Arc::new(Float64Array::from(vec![f64::NAN])))])).unwrap_err();
        assert!(error.to_string().contains("not finite"), "{error}");
    }

    #[test]
    fn a_type_of_another_table_is_an_error() {
        let schema = Schema::new(vec![Field::new("n", DataType::Null, true)]);
        let error = rows(&RecordBatch::new_empty(Arc::new(schema))).unwrap_err();
        assert!(error.to_string().contains("not supported"), "{error}");
    }
}
