//! The builder for an ingestion, and the requests that an ingestion sends.

use std::{collections::BTreeMap, future::IntoFuture, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, future::BoxFuture};
use reqwest::Url;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, value::RawValue};

use super::{
    adaptive::Pacer,
    batch_stream::BatchStream,
    begin,
    budget::{Budget, Spender},
    concurrency::Concurrency,
    dry_run::DryRun,
    engine::{Acknowledged, Deliver},
    estimate::{EstimateCost, USAGE_DELAY},
    options::{Delivery, IngestOptions},
    preview::preview,
    progress::IngestProgress,
    reconcile::Key,
    result::IngestionResult,
    source::Rows,
    stop::{RunGate, Stop, Unlimited},
};
use crate::{
    datasets::{Dataset, MatchTypes, SchemaDefinition},
    error::{Error, ErrorKind},
    json::EncodedRows,
    query::Filter,
    spending::AccountUsage,
    transport::{Body, Facts, Gate, operation},
    types::{
        Listing,
        description::description,
        inference_step::{self, InferenceStep},
    },
};

impl Dataset {
    /// Returns a builder that sends rows in batches; await it to get an [`IngestionResult`].
    ///
    /// A row is any type that serializes to a JSON object, such as a struct, a map or a `serde_json::Map`.
    ///
    /// Rows are always written to the caller's own namespaces. For a dataset of another user, awaiting the builder
    /// returns an error and sends nothing. An editor sends rows with [`upload`](Self::upload), whose route names
    /// the owner.
    ///
    /// # Examples
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

    /// Returns a builder that sends rows from a stream of any length.
    ///
    /// Use [`Ingest::batches`] for long streams. It keeps only batches in flight in memory, while awaiting the
    /// builder keeps every row for the result.
    pub fn ingest_stream<T: serde::Serialize + 'static>(
        &self,
        rows: impl futures::Stream<Item = T> + Send + 'static,
    ) -> Ingest<T> {
        Ingest::new(self.clone(), Rows::Stream(rows.map(Ok).boxed()))
    }

    /// Returns a builder that sends rows from a stream that may fail, with errors of any type.
    ///
    /// After the first error, no further row is pulled. The rows before it are sent, and the error is reported in
    /// [`IngestionResult::source_error`](crate::IngestionResult::source_error) or
    /// [`IngestionSummary::source_error`](crate::ingest::IngestionSummary::source_error). If the stream fails
    /// before its first row, the error is returned instead of a result.
    ///
    /// - An [`Error`] of this crate is returned unchanged.
    /// - Any other error becomes the [`source`](std::error::Error::source) of an error of kind
    ///   [`Source`](crate::ErrorKind::Source), and `downcast_ref` recovers its type. The message contains the index
    ///   of the last row before the error. The advice contains the number of stored rows once the run has ended.
    ///
    /// A reader of files is such a source. `Reader::into_stream` of the module `read` reads files without blocking
    /// async code. The example `database_cursor` reads the cursor of a database with a blocking driver.
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
        let redactor = self.client().connection().transport.redactor.clone();
        Ingest::new(self.clone(), Rows::fallible(rows, redactor))
    }
}

