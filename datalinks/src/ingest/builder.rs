//! Sending rows into a dataset.

use std::{collections::BTreeMap, future::IntoFuture, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, future::BoxFuture};
use reqwest::Url;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, value::RawValue};

use super::{
    batch_stream::BatchStream,
    begin,
    engine::{Acknowledged, Deliver},
    inference_step::{self, InferenceStep},
    options::{Delivery, IngestOptions},
    progress::IngestProgress,
    reconcile::Key,
    result::IngestionResult,
    source::Rows,
};
use crate::{
    datasets::{Dataset, MatchTypes, SchemaDefinition, description},
    error::{Error, ErrorKind},
    json::EncodedRows,
    query::Filter,
    transport::{Body, Facts, operation},
    types::Listing,
};

impl Dataset {
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

    /// Sends rows that come from a stream, of any length: see [`Ingest::batches`], which keeps no more in memory
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
    /// [`IngestionSummary::source_error`](crate::ingest::IngestionSummary::source_error)). If the stream fails before its first
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
}

/// Rows about to be sent. Awaiting it sends them and returns an [`IngestionResult`], the account of every row.
///
/// A run that fails is a result as well, because rows may be stored already: a wrong key or a missing dataset, a service
/// that fails, a source that fails. [`IngestionResult::into_result`] turns failures into an error. Awaiting returns an error
/// itself only if there is no account to lose: a setting is rejected, a file cannot be opened, a source fails before its
/// first row, or the first rows are not those of the [`journal`](Self::journal).
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
    pub(super) fn new(dataset: Dataset, rows: Rows<T>) -> Self {
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

    /// Sets the treatment of requests with an ambiguous outcome. Defaults to [`Delivery::AtLeastOnce`].
    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.engine.delivery = delivery;
        self
    }

    /// Sets [`Delivery::Reconciled`] by the key of each row, which is in this column.
    ///
    /// After a request with an ambiguous outcome, the keys of its rows are queried, at most 50 per query, until they do not
    /// change for the [window](Self::reconcile_window). Rows whose key is found are stored. The others are sent again.
    ///
    /// - A key is a string or an integer. It identifies one row of the dataset, which the caller ensures: a row counts as
    ///   stored if the dataset holds its key, whoever stored it.
    /// - Keys compare by their characters or digits, and with attention to letter case. The integer `5` and the string
    ///   `"5"` are the same key, because the service may store numbers as strings.
    /// - A row without a usable key is sent like any other. After an ambiguous outcome, it is reported as failed with
    ///   [`is_ambiguous`](crate::FailedRow::is_ambiguous) and not sent again. A key is not usable if the column is
    ///   missing, `null` or of another type, if two rows of one batch share the key, or if a query cannot hold it
    ///   (text with a backslash, a control character or both kinds of quotes).
    /// - A key that more than one row of the dataset has puts the row into
    ///   [`possibly_duplicated`](IngestionResult::possibly_duplicated).
    ///
    /// The service does not document when stored rows become visible to queries. The window covers that delay, too.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// let rows = (0..10_000).map(|n| serde_json::json!({ "id": n, "square": n * n }));
    /// let result = dl.dataset("numbers", "squares")?.ingest(rows).reconcile_by("id").concurrency(4).await?;
    /// println!("{result}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn reconcile_by(mut self, column: impl Into<String>) -> Self {
        self.engine.delivery = Delivery::Reconciled;
        self.engine.reconcile_by = Some(column.into());
        self
    }

    /// Sets the time for which the dataset must not change before [`Delivery::Reconciled`] decides.
    ///
    /// Rows that arrive within the window are found. Rows that are sent again because nothing arrived are reported as
    /// possibly stored twice, so a longer window means fewer of them. A dataset that keeps changing for ten windows is not
    /// read any further. `Duration::ZERO` decides when two looks in a row show the same. Defaults to 30 seconds, at most
    /// one hour.
    pub fn reconcile_window(mut self, window: Duration) -> Self {
        self.engine.reconcile_window = window;
        self
    }

    /// Sets the number of batches in a row without a success after which the run stops.
    ///
    /// A service that is gone would otherwise fail every row of the source, one batch after the other, with all retries.
    /// Rows that were not sent are reported as failed with the error that stopped the run, and their outcome is known.
    ///
    /// - A batch has a success if at least one of its rows was stored.
    /// - Batches are counted in the order in which they end. Requests in flight when the run stops are completed, so with
    ///   a [`concurrency`](Self::concurrency) of `c`, up to `c - 1` further batches are sent. Allow a multiple of the
    ///   concurrency, if a short outage must not stop the run.
    /// - A batch that the service rejects for its rows (400, 413 or 422) ends the count, because the service is there.
    ///   Batches of which nothing was sent do not count.
    ///
    /// `0` removes the limit. Defaults to 10.
    pub fn max_batches_without_success(mut self, batches: usize) -> Self {
        self.engine.max_batches_without_success = batches;
        self
    }

    /// Extra requests that may be made to find the rows for which a batch is refused (400, 422). Default
    /// 100; with 0 a refused batch fails whole.
    pub fn max_isolation_requests(mut self, requests: usize) -> Self {
        self.engine.max_isolation_requests = requests;
        self
    }

    /// Calls `observer` after each batch, on the task that ingests. It should not block.
    pub fn on_progress(mut self, observer: impl Fn(&IngestProgress) + Send + Sync + 'static) -> Self {
        self.engine.progress = Some(Arc::new(observer));
        self
    }

    /// Sets the time after which a partial batch is sent, counted from its first row. Applies to streams, which may bring
    /// rows slowly; the rows of a list are all there. [`Duration::ZERO`] sends what the stream has ready,
    /// [`Duration::MAX`] sends full batches only, and the last one at the end. Defaults to 1 s.
    ///
    /// While as many requests are in flight as [`concurrency`](Self::concurrency) allows, a partial batch waits for one
    /// of them and takes further rows.
    pub fn linger(mut self, time: Duration) -> Self {
        self.engine.linger = Some(time);
        self
    }

    /// Keeps a journal at this path, so that a run that died can continue. Run it again with the same rows, settings
    /// and journal: rows that were acknowledged are not sent again
    /// ([`skipped`](super::IngestionCounts::skipped)). Rows may be added at the end. Rows whose outcome was ambiguous when the
    /// earlier run ended are treated by the [`delivery`](Self::delivery):
    ///
    /// - [`Delivery::AtLeastOnce`] sends them again and reports them as possibly stored twice.
    /// - [`Delivery::AtMostOnce`] reports them as failed with an ambiguous outcome.
    /// - [`Delivery::Reconciled`] by key reads their keys back first. By count, it reads the row count until it has been
    ///   stable for the [window](Self::reconcile_window), which decides about the rows that the earlier run sent last, if
    ///   no others are ambiguous. Others are reported as with [`Delivery::AtMostOnce`].
    ///
    /// The file grows by two short lines per request, each on the disk before and after it is sent, and holds
    /// hashes of the rows instead of rows. It is written on the runtime's threads for blocking work. It stays when the
    /// run is done: remove it then.
    ///
    /// # Errors
    ///
    /// A run is rejected before anything is sent if the journal
    ///
    /// - is in use: a run locks the file `<journal>.lock` next to it, and the error names the process that holds the lock,
    /// - belongs to another host, another dataset or other settings: the size of batches, in rows and in bytes, and everything that
    ///   is sent with the rows, such as steps. The delivery and the concurrency may differ,
    /// - has the format of an older release,
    /// - records other rows. A list is compared as a whole. A stream is compared batch by batch as its rows come, so that
    ///   a difference behind rows that were sent stops the run: it is in [`stopped`](IngestionResult::stopped).
    pub fn journal(mut self, path: impl Into<PathBuf>) -> Self {
        self.engine.journal = Some(path.into());
        self
    }

    /// Appends rows that fail to this file as NDJSON, one object per line:
    ///
    /// ```json
    /// {"state":"failed"    ,"journal":"5f0c…","index":3,"error":"…","ambiguous":false,"row":{"title":"Alien"}}
    /// ```
    ///
    /// `ambiguous` is true if the row may be stored: look before you send it again. `row` is null if the row cannot be
    /// written as JSON. Every row that the account counts as failed is written, whatever stopped the run, rows that were not
    /// sent included. Rows that a stream still held when the run stopped were not pulled, and are not written.
    ///
    /// With a [`journal`](Self::journal), a later run decides the same rows again. Give it the same file for failed rows: it
    /// changes the `state` of letters with the journal's id in place, to `stored` when the row was stored, or to `superseded`
    /// when it failed again and has a new letter. Send only rows whose state is `failed`. Without a journal, each run
    /// appends its own letters and changes no others.
    ///
    /// If a letter cannot be written, the run stops and reports it
    /// ([`dead_letter_error`](IngestionResult::dead_letter_error)).
    ///
    /// With `bad_records_to_dead_letters` (feature `read`), the file holds letters of bad records, too.
    pub fn dead_letters(mut self, path: impl Into<PathBuf>) -> Self {
        self.engine.dead_letters = Some(path.into());
        self
    }

    /// Appends bad records of a file to the [dead letters](Self::dead_letters) and goes on, instead of ending the run at
    /// the first one. Needs a file for dead letters.
    ///
    /// A bad record is an error of the stream that is about a [`BadRow`](crate::read::BadRow):
    ///
    /// - a record that cannot be read as a row, from a reader that goes on after it. Set
    ///   [`OnBadRow::Report`](crate::read::OnBadRow::Report) on it: a reader that stops ends the run, as it does without
    ///   this option.
    /// - a row of a file that does not fit the type of [`RawRow::deserialize`](crate::read::RawRow::deserialize).
    ///
    /// Any other error of the stream ends the run. Each bad record has a letter of its own:
    ///
    /// ```json
    /// {"state":"failed"    ,"badRecord":0,"error":"…","ambiguous":false,"row":null,"file":"films.csv","line":3,"column":5,"text":"Alien,1979,x"}
    /// ```
    ///
    /// `badRecord` is the index of the bad record among those of the run. `text` is the whole record as it stands in the file,
    /// or the JSON of a row that does not fit the type. If the record is not UTF-8, `base64` holds its bytes.
    ///
    /// With a [`journal`](Self::journal), the letter has three more members: the id of the `journal`, `record`, a hash of the
    /// file name and the record, and `occurrence`, the number of earlier bad records of the run with the same hash. A later
    /// run of the journal changes the `state` of these letters in place to `superseded`:
    ///
    /// - when it meets the same record in the same file again, at whatever line, and has written a new letter for it,
    /// - when it has read its whole source and did not meet the record: it was corrected or removed. A run that stopped, whose
    ///   source failed or has fewer rows than the journal records, leaves these letters as they are. A reader that leaves bad
    ///   records out ([`OnBadRow::Skip`](crate::read::OnBadRow::Skip)) is a source without them.
    ///
    /// A bad record among rows that the journal records is written when the batch around it has been compared with the
    /// journal. If that shows other rows before anything was sent, the run is rejected, and letters from this batch on are not
    /// written. At most 10,000 bad records or 16 MiB and one record wait for the comparison. If more of them lie in one
    /// batch, they are written before it is compared. With a journal, the hashes of the bad records stay in memory until the
    /// run ends.
    ///
    /// Bad records are no rows: they have no index and are not among the failed rows. They are counted and returned as
    /// [`bad_records`](IngestionResult::bad_records), and [`check`](IngestionResult::check) returns the first of them as an
    /// error if nothing else failed. Letters are written on the runtime's threads for blocking work, and at most 1,000
    /// bad records or 1 MiB and one record wait for that.
    ///
    /// # Examples
    ///
    /// ```
    /// # use datalinks_emulator::Emulator;
    /// use datalinks::{DataLinks, read::{self, OnBadRow}};
    /// use futures::StreamExt as _;
    ///
    /// #[derive(serde::Deserialize, serde::Serialize)]
    /// struct Film { title: String, year: u16 }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start().await?;
    /// # let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let (path, letters) = (folder.path().join("films.csv"), folder.path().join("failed.ndjson"));
    /// // A cell too many in line 3, and no year in line 4.
    /// std::fs::write(&path, "title,year\nAlien,1979\nBrazil,1985,x\nTron,soon\n1984,1984\n")?;
    ///
    /// let films = dl.dataset("cinema", "films")?;
    /// films.create().await?;
    /// let rows = read::file(&path).on_bad_row(OnBadRow::Report).into_stream();
    /// let rows = rows.map(|row| row?.deserialize::<Film>());
    /// let result = films.ingest_try_stream(rows).dead_letters(&letters).bad_records_to_dead_letters().await?;
    ///
    /// assert_eq!((result.successful.len(), result.bad_records.len()), (2, 2));
    /// assert!(result.check().is_err());
    /// let letters = std::fs::read_to_string(&letters)?;
    /// assert!(letters.contains(r#""line":3,"column":13,"text":"Brazil,1985,x""#));
    /// assert!(letters.contains(r#""line":4,"column":6,"text":"{\"title\":\"Tron\",\"year\":\"soon\"}""#));
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "read")]
    pub fn bad_records_to_dead_letters(mut self) -> Self {
        self.engine.bad_records = true;
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
    /// use datalinks::InferenceStep;
    ///
    /// let step = InferenceStep::rows("cast");
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
    /// As any call. It is not repeated after an ambiguous outcome: the steps cost model tokens.
    pub async fn preview<U: DeserializeOwned>(self) -> Result<Listing<U>, Error> {
        let mut fields = self.fields()?;
        fields.insert("data".to_owned(), Value::Array(Vec::new()));
        let rows = match self.rows {
            Rows::All(rows) => rows,
            Rows::Stream(rows) => rows.try_collect().await?,
        };
        let client = self.dataset.client();
        let written = EncodedRows::new(&rows)?.inside(&fields, "data")?;
        let body = serde_json::from_value(fields.into())
            .map_err(|error| Error::invalid("the settings cannot be written").caused_by(error))?;
        let call = client.call().with_body(written);
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
            let steps = inference_step::checked(steps.iter().cloned())?;
            let steps = serde_json::to_value(steps).map_err(unwritable)?;
            set("infer", Map::from_iter([("steps".to_owned(), steps)]).into());
        }
        if let Some(link) = &self.link {
            link.check()?;
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
    /// let mut outcomes = dl.dataset("numbers", "all")?.ingest_stream(rows).concurrency(4).batches()?;
    /// while let Some(batch) = outcomes.next().await {
    ///     for row in &batch.failed {
    ///         eprintln!("row {}: {}", row.index, row.error);
    ///     }
    /// }
    /// println!("{} rows stored", outcomes.summary().counts.stored);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If a setting is rejected or a file cannot be opened. Nothing was sent then.
    ///
    /// # Blocking
    ///
    /// With a [`journal`](Self::journal) or a [file for failed rows](Self::dead_letters), this function reads the file on
    /// the current thread; with a journal and a list, it also encodes the rows that the journal records. Awaiting the
    /// builder does that on the runtime's threads for blocking work.
    pub fn batches(self) -> Result<BatchStream<T>, Error>
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
        begin(Arc::new(wire), self.rows, &fields, self.engine)
    }

    /// The same, with files opened off the threads that run futures.
    async fn open(self) -> Result<BatchStream<T>, Error>
    where
        T: Send + 'static,
    {
        if self.engine.journal.is_none() && self.engine.dead_letters.is_none() {
            return self.batches();
        }
        // The task is owned by this future. Dropped, it opens the files, closes them, and sends nothing.
        tokio::task::spawn_blocking(|| self.batches()).await.unwrap_or_else(|error| {
            let what = "the files of the ingestion could not be opened, because the runtime ends";
            Err(Error::new(ErrorKind::Io, what).caused_by(error))
        })
    }
}

