//! Sending rows into a dataset.

use std::{fmt, future::IntoFuture, path::PathBuf, sync::Arc};

use bytes::Bytes;
use datalinks_gen::InferenceStep;
use futures::{StreamExt as _, TryStreamExt as _, future::BoxFuture, stream::BoxStream};
use reqwest::Url;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{create::description, query::operation};
use crate::{
    Dataset, Delivery, Error, IngestionResult, Listing, MatchTypes, Outcomes, Progress, SchemaDefinition,
    call::Facts,
    ingest::{Acknowledged, Deliver, IngestOptions, begin},
    rows::objects,
    transport::Body,
};

/// Rows about to be sent; await it. What comes is an [`IngestionResult`]; an error only when a setting is
/// refused, and then nothing was sent.
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Ingest<T> {
    dataset: Dataset,
    rows: Rows<T>,
    steps: Option<Vec<InferenceStep>>,
    link: Option<MatchTypes>,
    curate: Option<bool>,
    description: Option<String>,
    schema: Option<SchemaDefinition>,
    instructions: Option<String>,
    engine: IngestOptions,
}

impl<T: Serialize> Ingest<T> {
    pub(super) fn all(dataset: Dataset, rows: Vec<T>) -> Self {
        Self::new(dataset, Rows::All(rows))
    }

    pub(super) fn stream(dataset: Dataset, rows: BoxStream<'static, Result<T, Error>>) -> Self {
        Self::new(dataset, Rows::Stream(rows))
    }

    fn new(dataset: Dataset, rows: Rows<T>) -> Self {
        Self {
            dataset,
            rows,
            steps: None,
            link: None,
            curate: None,
            description: None,
            schema: None,
            instructions: None,
            engine: IngestOptions::default(),
        }
    }