/// A builder for one ingestion. Await it to send all rows and get an [`IngestionResult`].
///
/// A run that fails after it has sent rows still returns a result, because rows may be stored already. This
/// includes an invalid API key, a missing dataset, a failing service and a failing source.
/// [`IngestionResult::into_result`] turns failures into an error.
///
/// Awaiting the builder returns an error in these cases only, in which the service has stored no row of the run:
///
/// - An option is invalid.
/// - A file cannot be opened.
/// - The source fails before its first row.
/// - The first rows differ from those in the [`journal`](Self::journal).
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

    /// Sets the maximum number of rows per request.
    ///
    /// `0` removes the limit on rows, so that only [`max_batch_bytes`](Self::max_batch_bytes) applies. Defaults to
    /// 1,000.
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.engine.batch_size = rows;
        self
    }

    /// Sets the maximum number of bytes of encoded rows per request, with the commas between them.
    ///
    /// A larger row is sent alone. The service does not document a limit. Defaults to 8 MiB. With
    /// [`compress_requests`](crate::DataLinksBuilder::compress_requests), the bytes before compression count.
    pub fn max_batch_bytes(mut self, bytes: usize) -> Self {
        self.engine.max_batch_bytes = bytes;
        self
    }

    /// Sets the number of requests in flight: a number from 1 to 64, or [`Concurrency::auto`].
    ///
    /// With more than one, batches may be stored in any order. An [`IngestionResult`] is always in input order.
    /// Defaults to 1, which stores rows in input order.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::ingest::Concurrency;
    ///
    /// let rows = (0..1_000_000).map(|n| serde_json::json!({ "n": n }));
    /// let ingest = dl.dataset("numbers", "all")?.ingest(rows).concurrency(Concurrency::auto().max_requests(16));
    /// let ingest = ingest.on_progress(|now| println!("{:?}", now.setting));
    /// println!("{}", ingest.await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn concurrency(mut self, requests: impl Into<Concurrency>) -> Self {
        self.engine.concurrency = requests.into();
        self
    }

    /// Adapts the size of batches to the service, below [`batch_size`](Self::batch_size) and
    /// [`max_batch_bytes`](Self::max_batch_bytes). Off by default.
    ///
    /// - The first batches have an eighth of the maximum number of rows, or 1,000 rows without a maximum.
    /// - The number of rows grows by the same step while the service responds within ten seconds.
    /// - It is halved after a slower response and after a failure of the service. It stays after a 429 or 503, because
    ///   smaller batches need more requests.
    /// - After a 413, the number of bytes falls below that of the rejected request, and approaches it again in a few
    ///   steps. The batch itself is halved, as without this option. After some hundred responses, a larger batch tests
    ///   whether the limit of the service was raised.
    ///
    /// Do not use it if inference steps cost model time, because the output of a step may depend on the rows of its
    /// request.
    pub fn adaptive_batch_size(mut self) -> Self {
        self.engine.adaptive_batch_size = true;
        self
    }

    /// Sets how requests with an ambiguous outcome are handled. Defaults to [`Delivery::AtLeastOnce`].
    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.engine.delivery = delivery;
        self
    }

    /// Sets [`Delivery::Reconciled`] by the key of each row in this column.
    ///
    /// After a request with an ambiguous outcome, the keys of its rows are queried until the result has not changed
    /// for the [window](Self::reconcile_window), with at most 50 keys per query. Rows whose key is found count as
    /// stored. The other rows are sent again.
    ///
    /// - A key is a string or an integer. The caller ensures that it identifies one row of the dataset. A row
    ///   counts as stored if the dataset contains its key, no matter which writer stored it.
    /// - Keys are compared by their characters or digits, and letter case matters. The integer `5` and the string
    ///   `"5"` are the same key, because the service may store numbers as strings.
    /// - A row without a usable key is sent like any other row. After an ambiguous outcome, it is reported as
    ///   failed with [`is_ambiguous`](crate::FailedRow::is_ambiguous) and is not sent again. A key is not usable if
    ///   the column is missing, `null` or of another type, if two rows of one batch share the key, or if a query
    ///   cannot contain it (a string with a backslash, a control character or both kinds of quotes).
    /// - If several rows of the dataset have the key, the row is listed in
    ///   [`possibly_duplicated`](IngestionResult::possibly_duplicated).
    ///
    /// The service does not document when stored rows become visible to queries. The window also covers that delay.
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

    /// Sets how long the dataset must stay unchanged before [`Delivery::Reconciled`] decides.
    ///
    /// Rows that arrive within the window are found. Rows that are sent again because none arrived are reported as
    /// possibly stored twice, so a longer window reports fewer of them. If the dataset keeps changing for ten
    /// windows, reading stops. `Duration::ZERO` decides when two consecutive reads return the same. Defaults to 30
    /// seconds, at most one hour.
    pub fn reconcile_window(mut self, window: Duration) -> Self {
        self.engine.reconcile_window = window;
        self
    }

    /// Sets the number of consecutive batches without a success after which the run stops.
    ///
    /// Without this limit, a service outage fails every row of the source, batch by batch, with all retries. Rows
    /// that were not sent are reported as failed with the error that stopped the run, and are certainly not stored.
    ///
    /// - A batch has a success if at least one of its rows was stored.
    /// - Batches are counted in the order in which they end. Requests in flight when the run stops are completed,
    ///   so with a [`concurrency`](Self::concurrency) of `c`, up to `c - 1` further batches are sent. If a short
    ///   outage must not stop the run, set a multiple of the concurrency.
    /// - A batch that the service rejects because of its rows (400, 413 or 422) resets the count, because the
    ///   service is reachable.
    /// - A batch of which no request was sent does not count.
    ///
    /// `0` removes the limit. Defaults to 10.
    pub fn max_batches_without_success(mut self, batches: usize) -> Self {
        self.engine.max_batches_without_success = batches;
        self
    }

    /// Sets the maximum number of extra requests that isolate the invalid rows of rejected batches (400 or 422).
    ///
    /// `0` fails a rejected batch as a whole. Defaults to 100.
    pub fn max_isolation_requests(mut self, requests: usize) -> Self {
        self.engine.max_isolation_requests = requests;
        self
    }

    /// Limits what the run may cost. Unlimited by default.
    ///
    /// Before each attempt of a request, the usage that the service reports since the start of the run is added to the
    /// estimates of all requests that may not be reported yet and of the next one. If the sum is above the limit, the attempt
    /// waits until more is reported, and then stops the run if the next request alone would pass the limit. The run returns its
    /// result with the error in [`stopped`](IngestionResult::stopped) (kind [`Budget`](ErrorKind::Budget)) and the account in
    /// [`budget`](IngestionResult::budget). To continue, run it again with a [`journal`](Self::journal) and a new budget, which
    /// counts from the start of that run.
    ///
    /// - The service ties usage to no run, so other work of the account counts, too.
    /// - The service does not document how late it reports usage. A request counts as reported 30 seconds after its end
    ///   ([`Budget::usage_delay`]). Usage that is reported later lets the run cost more than the limit.
    /// - Usage is read before the first request, before a request starts if the last reading is 10 seconds old or older, and
    ///   where an attempt waits. If it cannot be read, the run stops.
    /// - The estimate of a request is its number of bytes times the cost per byte so far. Until the first request is reported,
    ///   no other is sent, unless [`Budget::estimate`] gives a rate. If no usage is reported for it, the run stops.
    /// - With a journal, a request that waits is recorded as sent. If the process is killed then, the next run handles it as one
    ///   with an ambiguous outcome.
    /// - The time that an attempt waits counts against the time limits of its call ([`CallOptions`](crate::CallOptions)).
    /// - A run ends when the usage of its last request counts as reported, so it takes 30 seconds longer.
    ///
    /// The limit is exceeded by at most what the requests that were not reported yet at the start of the last one cost beyond
    /// their estimates, retries included. [`BudgetReport::may_exceed_by`](super::BudgetReport::may_exceed_by) has the amount.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::{ErrorKind, InferenceStep, ingest::Budget};
    ///
    /// let rows = (0..10_000).map(|n| serde_json::json!({ "title": format!("Film {n}") }));
    /// let ingest = dl.dataset("cinema", "films")?.ingest(rows).steps([InferenceStep::rows("cast")]);
    /// let result = ingest.budget(Budget::tokens(200_000)).journal("films.journal").await?;
    /// if let Some(error) = result.stopped.as_ref().filter(|error| error.kind() == ErrorKind::Budget) {
    ///     println!("{} rows stored before the end: {error}", result.counts.stored);
    /// }
    /// if let Some(report) = &result.budget {
    ///     println!("{report}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn budget(mut self, budget: Budget) -> Self {
        self.engine.budget = Some(budget);
        self
    }

    /// Sets a function that is called after each batch, on the task that polls the ingestion. It should not block.
    pub fn on_progress(mut self, observer: impl Fn(&IngestProgress) + Send + Sync + 'static) -> Self {
        self.engine.progress = Some(Arc::new(observer));
        self
    }

    /// Sets the maximum time that a partial batch waits for more rows, counted from its first row.
    ///
    /// The limit applies to streams only. [`Duration::ZERO`] sends the rows that the stream has ready.
    /// [`Duration::MAX`] sends only full batches, and the last batch at the end of the stream. While
    /// [`concurrency`](Self::concurrency) requests are in flight, a partial batch keeps collecting rows. Defaults
    /// to 1 second.
    pub fn linger(mut self, time: Duration) -> Self {
        self.engine.linger = Some(time);
        self
    }

    /// Records the run in a journal at this path, so that a later run can continue after a crash.
    ///
    /// To continue, run the ingestion again with the same rows, options and journal. Rows may be appended. Rows
    /// that an earlier run stored are not sent again ([`skipped`](crate::ingest::IngestionCounts::skipped)). If the
    /// outcome of rows was ambiguous when the earlier run ended, the [`delivery`](Self::delivery) decides:
    ///
    /// - [`Delivery::AtLeastOnce`] sends them again and reports them as possibly stored twice.
    /// - [`Delivery::AtMostOnce`] reports them as failed with an ambiguous outcome.
    /// - [`Delivery::Reconciled`] by key first queries their keys.
    /// - [`Delivery::Reconciled`] by count reads the row count until it has been stable for the
    ///   [window](Self::reconcile_window). The count decides the rows that the earlier run sent last, if no other
    ///   rows are ambiguous. Other rows are reported as with [`Delivery::AtMostOnce`].
    ///
    /// Two lines per request are appended and synced, one before the request is sent and one when its outcome is
    /// known. The file stores row indexes and hashes, not rows. Lines are written on the runtime's threads for
    /// blocking work. The journal is not removed at the end of a run, so remove it when all rows are stored.
    ///
    /// # Errors
    ///
    /// Awaiting the builder returns an error before any row is sent if one of these conditions holds:
    ///
    /// - Another run uses the journal ([`InUse`](ErrorKind::InUse)). A run locks the file `<journal>.lock` next to the
    ///   journal, and the error names the process that holds the lock.
    /// - The journal belongs to another host, another dataset or other options. The options that must be equal are
    ///   the batch sizes in rows and bytes, and everything that is sent with the rows, such as inference steps. The
    ///   delivery and the concurrency may differ.
    /// - The journal has the format of an older release.
    /// - The journal records other rows. A list is compared as a whole. A stream is compared batch by batch, so a
    ///   difference after rows that were sent stops the run and is reported in
    ///   [`stopped`](IngestionResult::stopped).
    pub fn journal(mut self, path: impl Into<PathBuf>) -> Self {
        self.engine.journal = Some(path.into());
        self
    }

    /// Appends each failed row to this file as one JSON object per line (NDJSON).
    ///
    /// ```json
    /// {"state":"failed"    ,"journal":"5f0c…","index":3,"error":"…","ambiguous":false,"row":{"title":"Alien"}}
    /// ```
    ///
    /// Rows with `"ambiguous":true` may be stored, so check the dataset before you send them again. `row` is `null`
    /// if the row cannot be written as JSON. Every failed row that the result counts is written, including rows
    /// that were not sent because the run stopped. Rows that were still in the source stream when the run stopped
    /// are not written.
    ///
    /// With a [`journal`](Self::journal), a later run decides the same rows again. If it uses the same dead-letter
    /// file, it changes the `state` of the entries of this journal in place:
    ///
    /// - `stored` if the row was stored.
    /// - `superseded` if the row failed again and has a new entry.
    ///
    /// Send only rows whose state is `failed`. Without a journal, each run appends its own entries and changes no
    /// others.
    ///
    /// If an entry cannot be written, the run stops and reports the error in
    /// [`dead_letter_error`](IngestionResult::dead_letter_error).
    ///
    /// With `bad_records_to_dead_letters` (feature `read`), the file also contains entries for bad records.
    pub fn dead_letters(mut self, path: impl Into<PathBuf>) -> Self {
        self.engine.dead_letters = Some(path.into());
        self
    }

    /// Appends bad records of a file to the [dead letters](Self::dead_letters) and continues, instead of ending the
    /// run at the first bad record. Requires a dead-letter file.
    ///
    /// A bad record is an error of the stream that concerns a [`BadRow`](crate::read::BadRow):
    ///
    /// - A record that cannot be read as a row, from a reader that continues after it. Set
    ///   [`OnBadRow::Report`](crate::read::OnBadRow::Report) on the reader. A reader that stops at a bad record
    ///   ends the run, as it does without this option.
    /// - A row of a file that does not fit the type of [`RawRow::deserialize`](crate::read::RawRow::deserialize).
    ///
    /// Any other error of the stream ends the run. Each bad record has its own entry:
    ///
    /// ```json
    /// {"state":"failed"    ,"badRecord":0,"error":"…","ambiguous":false,"row":null,"file":"films.csv","line":3,"column":5,"text":"Alien,1979,x"}
    /// ```
    ///
    /// `badRecord` is the index of the bad record among the bad records of the run. `text` is the whole record from
    /// the file, or the JSON of a row that does not fit the type. If the record is not UTF-8, `base64` contains its
    /// bytes.
    ///
    /// # Later runs of a journal
    ///
    /// With a [`journal`](Self::journal), the entry has three more members: the id of the `journal`, a hash of the
    /// file name and the record (`record`), and the number of earlier bad records of the run with the same hash
    /// (`occurrence`). A later run of the journal changes the `state` of these entries in place to `superseded` in
    /// two cases:
    ///
    /// - The run finds the same record in the same file again, on any line, and has written a new entry for it.
    /// - The run has read its whole source without finding the record, so the record was corrected or removed. A
    ///   run that stopped, whose source failed, or that has fewer rows than the journal records leaves these
    ///   entries unchanged. A reader that skips bad records ([`OnBadRow::Skip`](crate::read::OnBadRow::Skip))
    ///   counts as a source without them.
    ///
    /// A bad record among rows that the journal records is written after the batch around it has been compared with
    /// the journal. If the comparison shows other rows before any row was sent, the run is rejected, and entries
    /// from this batch on are not written. At most 10,000 bad records, or 16 MiB and one record, wait for the
    /// comparison. If one batch contains more, they are written before it is compared. With a journal, the hashes
    /// of the bad records stay in memory until the run ends.
    ///
    /// # Counts
    ///
    /// Bad records have no index and are not failed rows. They are counted and returned as
    /// [`bad_records`](IngestionResult::bad_records), and [`check`](IngestionResult::check) returns the first of
    /// them as an error if no row failed and the run was not stopped. Entries are written on the runtime's threads
    /// for blocking work. At most 1,000 bad records, or 1 MiB and one record, wait to be written.
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
    /// # let directory = tempfile::tempdir()?;
    /// # let (path, letters) = (directory.path().join("films.csv"), directory.path().join("failed.ndjson"));
    /// // Line 3 has too many cells, and the year in line 4 is not a number.
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

    /// Sets the inference steps. The service runs them in order on each row before it stores the row.
    ///
    /// Most steps call a model, which uses tokens for every row.
    pub fn steps(mut self, steps: impl IntoIterator<Item = InferenceStep>) -> Self {
        self.steps = Some(steps.into_iter().collect());
        self
    }

    /// Sets the links that the service searches for in these rows (entity resolution).
    pub fn link(mut self, match_types: MatchTypes) -> Self {
        self.link = match_types.requested();
        self
    }

    /// Sets whether the service curates links afterwards.
    pub fn curate(mut self, curate: bool) -> Self {
        self.curate = Some(curate);
        self
    }

    /// Sets a description of the rows in natural language, which inference steps read. At most 10,000 characters.
    pub fn data_description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Sets the meaning of each field, which inference steps read.
    pub fn schema(mut self, schema: SchemaDefinition) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Sets further instructions for the inference steps.
    pub fn additional_instructions(mut self, text: impl Into<String>) -> Self {
        self.instructions = Some(text.into());
        self
    }

    /// Runs the inference steps over the rows and returns their output, each row as a `U`. Stores nothing.
    ///
    /// All rows are sent in one request, and the steps use model tokens, so this method is meant for a few rows.
    /// The request does not name a dataset, so the namespace may belong to another user. Rows that do not fit `U`
    /// are returned in [`Listing::rejected`](crate::Listing::rejected).
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](ErrorKind::InvalidInput) if an option is invalid or a row cannot be encoded.
    /// - The error of the source, if the rows come from a stream that fails.
    ///
    /// The call is not retried after an ambiguous outcome, because the steps use model tokens. See also [errors of
    /// every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request. Model tokens may have been used.
    ///
    /// # Examples
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
    pub async fn preview<U: DeserializeOwned>(self) -> Result<Listing<U>, Error> {
        let fields = self.fields()?;
        let rows = match self.rows {
            Rows::All(rows) => rows,
            Rows::Stream(rows) => rows.try_collect().await?,
        };
        let written = EncodedRows::new(&rows)?.inside(&fields, "data")?;
        preview(self.dataset.client(), &fields, written).await
    }

    /// Returns a builder that estimates the cost of the run from a sample of at most `rows` rows. Stores nothing.
    ///
    /// The inference steps run over the sample by [`preview`](Self::preview), in up to ten requests with disjoint parts of the
    /// sample, one after the other. Usage is read before and after each. The spread of their costs gives the range, which
    /// contained the cost of the whole run in at least 95 of 100 simulated cases. A sample of 100 rows or more is recommended.
    /// Rows that cost much and are too rare to be in the sample are not in the range.
    ///
    /// The measurement costs what the steps cost for the sample. It takes a few seconds per request, and up to 30 seconds
    /// where usage is reported late ([`usage_delay`](EstimateCost::usage_delay)). If the usage cannot be attributed to the
    /// previews, the estimate has the reason in the place of the cost. See [`Estimate`](super::Estimate) for what it does not contain.
    ///
    /// # Errors
    ///
    /// Awaiting the builder returns the errors of [`preview`](Self::preview), or that of reading usage. Previews that were sent
    /// have used tokens.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request in flight. Model tokens may have been used.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::{InferenceStep, ingest::{Budget, Measurement}, spending::Usd};
    ///
    /// let films = dl.dataset("cinema", "films")?;
    /// let rows: Vec<_> = (0..10_000).map(|n| serde_json::json!({ "title": format!("Film {n}") })).collect();
    /// let steps = [InferenceStep::rows("cast")];
    /// let estimate = films.ingest(rows.clone()).steps(steps.clone()).estimate(100).await?;
    /// println!("{estimate}");
    /// if let Measurement::NotMeasurable(reason) = &estimate.cost {
    ///     println!("the cost is not known: {reason}");
    /// }
    /// let budget = Budget::usd(Usd::dollars(5)).estimate(&estimate);
    /// let result = films.ingest(rows).steps(steps).budget(budget).journal("films.journal").await?;
    /// # let _ = result; Ok(())
    /// # }
    /// ```
    pub fn estimate(self, rows: usize) -> EstimateCost<T> {
        EstimateCost {
            fields: self.engine.check(self.steps.is_some()).and_then(|()| self.fields()),
            client: self.dataset.client().clone(),
            has_steps: self.steps.as_ref().is_some_and(|steps| !steps.is_empty()),
            batch_limits: (self.engine.batch_size, self.engine.max_batch_bytes),
            rows: self.rows,
            sampled_rows: rows,
            usage_delay: USAGE_DELAY,
            read_all: false,
        }
    }

    /// Returns all members of the request body except the rows. Options that are not set are left out.
    fn fields(&self) -> Result<Map<String, Value>, Error> {
        let unencodable =
            |error| Error::invalid("the options of the ingestion cannot be encoded").caused_by(error);
        let mut fields = Map::new();
        let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        if let Some(steps) = &self.steps {
            let steps = inference_step::checked(steps.iter().cloned())?;
            let steps = serde_json::to_value(steps).map_err(unencodable)?;
            set("infer", Map::from_iter([("steps".to_owned(), steps)]).into());
        }
        if let Some(link) = &self.link {
            link.check()?;
            set("link", serde_json::to_value(link).map_err(unencodable)?);
        }
        if let Some(curate) = self.curate {
            set("curate", curate.into());
        }
        if let Some(text) = &self.description {
            set("dataDescription", description(text)?.to_string().into());
        }
        if let Some(schema) = &self.schema {
            schema.check()?;
            set("schemaDefinition", serde_json::to_value(schema).map_err(unencodable)?);
        }
        if let Some(text) = &self.instructions {
            set("additionalInstructions", text.as_str().into());
        }
        Ok(fields)
    }

    /// Starts the ingestion and returns a stream of the outcomes of its batches, for input that does not fit into
    /// memory.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](ErrorKind::InvalidInput) if an option is invalid, or if the journal belongs to other
    ///   rows, options or another dataset.
    /// - [`InUse`](ErrorKind::InUse) if another run uses the journal.
    /// - [`Io`](ErrorKind::Io) if a file cannot be opened.
    ///
    /// No request is sent before the stream is polled.
    ///
    /// # Blocking
    ///
    /// With a [`journal`](Self::journal) or a [dead-letter file](Self::dead_letters), this method reads the file on
    /// the current thread. With a journal and a list, it also encodes the rows that the journal records. Awaiting
    /// the builder does both on the runtime's threads for blocking work.
    ///
    /// # Examples
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
        let pacer = Pacer::new(&self.engine);
        let limits: Arc<dyn Gate> = match &pacer {
            Some(pacer) => Arc::clone(pacer) as _,
            None => Arc::new(Unlimited),
        };
        let spender = self.engine.budget.clone().map(|budget| {
            let usage = AccountUsage::new(self.dataset.client().clone());
            Spender::new(budget, Box::new(usage), Arc::clone(&limits))
        });
        let limits = match &spender {
            Some(spender) => Arc::clone(spender) as _,
            None => limits,
        };
        let gate = Arc::new(RunGate { stop: Arc::default(), limits });
        let wire = Wire { dataset: self.dataset, url, pacer, spender, gate };
        begin(Arc::new(wire), self.rows, &fields, self.engine)
    }

    /// Returns the stream of [`batches`](Self::batches) of a run that sends nothing.
    ///
    /// The rows are encoded and grouped into batches as in a run that sends them, and each row that can be encoded
    /// counts as stored. The journal and the dead-letter file are neither read nor written, so the batches are those
    /// of a run without a journal. The concurrency and the size of batches are not adapted, and a partial batch waits
    /// for more rows. With `bad_records_to_dead_letters`, a bad record ends the rows nevertheless.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](ErrorKind::InvalidInput) if an option is invalid.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), datalinks::Error> {
    /// # let dl = datalinks::DataLinks::builder("http://127.0.0.1:9/api/v1", "key").build()?;
    /// let rows = (0..2_500).map(|n| serde_json::json!({ "n": n }));
    /// let plan = dl.dataset("numbers", "all")?.ingest(rows).dry_run()?.finish().await?;
    /// assert_eq!((plan.counts.stored, plan.counts.requests), (2_500, 3));
    /// # Ok(())
    /// # }
    /// ```
    pub fn dry_run(self) -> Result<BatchStream<T>, Error>
    where
        T: Send + 'static,
    {
        self.dataset.namespace().own_only("ingesting rows")?;
        let fields = self.fields()?;
        self.engine.check(self.steps.is_some())?;
        let IngestOptions { batch_size, max_batch_bytes, progress, .. } = self.engine;
        let options = IngestOptions {
            batch_size,
            max_batch_bytes,
            progress,
            delivery: Delivery::AtMostOnce,
            linger: Some(Duration::MAX),
            ..IngestOptions::default()
        };
        begin(Arc::new(DryRun), self.rows, &fields, options)
    }

    /// Calls [`batches`](Self::batches) on a thread for blocking work if there are files to open.
    async fn open(self) -> Result<BatchStream<T>, Error>
    where
        T: Send + 'static,
    {
        if self.engine.journal.is_none() && self.engine.dead_letters.is_none() {
            return self.batches();
        }
        // This future owns the task. If the future is dropped, the task closes the files after opening them and
        // sends nothing.
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

/// The service, as the engine reaches it.
struct Wire {
    dataset: Dataset,
    url: Url,
    /// Admits the attempts of requests with rows.
    pacer: Option<Arc<Pacer>>,
    /// Admits these attempts within the budget, and then by the pacer.
    spender: Option<Arc<Spender>>,
    /// Admits these attempts until the run stops, within the budget and by the pacer.
    gate: Arc<RunGate>,
}

/// The member of the response that counts rows. Servers up to version 2.21.1 respond without a body.
#[derive(Deserialize)]
struct Indexed {
    #[serde(deserialize_with = "datalinks_gen::whole::required")]
    indexed: i64,
}

impl Wire {
    async fn send(&self, body: Bytes, retry_ambiguous: bool) -> Result<Acknowledged, Error> {
        let options = self.dataset.client().options().clone().retry_ambiguous(retry_ambiguous);
        let gate: Arc<dyn Gate> = self.gate.clone();
        let options = options.gate(Some(gate));
        let connection = self.dataset.client().connection();
        let response =
            connection.send_json(operation("ingestData")?, self.url.clone(), body, &options).await?;
        let facts = Facts::of(&response);
        let (repeated, attempts) = (response.repeated, facts.context.attempts);
        let Body::Whole(body) = response.body else {
            let error = facts.unexpected("the response is a stream", b"").with_ambiguous(true);
            return Err(error.with_ambiguous_attempts(1 + u32::from(repeated)));
        };
        if body.trim_ascii().is_empty() {
            // An older server acknowledges without a row count.
            return Ok(Acknowledged { indexed: None, repeated, attempts });
        }
        match serde_json::from_slice::<Indexed>(&body) {
            Ok(Indexed { indexed }) => {
                let indexed = Some(indexed.max(0).unsigned_abs());
                Ok(Acknowledged { indexed, repeated, attempts })
            }
            // The rows may be stored, although the response does not follow the API.
            Err(error) => Err(facts
                .unexpected(format!("the acknowledgement does not follow the API: {error}"), &body)
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
                format!("the service reports {rows} rows for the dataset"),
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
        // Metadata columns are included because the name of the key column may begin with an underscore.
        let query = self.dataset.query().filter(filter).metadata_columns();
        let rows: Vec<BTreeMap<String, Box<RawValue>>> = query.fetch().await?;
        let key = |row: &BTreeMap<String, Box<RawValue>>| {
            row.get(column).and_then(|value| Key::canonical_of(value)).ok_or_else(|| {
                let what = format!("a row that was found by its key has no key in column {column:?}");
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
        // The URL contains the address of the service and each name as one segment.
        self.url.to_string()
    }

    fn pacer(&self) -> Option<Arc<Pacer>> {
        self.pacer.clone()
    }

    fn spender(&self) -> Option<Arc<Spender>> {
        self.spender.clone()
    }

    fn stop(&self) -> Option<Arc<Stop>> {
        Some(Arc::clone(&self.gate.stop))
    }
}

crate::client::builder_options!(Ingest<T>, dataset);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::client::DataLinks;

    /// Regression: a run against another host accepted the journal and skipped rows that this host never had.
    #[test]
    fn journal_of_another_host_or_dataset_is_rejected() {
        let directory = tempfile::tempdir().unwrap();
        let begin = |host: &str, namespace: &str, name: &str| {
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
            assert!(error.contains("belongs to another run: the dataset was"), "{error}");
        }
    }
}