impl<T: Serialize + Send + 'static> IntoFuture for Ingest<T> {
    type Output = Result<IngestionResult<T>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { IngestionResult::collect(self.open().await?).await })
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
    async fn send(&self, body: Bytes, retry_ambiguous: bool) -> Result<Acknowledged, Error> {
        let options = self.dataset.client().options().clone().retry_ambiguous(retry_ambiguous);
        let connection = self.dataset.client().connection();
        let answer = connection.send_json(operation("ingestData")?, self.url.clone(), body, &options).await?;
        let facts = Facts::of(&answer);
        let (repeated, attempts) = (answer.repeated, facts.context.attempts);
        let Body::Whole(body) = answer.body else {
            let error = facts.unexpected("the answer is a stream", b"").with_ambiguous(true);
            return Err(error.with_ambiguous_attempts(1 + u32::from(repeated)));
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
                .with_ambiguous(true)
                .with_ambiguous_attempts(1 + u32::from(repeated))),
        }
    }

    async fn count(&self) -> Result<u64, Error> {
        let info = self.dataset.info().await?;
        let rows = info.metadata.row_count;
        u64::try_from(rows).map_err(|error| {
            Error::new(
                ErrorKind::UnexpectedResponse,
                format!("the dataset has {rows} rows, says the service"),
            )
            .caused_by(error)
        })
    }
}