    /// Rows a request; 0 sends all in one, as far as [`max_batch_bytes`](Self::max_batch_bytes) allows.
    /// Default 1,000 (this crate's choice; the vendor's client sends all at once).
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.engine.batch_size = rows;
        self
    }

    /// Sets the maximum number of bytes of encoded rows per request. A single larger row is sent alone.
    /// Defaults to 8 MiB. The service does not document a limit.
    pub fn max_batch_bytes(mut self, bytes: usize) -> Self {
        self.engine.max_batch_bytes = bytes;
        self
    }

    /// Requests in flight at once, 1 to 64. Default 1: the rows are stored in the order given.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.engine.concurrency = requests;
        self
    }

    /// What happens to a batch whose end is in doubt. Default: [`Delivery::AtLeastOnce`].
    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.engine.delivery = delivery;
        self
    }

    /// Extra requests that may be made to find the rows for which a batch is refused (400, 422). Default
    /// 100; with 0 a refused batch fails whole.
    pub fn max_isolation_requests(mut self, requests: usize) -> Self {
        self.engine.max_isolation_requests = requests;
        self
    }

    /// Calls `observer` after each batch, on the task that ingests. It should not block.
    pub fn on_progress(mut self, observer: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.engine.progress = Some(Arc::new(observer));
        self
    }

    /// Keeps a journal at this path, so that a run that died can go on: run it again with the same rows, settings
    /// and journal, and rows that were acknowledged are not sent again
    /// ([`skipped`](IngestionResult::skipped)). Rows that were sent, and whose end the dead run did not learn,
    /// are treated by the [`delivery`](Self::delivery).
    ///
    /// The file grows by two short lines a request, each on the disk before and after it is sent, and holds
    /// hashes of the rows instead of rows. It is written on the thread that ingests. A journal of another
    /// dataset, other settings or other rows is refused. Only one run may use it at a time. It stays when the
    /// run is done: remove it then.
    pub fn journal(mut self, path: impl Into<PathBuf>) -> Self {
        self.engine.journal = Some(path.into());
        self
    }

    /// Appends rows that fail to this file, as NDJSON: `{"index", "error", "outcomeUnknown", "row"}`. Look at
    /// those whose outcome is unknown before you send them again.
    pub fn dead_letters(mut self, path: impl Into<PathBuf>) -> Self {
        self.engine.dead_letters = Some(path.into());
        self
    }

    /// Inference steps, run by the service on each row before it is stored, in order. Most use a model,
    /// which costs tokens for every row.
    pub fn steps(mut self, steps: impl IntoIterator<Item = InferenceStep>) -> Self {
        self.steps = Some(steps.into_iter().collect());
        self
    }

    /// Which links are looked for in these rows (entity resolution).
    pub fn link(mut self, match_types: MatchTypes) -> Self {
        self.link = match_types.requested();
        self
    }

    /// Whether links are curated afterwards.
    pub fn curate(mut self, curate: bool) -> Self {
        self.curate = Some(curate);
        self
    }

    /// What the rows are, in plain words: inference steps read it. At most 10,000 characters.
    pub fn data_description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// What each field means: inference steps read it.
    pub fn schema(mut self, schema: SchemaDefinition) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Further instructions to the inference steps.
    pub fn additional_instructions(mut self, text: impl Into<String>) -> Self {
        self.instructions = Some(text.into());
        self
    }

    /// Runs the inference steps over the rows and answers what they make of them, each as a `U`; nothing is
    /// stored. Meant for a few rows: they go in one request, at the cost of the steps. The request names no
    /// dataset, so the namespace may belong to another user.
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::{InferenceStep, raw::api::types::RowsStep};
    ///
    /// let step = InferenceStep::Rows(RowsStep { derive_from: "cast".into() });
    /// let sample = [serde_json::json!({ "title": "Alien", "cast": "[{\"name\": \"Sigourney Weaver\"}]" })];
    /// let rows: datalinks::Listing<serde_json::Value> = dl.dataset("cinema", "films")?.ingest(&sample).steps([step]).preview().await?;
    /// # let _ = rows; Ok(())
    /// # }
    /// ```
    ///
    /// Rows that do not fit `U` are kept apart.
    ///
    /// # Errors
    ///
    /// As any call. It is not repeated after a doubtful end: the steps cost model tokens.
    pub async fn preview<U: DeserializeOwned>(self) -> Result<Listing<U>, Error> {
        let mut fields = self.fields()?;
        let rows = match self.rows {
            Rows::All(rows) => rows,
            Rows::Stream(rows) => rows.try_collect().await?,
        };
        let client = self.dataset.client();
        fields.insert("data".to_owned(), objects(&rows)?.into());
        let body = serde_json::from_value(fields.into())
            .map_err(|error| Error::invalid("the settings cannot be written").caused_by(error))?;
        let call = client.call();
        let result = call.client().preview_infer(&body).await;
        call.finish_list(result).map(Listing::read)
    }

    /// Everything in the body but the rows. What is not set is left out.
    fn fields(&self) -> Result<Map<String, Value>, Error> {
        let unwritable =
            |error| Error::invalid("the settings of the ingestion cannot be written").caused_by(error);
        let mut fields = Map::new();
        let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        if let Some(steps) = &self.steps {
            set("infer", json!({ "steps": serde_json::to_value(steps).map_err(unwritable)? }));
        }
        if let Some(link) = &self.link {
            set("link", serde_json::to_value(link).map_err(unwritable)?);
        }
        if let Some(curate) = self.curate {
            set("curate", curate.into());
        }
        if let Some(text) = &self.description {
            set("dataDescription", description(text)?.to_string().into());
        }
        if let Some(schema) = &self.schema {
            schema.check()?;
            set("schemaDefinition", serde_json::to_value(schema).map_err(unwritable)?);
        }
        if let Some(text) = &self.instructions {
            set("additionalInstructions", text.as_str().into());
        }
        Ok(fields)
    }

    /// Begins, and hands out what becomes of each batch as it is decided: for inputs that do not fit into
    /// memory.
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// let rows = futures::stream::iter((0..5_000_000).map(|n| serde_json::json!({ "n": n })));
    /// let mut outcomes = dl.dataset("numbers", "all")?.ingest_stream(rows).concurrency(4).outcomes()?;
    /// while let Some(batch) = outcomes.next().await {
    ///     for row in &batch.failed {
    ///         eprintln!("row {}: {}", row.index, row.error);
    ///     }
    /// }
    /// println!("{} rows stored", outcomes.summary().stored);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When a setting is refused, or a file cannot be opened; nothing was sent then.
    pub fn outcomes(self) -> Result<Outcomes<T>, Error>
    where
        T: Send + 'static,
    {
        let namespace = self.dataset.namespace();
        namespace.own_only("ingesting rows").map_err(|error| {
            error.advice(
                "nothing was sent; plain ingest always writes to your own namespaces: as an editor, write the rows \
                 to a file and send it with Dataset::upload, whose route names the owner",
            )
        })?;
        let fields = self.fields()?;
        let url = self
            .dataset
            .client()
            .connection()
            .address
            .join(&["ingest"], [namespace.segment(), self.dataset.segment()]);
        let wire = Wire { dataset: self.dataset, url };
        let (source, total) = match self.rows {
            Rows::All(rows) => {
                let total = rows.len();
                (futures::stream::iter(rows).map(Ok).boxed(), Some(total))
            }
            Rows::Stream(source) => (source, None),
        };
        begin(Arc::new(wire), source, total, &fields, self.engine)
    }
}

