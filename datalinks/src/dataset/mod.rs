//! A dataset and what one can do with it.

mod create;
mod define;
mod ingest;
mod lifecycle;
mod link;
mod links;
mod query;

use datalinks_gen::{PathSegment, api::types};
use futures::StreamExt as _;

pub use create::{Create, Created, Visibility};
pub(crate) use create::{DESCRIPTION_LIMIT, description, fields};
pub use define::Define;
pub use ingest::Ingest;
pub use link::{AddLink, LinkAdded};
pub use links::{ChangeOntology, CompareRows, CurateLinks, CuratedLinks};
pub use query::QueryBuilder;
pub(crate) use query::operation;

use crate::{ColumnRef, DataLinks, Error, Namespace, ingest::Rows};

/// A dataset: a table of rows in a namespace. Cheap to clone; making one sends nothing, and it need
/// not exist yet.
#[derive(Clone, Debug)]
pub struct Dataset {
    namespace: Namespace,
    name: PathSegment,
}

impl Dataset {
    pub(crate) fn new(namespace: Namespace, name: PathSegment) -> Self {
        Self { namespace, name }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The namespace it is in.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Creates it, and its namespace when this is the first dataset there. Await what this answers.
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::SchemaDefinition;
    ///
    /// let schema = SchemaDefinition::new().field("title", "Title as released").field("year", "Year of release");
    /// dl.dataset("cinema", "films")?.create().schema(schema).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self) -> Create {
        Create::new(self.clone())
    }

    /// Saves what it is about and what its fields mean, for later ingestions. Await what this answers.
    pub fn define(&self) -> Define {
        Define::new(self.clone())
    }

    /// Its columns, its number of rows and its stored definition.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such dataset, or it is not yours to see.
    pub async fn info(&self) -> Result<DatasetInfo, Error> {
        let call = self.client().call();
        let result = call
            .client()
            .get_dataset_information(self.namespace.owner_segment(), self.namespace.segment(), &self.name)
            .await;
        call.finish(result)
    }

    /// Sends rows into it, in batches. Await what this answers.
    ///
    /// Rows always go to the caller's own namespaces. For the dataset of another user this is an error, before
    /// anything is sent: an editor sends rows with [`upload`](Self::upload), whose route names the owner.
    ///
    /// A row is anything that serialises to a JSON object: a struct, a map, a `serde_json::Map`.
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// #[derive(serde::Serialize)]
    /// struct Film { title: String, year: u16 }
    ///
    /// let rows = vec![Film { title: "Alien".into(), year: 1979 }];
    /// let result = dl.dataset("cinema", "films")?.ingest(rows).batch_size(500).await?;
    /// for row in &result.failed {
    ///     eprintln!("row {}: {}", row.index, row.error);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn ingest<T: serde::Serialize>(&self, rows: impl IntoIterator<Item = T>) -> Ingest<T> {
        Ingest::new(self.clone(), Rows::All(rows.into_iter().collect()))
    }

    /// Sends rows that come from a stream, of any length: see [`Ingest::outcomes`], which keeps no more in memory
    /// than is in flight. Awaiting it keeps every row for its result.
    pub fn ingest_stream<T: serde::Serialize + 'static>(
        &self,
        rows: impl futures::Stream<Item = T> + Send + 'static,
    ) -> Ingest<T> {
        Ingest::new(self.clone(), Rows::Stream(rows.map(Ok).boxed()))
    }

    /// Sends rows that come from a stream that may fail, with errors of any type.
    ///
    /// At its first error no further row is pulled. The rows before it are sent, and the account has the error
    /// ([`IngestionResult::source_error`](crate::IngestionResult::source_error),
    /// [`IngestionSummary::source_error`](crate::IngestionSummary::source_error)). If the stream fails before its first
    /// row, there is no account, and the error is returned instead.
    ///
    /// - An [`Error`] of this crate stays as it is.
    /// - Any other error becomes the [`source`](std::error::Error::source) of one of kind
    ///   [`Source`](crate::ErrorKind::Source), whose type is recovered by `downcast_ref`. The message contains the index of
    ///   the row before it. The advice contains the number of rows that are stored, when the run has ended.
    ///
    /// Files of rows are such a source: `Reader::into_stream` of the module `read` reads them without blocking async
    /// code. The example `database_cursor` reads the cursor of a database whose driver blocks.
    ///
    /// # Examples
    ///
    /// ```
    /// # use datalinks_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start().await?;
    /// # let dl = datalinks::DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    /// use serde_json::json;
    ///
    /// let films = dl.dataset("cinema", "films")?;
    /// films.create().await?;
    /// let rows = [Ok(json!({ "title": "Alien" })), Err("the tape broke"), Ok(json!({ "title": "Brazil" }))];
    /// let result = films.ingest_try_stream(futures::stream::iter(rows)).await?;
    /// assert_eq!(result.successful.len(), 1);
    /// let error = result.source_error.unwrap().to_string();
    /// assert!(error.contains("failed after the row with index 0: the tape broke; 1 rows stored, 0 failed"), "{error}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn ingest_try_stream<T, E>(
        &self,
        rows: impl futures::Stream<Item = Result<T, E>> + Send + 'static,
    ) -> Ingest<T>
    where
        T: serde::Serialize + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Ingest::new(self.clone(), Rows::fallible(rows))
    }

    /// Returns a builder for a query that starts at this dataset. Without further calls, the query finds all rows.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::field;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Film { title: String, year: u16 }
    ///
    /// let films = dl.dataset("cinema", "films")?;
    /// let recent: Vec<Film> = films.query().filter(field("year").ge(2012)).fetch().await?;
    /// let oldest: Vec<Film> = films.query().sort_ascending("year").limit(3).fetch().await?;
    /// # let _ = (recent, oldest); Ok(())
    /// # }
    /// ```
    pub fn query(&self) -> QueryBuilder {
        QueryBuilder::of_dataset(self.clone())
    }

    /// One of its columns, as the end of a link.
    pub fn column(&self, name: impl Into<String>) -> ColumnRef {
        ColumnRef::new(self.namespace.name(), self.name(), name).username(self.namespace.owner())
    }

    pub(crate) fn client(&self) -> &DataLinks {
        self.namespace.client()
    }

    pub(crate) fn segment(&self) -> &PathSegment {
        &self.name
    }
}

/// What the service tells of a dataset.
pub type DatasetInfo = types::DatasetResponse;