impl Wire {
    async fn keys(&self, column: &str, keys: &[Key]) -> Result<Vec<String>, Error> {
        let Some(filter) = keys.iter().map(|key| key.filter(column)).reduce(Filter::or) else {
            return Ok(Vec::new());
        };
        // The name of the key column may begin with an underscore.
        let query = self.dataset.query().filter(filter).metadata_columns();
        let rows: Vec<BTreeMap<String, Box<RawValue>>> = query.fetch().await?;
        let key = |row: &BTreeMap<String, Box<RawValue>>| {
            row.get(column).and_then(|value| Key::canonical_of(value)).ok_or_else(|| {
                let what = format!("a row that was found by its key has no key in the column {column:?}");
                Error::new(ErrorKind::UnexpectedResponse, what)
            })
        };
        rows.iter().map(key).collect()
    }
}

impl Deliver for Wire {
    fn deliver(&self, body: Bytes, retry_ambiguous: bool) -> BoxFuture<'_, Result<Acknowledged, Error>> {
        Box::pin(self.send(body, retry_ambiguous))
    }

    fn row_count(&self) -> BoxFuture<'_, Result<u64, Error>> {
        Box::pin(self.count())
    }

    fn find_keys<'a>(
        &'a self,
        column: &'a str,
        keys: &'a [Key],
    ) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        Box::pin(self.keys(column, keys))
    }

    fn dataset_name(&self) -> String {
        // The address of the service, and each name as one segment.
        self.url.to_string()
    }
}

crate::client::builder_options!(Ingest<T>, dataset);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::client::DataLinks;

    /// A run against another host took the journal for its own, and skipped rows that this host never had.
    #[test]
    fn a_journal_belongs_to_one_host_and_one_dataset() {
        let directory = tempfile::tempdir().unwrap();
        let begin = |host: &str, namespace: &str, name: &str| {
            // Nothing is sent.
            let client = DataLinks::builder(host, "k").build().unwrap();
            let dataset = client.dataset(namespace, name).unwrap();
            let ingest = dataset.ingest([json!({ "n": 1 })]).journal(directory.path().join("journal"));
            ingest.batches().map(|_| ()).map_err(|error| error.to_string())
        };
        let (here, there) = ("http://127.0.0.1:9/api/v1", "http://127.0.0.1:10/api/v1");
        begin(here, "a/b", "c").unwrap();
        begin(&format!("{here}/"), "a/b", "c").unwrap();
        for (host, namespace, name) in [(there, "a/b", "c"), (here, "a", "b/c"), (here, "a/b", "d")] {
            let error = begin(host, namespace, name).unwrap_err();
            assert!(error.contains("another host or dataset"), "{error}");
        }
    }
}
