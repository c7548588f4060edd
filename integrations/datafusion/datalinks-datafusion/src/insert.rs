//! `INSERT INTO` a dataset, by the ingestion of the client.

use std::{fmt, sync::Arc};

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
    Dataset,
    ingest::{Ingest, IngestionSummary},
    types::Row,
};
use futures::{StreamExt as _, stream};
use serde_json::{Number, Value};

use crate::{column_type::ColumnType, error::external};

/// An `INSERT INTO` that did not store every row.
///
/// It is the source of a [`DataFusionError::External`]. Rows may be stored: [`summary`](Self::summary) has the account. With a
/// [journal](datalinks::ingest::Ingest::journal), the same statement goes on from there.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InsertError {
    /// The dataset, with its namespace.
    pub dataset: String,
    /// The account of the rows.
    pub summary: Box<IngestionSummary>,
}

impl fmt::Display for InsertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "INSERT INTO {}: {}", self.dataset, self.summary)
    }
}

impl std::error::Error for InsertError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let summary = &self.summary;
        let errors = [&summary.stopped, &summary.source_error, &summary.dead_letter_error];
        let first = summary.first_failure.as_ref().map(|(_, error)| error);
        let error = first.or_else(|| errors.into_iter().find_map(Option::as_ref));
        error.map(|error| error as &(dyn std::error::Error + 'static))
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
#[derive(Debug)]
pub(crate) struct DatasetSink {
    pub(crate) dataset: Dataset,
    pub(crate) schema: SchemaRef,
    pub(crate) settings: Option<IngestSettings>,
}

impl DisplayAs for DatasetSink {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatasetSink: {}", self.name())
    }
}

impl DatasetSink {
    fn name(&self) -> String {
        format!("{}/{}", self.dataset.namespace().name(), self.dataset.name())
    }
}

#[async_trait]
impl DataSink for DatasetSink {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    async fn write_all(&self, data: SendableRecordBatchStream, _: &Arc<TaskContext>) -> Result<u64> {
        let rows = data.flat_map(|batch| {
            stream::iter(match batch.and_then(|batch| rows(&batch)) {
                Ok(rows) => rows.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            })
        });
        let ingest = self.dataset.ingest_try_stream::<Row, DataFusionError>(rows);
        let ingest = match &self.settings {
            Some(IngestSettings(change)) => change(ingest),
            None => ingest,
        };
        let summary = ingest.batches().map_err(external)?.finish().await.map_err(external)?;
        if summary.check().is_err() {
            let error = InsertError { dataset: self.name(), summary: Box::new(summary) };
            return Err(DataFusionError::External(Box::new(error)));
        }
        Ok(summary.counts.stored as u64)
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