impl<T: Serialize + Send + 'static> IntoFuture for Ingest<T> {
    type Output = Result<IngestionResult<T>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { IngestionResult::collect(self.outcomes()?).await })
    }
}

/// Where the rows come from.
enum Rows<T> {
    All(Vec<T>),
    Stream(BoxStream<'static, Result<T, Error>>),
}

impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(rows) => write!(f, "{} rows", rows.len()),
            Self::Stream(_) => f.write_str("a stream of rows"),
        }
    }
}

/// The engine's way to the service.
struct Wire {
    dataset: Dataset,
    url: Url,
}

/// The part of the response that matters here. Servers up to version 2.21.1 respond without a body.
#[derive(Deserialize)]
struct Indexed {
    #[serde(deserialize_with = "datalinks_gen::whole::required")]
    indexed: i64,
}

impl Wire {
    async fn send(&self, body: Bytes, repeat_doubtful: bool) -> Result<Acknowledged, Error> {
        let options = self.dataset.client().options().clone().repeat_doubtful(repeat_doubtful);
        let connection = self.dataset.client().connection();
        let answer = connection.send_json(operation("ingestData")?, self.url.clone(), body, &options).await?;
        let facts = Facts::of(&answer);
        let (repeated, attempts) = (answer.repeated, facts.effort.attempts);
        let Body::Whole(body) = answer.body else {
            return Err(facts.unexpected("the answer is a stream", b""));
        };
        if body.trim_ascii().is_empty() {
            // An older server: acknowledged, without a word about the rows.
            return Ok(Acknowledged { indexed: None, repeated, attempts });
        }
        match serde_json::from_slice::<Indexed>(&body) {
            Ok(Indexed { indexed }) => {
                let indexed = Some(indexed.max(0).unsigned_abs());
                Ok(Acknowledged { indexed, repeated, attempts })
            }
            // A success in a form that is not the API's: the rows may be stored or not.
            Err(error) => Err(facts
                .unexpected(format!("the acknowledgement is not what ingesting answers: {error}"), &body)
                .caused_by(error)
                .with_outcome_unknown(true)),
        }
    }

    async fn count(&self) -> Result<u64, Error> {
        let info = self.dataset.info().await?;
        let rows = info.metadata.row_count;
        u64::try_from(rows).map_err(|error| {
            Error::new(
                crate::ErrorKind::UnexpectedAnswer,
                format!("the dataset has {rows} rows, says the service"),
            )
            .caused_by(error)
        })
    }
}

impl Deliver for Wire {
    fn deliver(&self, body: Bytes, repeat_doubtful: bool) -> BoxFuture<'_, Result<Acknowledged, Error>> {
        Box::pin(self.send(body, repeat_doubtful))
    }

    fn row_count(&self) -> BoxFuture<'_, Result<u64, Error>> {
        Box::pin(self.count())
    }

    fn place(&self) -> String {
        format!("{}/{}", self.dataset.namespace().name(), self.dataset.name())
    }
}
