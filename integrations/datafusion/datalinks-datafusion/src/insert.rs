//! `INSERT INTO` a dataset, by the ingestion of the client.

use std::{fmt, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use datafusion::{
    arrow::datatypes::SchemaRef,
    datasource::sink::DataSink,
    error::{DataFusionError, Result},
    execution::TaskContext,
    physical_plan::{DisplayAs, DisplayFormatType, SendableRecordBatchStream},
};
use datalinks::{
    Dataset, Error, ErrorKind,
    ingest::{Ingest, IngestionCounts, IngestionSummary},
};
use futures::{StreamExt as _, future, stream};

use crate::{
    insert_row::{InsertRow, rows},
    insert_settings::InsertSettings,
    problems::Problems,
    stop_inserts::{SourceError, StopInserts, stopped_error},
};

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
        if self.counts.not_indexed > 0 {
            write!(f, ", {} sent and not indexed", self.counts.not_indexed)?;
        }
        let problems = (0..).zip(&self.parts).filter_map(|(number, part)| Some((number, part.problem()?)));
        Problems::new(self.parts.len(), problems).fmt(f)
    }
}

impl InsertPart {
    /// Returns a text that says which rows are not stored, and where the part goes on. `None` if every row is stored.
    pub fn problem(&self) -> Option<String> {
        let summary = match &self.result {
            Ok(summary) if summary.check().is_ok() => return None,
            Ok(summary) => summary,
            // The journals are those of another statement, so the part cannot go on from them.
            Err(error) if error.kind() == ErrorKind::InvalidInput => return Some(error.to_string()),
            Err(error) => return Some(self.with_journal(error.to_string())),
        };
        let text = match &summary.source_error {
            // The advice of the error is about requests, and the counts have their outcome.
            Some(error) if error.kind() == ErrorKind::Interrupted => {
                let mut others = summary.clone();
                others.source_error = None;
                format!("{others}; {}", error.message())
            }
            _ => summary.to_string(),
        };
        let mut text = self.with_journal(text);
        if let Some(dead_letters) = self.dead_letters.as_ref().filter(|_| summary.counts.failed > 0) {
            text += &format!("; failed rows are in {}", dead_letters.display());
        }
        Some(text)
    }

    fn with_journal(&self, text: String) -> String {
        match &self.journal {
            Some(journal) => {
                format!("{text}; run the statement again to go on from the journal {}", journal.display())
            }
            None => text,
        }
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
pub(crate) struct IngestSettings(
    pub(crate) Arc<dyn Fn(Ingest<InsertRow>) -> Ingest<InsertRow> + Send + Sync>,
);

impl fmt::Debug for IngestSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IngestSettings")
    }
}

/// Ingests the rows of a statement.
#[derive(Clone, Debug)]
pub(crate) struct DatasetSink {
    pub(crate) dataset: Dataset,
    /// The columns of the table. The input has the same columns, maybe with other types.
    pub(crate) schema: SchemaRef,
    pub(crate) settings: InsertSettings,
    pub(crate) change: Option<IngestSettings>,
    pub(crate) on_insert: Option<InsertHook>,
    pub(crate) stop: StopInserts,
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
    pub(crate) fn ingest(&self, data: SendableRecordBatchStream) -> Ingest<InsertRow> {
        let (schema, stop) = (Arc::clone(&self.schema), self.stop.clone());
        let rows = self.stop.until_stopped(data).flat_map(move |batch| {
            let stop = stop.clone();
            let row = move |row| if stop.is_stopped() { Err(stopped_error()) } else { Ok(row) };
            match batch.and_then(|batch| Ok(rows(&batch, &schema)?)) {
                Ok(rows) => stream::iter(rows.map(row)).left_stream(),
                Err(error) => stream::once(future::ready(Err(error))).right_stream(),
            }
        });
        let ingest = self.dataset.ingest_try_stream::<InsertRow, SourceError>(rows);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Regression: after a stop, the text had neither the reason of the failed rows nor the number of rows not indexed.
    #[test]
    fn the_text_of_a_stop_has_everything_else() {
        let mut counts = IngestionCounts::default();
        (counts.stored, counts.failed, counts.not_indexed) = (5, 1, 2);
        let mut summary = IngestionSummary::new(counts);
        summary.first_failure = Some((3, Error::new(ErrorKind::InvalidInput, "the row is rejected")));
        summary.source_error = Some(Error::new(ErrorKind::Interrupted, "the statement was stopped"));
        let part = |summary| InsertPart { journal: None, dead_letters: None, result: Ok(summary) };
        let problem = part(summary.clone()).problem().unwrap();
        assert!(
            problem.starts_with("5 rows stored, 1 failed, 2 sent and not indexed; first, row 3: the row is")
        );
        assert!(problem.ends_with("; the statement was stopped"), "{problem}");

        let account =
            InsertAccount::new("cinema/films".to_owned(), vec![part(IngestionSummary::new(counts))]);
        assert_eq!(
            account.to_string(),
            "INSERT INTO cinema/films: 5 rows stored, 1 failed, 2 sent and not indexed"
        );
    }
}
