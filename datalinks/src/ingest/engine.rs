//! Delivery of one batch, until the outcome of every row is decided.
//!
//! For each batch, the engine
//!
//! 1. fails the rows that could not be encoded,
//! 2. looks up each sub-batch in the journal, and skips rows that an earlier run stored,
//! 3. sends the sub-batch as one request,
//! 4. splits it in half after a 413, and bisects it after a 400 or 422 to isolate the rejected rows,
//! 5. stops the run after a 401, 403 or 404, so that the remaining sub-batches fail without being sent,
//! 6. appends failed rows to the dead-letter file.
//!
//! Three rules hold. Every row ends as stored or failed, exactly once. With a journal, no request is sent before
//! the journal has recorded it. A row with an ambiguous outcome is never reported as certainly not stored.
//!
//! The engine reaches the service only through [`Deliver`], so tests run it against scripted failures on paused
//! time. Batches are built in [`super::batch`] and scheduled in [`super::batch_stream`]. Retries of a single
//! request are in [`crate::transport`].

use std::{
    ops::Range,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use super::{
    adaptive::Pacer,
    batch::{Batch, BatchBuilder, Envelope},
    budget::{BudgetReport, Spender},
    dead_letters::{DeadLetters, PendingWrites},
    failed_row::FailedRow,
    journal::{Journal, Part, Prior, State, hash, hash_body},
    options::{Delivery, IngestOptions},
    outcome::BatchOutcome,
    partially_indexed::PartiallyIndexedBatch,
    reconcile::{Key, Ledger},
    run_key::RunKey,
    stop::Stop,
    sub_batches::{Earlier, SubBatch, SubBatches},
};
use crate::{
    error::{Error, ErrorKind},
    json::{SealedBuffer, encode::Encoded},
};

/// The operations of the service that the engine needs.
pub(crate) trait Deliver: Send + Sync {
    /// Sends one ingest request with this body. The client's policy retries it if it was certainly not executed.
    /// After an ambiguous outcome, it is retried only if `retry_ambiguous` is set.
    fn deliver(&self, body: Bytes, retry_ambiguous: bool) -> BoxFuture<'_, Result<Acknowledged, Error>>;

    /// Returns the number of rows in the dataset.
    fn row_count(&self) -> BoxFuture<'_, Result<u64, Error>>;

    /// Returns the value of `column` in every row that has one of these keys, in the canonical form of keys. `keys`
    /// has at most 50 elements.
    fn find_keys<'a>(&'a self, column: &'a str, keys: &'a [Key])
    -> BoxFuture<'a, Result<Vec<String>, Error>>;

    /// Returns the host and the name of the dataset, which a journal is bound to.
    fn dataset_name(&self) -> String;

    /// Returns the pacer that admits the attempts of [`deliver`](Self::deliver), or `None` if all settings are fixed.
    fn pacer(&self) -> Option<Arc<Pacer>> {
        None
    }

    /// Returns what admits the attempts of [`deliver`](Self::deliver) within the budget, or `None` without a budget.
    fn spender(&self) -> Option<Arc<Spender>> {
        None
    }

    /// Returns the stop after which [`deliver`](Self::deliver) starts no attempt, or `None` if attempts start nevertheless.
    fn stop(&self) -> Option<Arc<Stop>> {
        None
    }
}

/// A request that the service acknowledged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acknowledged {
    /// Number of rows that the service reports as indexed, or `None` if it reports no number.
    pub(crate) indexed: Option<u64>,
    /// Set if an earlier attempt had an ambiguous outcome, so that the rows may be stored twice.
    pub(crate) repeated: bool,
    /// Number of attempts.
    pub(crate) attempts: u32,
}

/// Delivers the batches of one run, one call of [`deliver_batch`](Self::deliver_batch) each.
pub(super) struct Engine {
    deliver: Arc<dyn Deliver>,
    envelope: Envelope,
    options: IngestOptions,
    /// Number of extra requests that may still be sent to isolate rejected rows.
    isolation_left: AtomicUsize,
    /// The error that stopped the run. Every further request would fail in the same way, or is not wanted.
    stop: Arc<Stop>,
    /// Set once a request was sent.
    sent: AtomicBool,
    /// The error of a journal that records other rows than those of this run.
    other_rows: OnceLock<Error>,
    journal: Option<Journal>,
    /// Set once the last request of the earlier run has been reconciled, as far as possible. Contains the rows that
    /// the count does not show.
    reconciled: OnceCell<Option<Range<usize>>>,
    pub(super) ledger: Mutex<Ledger>,
    /// Number of consecutive batches without a success, in the order in which they end.
    without_success: AtomicUsize,
    dead_letters: Option<DeadLetters>,
    /// The first error of the dead-letter file.
    dead_letter_error: OnceLock<Error>,
}

/// The state of one row.
#[derive(Clone)]
enum Verdict {
    Undecided,
    Stored,
    Failed(Error),
}

/// A batch in delivery, with the states of its rows.
pub(super) struct BatchState<T> {
    batch: Batch<T, SealedBuffer>,
    verdicts: Vec<Verdict>,
    /// Rows that may be stored twice.
    twice: Vec<bool>,
    /// Set if the service stored rows of this batch or rejected them for their content.
    responsive: bool,
    /// The last failure that does not concern the content of the rows.
    failure: Option<Error>,
    outcome: BatchOutcome<T>,
}

impl Engine {
    /// Creates an engine. Validates the options, and opens the journal and the dead-letter file, which blocks the
    /// thread. Sends no request.
    pub(super) fn new(
        deliver: Arc<dyn Deliver>,
        fields: &Map<String, Value>,
        options: IngestOptions,
    ) -> Result<Self, Error> {
        options.check(fields.contains_key("infer"))?;
        let run = RunKey {
            batch_size: options.batch_size,
            dataset: deliver.dataset_name(),
            fields,
            max_batch_bytes: options.max_batch_bytes,
        };
        let run = serde_json::to_string(&run).map_err(|error| {
            Error::invalid("the options of the ingestion cannot be encoded").caused_by(error)
        })?;
        let journal = options.journal.as_deref().map(|path| Journal::open(path, &run));
        let retries = options.delivery == Delivery::AtLeastOnce;
        let journal = journal.transpose()?.map(|journal| journal.with_retries(retries));
        let dead_letters = options.dead_letters.as_deref().map(|path| match &journal {
            None => DeadLetters::open(path, None),
            Some(journal) => {
                journal.check_other(path)?;
                Ok(DeadLetters::open(path, Some(journal.id()))?.holding(Some(journal.hold())))
            }
        });
        let envelope = Envelope::new(fields)?;
        if let Some(pacer) = deliver.pacer() {
            pacer.set_overhead(envelope.overhead());
        }
        Ok(Self {
            stop: deliver.stop().unwrap_or_default(),
            deliver,
            envelope,
            isolation_left: AtomicUsize::new(options.max_isolation_requests),
            sent: AtomicBool::new(false),
            other_rows: OnceLock::new(),
            journal,
            reconciled: OnceCell::new(),
            ledger: Mutex::default(),
            without_success: AtomicUsize::new(0),
            dead_letters: dead_letters.transpose()?,
            dead_letter_error: OnceLock::new(),
            options,
        })
    }

    pub(super) fn options(&self) -> &IngestOptions {
        &self.options
    }

    /// Returns the index at which the batch that starts at `first` must end, if the journal records one.
    pub(super) fn batch_end(&self, first: usize) -> Option<usize> {
        self.journal.as_ref()?.batch_end(first)
    }

    /// Checks that the rows match those of the journal, as far as the journal goes. Encodes these rows.
    pub(super) fn check_journal<T: Serialize>(&self, rows: &[T]) -> Result<(), Error> {
        let Some(journal) = &self.journal else { return Ok(()) };
        let mut batch_builder = BatchBuilder::new(self.options.batch_size, self.options.max_batch_bytes);
        batch_builder.end_at(journal.batch_end(0));
        let mut rows = rows.iter();
        loop {
            if batch_builder.end().is_none() {
                // The journal records no rows from here on.
                return Ok(());
            }
            while !batch_builder.is_full()
                && let Some(row) = rows.next()
            {
                batch_builder.push(row);
            }
            let Some(batch) = batch_builder.take() else { return Ok(()) };
            batch_builder.end_at(journal.batch_end(batch_builder.first()));
            let mut sub_batches = SubBatches::whole(batch.buffer.rows.len());
            while let Some(sub_batch) = sub_batches.next() {
                let rows = &batch.buffer.rows[sub_batch.rows.clone()];
                let body = self.envelope.body(&batch.buffer, rows);
                if journal.prior(&index_range(rows), hash(&body))? == Prior::SubBatches {
                    sub_batches.halve(sub_batch.rows, sub_batch.earlier);
                }
            }
        }
    }

    /// Returns the error that rejected the journal, if no request was sent.
    pub(super) fn rejected_journal(&self) -> Option<Error> {
        self.other_rows.get().filter(|_| !self.sent.load(Ordering::Relaxed)).cloned()
    }

    /// Returns `true` if the journal records other rows than those of this run.
    #[cfg(feature = "read")]
    pub(super) fn met_other_rows(&self) -> bool {
        self.other_rows.get().is_some()
    }

    /// Returns the first error of the dead-letter file.
    pub(super) fn dead_letter_error(&self) -> Option<Error> {
        self.dead_letter_error.get().cloned()
    }

    /// Returns the account of the budget, or `None` without a budget.
    pub(super) fn budget_report(&self) -> Option<BudgetReport> {
        self.deliver.spender().map(|spender| spender.report())
    }

    /// Returns the error that stopped the run.
    pub(super) fn stopped(&self) -> Option<Error> {
        self.stop.error().cloned()
    }

    /// Stops the run, so that no further request is sent.
    pub(super) fn stop(&self, error: Error) {
        self.stop.stop(error);
    }

    pub(super) fn deliver(&self) -> &dyn Deliver {
        &*self.deliver
    }

    pub(super) fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// Returns the request body with these rows, which is a copy unless these are all encoded rows of the batch.
    pub(super) fn body<T>(&self, rows: &[Encoded], batch_state: &BatchState<T>) -> Bytes {
        let buffer = batch_state.buffer();
        if rows.len() == buffer.rows.len() { buffer.bytes.clone() } else { self.envelope.body(buffer, rows) }
    }

    /// Delivers a batch and returns its outcome. Splits the batch into sub-batches if the service rejects it as a
    /// whole.
    pub(super) async fn deliver_batch<T>(&self, batch: Batch<T>) -> BatchOutcome<T> {
        let mut batch_state = BatchState::new(self.envelope.seal(batch));
        if self.reconciles_by_count() && self.stop.error().is_none() {
            self.reconciled.get_or_init(|| self.reconcile_earlier_run()).await;
        }
        if self.stop.error().is_some() {
            // A stopped run does not wait for responses, and many batches may follow.
            tokio::task::yield_now().await;
        }
        let mut sub_batches = SubBatches::whole(batch_state.batch.buffer.rows.len());
        while let Some(sub_batch) = sub_batches.next() {
            let rows = batch_state.batch.buffer.rows[sub_batch.rows.clone()].to_vec();
            let body = self.body(&rows, &batch_state);
            // The hash is computed once per body because bodies may be large.
            let hash = if self.journal.is_some() { hash_body(&body).await } else { 0 };
            let earlier = match self.prior_outcome(&sub_batch, &rows, hash) {
                PriorOutcome::New(earlier) => earlier,
                PriorOutcome::Ambiguous { earlier, twice } => {
                    if twice {
                        batch_state.possibly_duplicated(&rows);
                    }
                    match earlier {
                        Some(earlier) => earlier,
                        None => {
                            batch_state.fail_all(&rows, &sent_by_earlier_run());
                            continue;
                        }
                    }
                }
                PriorOutcome::Stored { twice, missing } => {
                    batch_state.skip(&rows, twice, missing);
                    continue;
                }
                PriorOutcome::SubBatches => {
                    sub_batches.halve(sub_batch.rows, sub_batch.earlier);
                    continue;
                }
                PriorOutcome::Failed(error) => {
                    batch_state.fail_all(&rows, &error);
                    continue;
                }
            };
            if let Some(error) = self.stopped() {
                let rest = batch_state.undecided(&rows);
                let error = if earlier.is_ambiguous() { unsent_again(&error) } else { unsent(&error) };
                batch_state.fail_all(&rest, &error);
                continue;
            }
            let sub_batch = SubBatch { earlier, ..sub_batch };
            let body = Hashed { bytes: body, hash };
            if let Err(error) = self.send(&sub_batch, &rows, body, &mut batch_state).await {
                self.handle_failure(error, sub_batch, &rows, &mut sub_batches, &mut batch_state).await;
            }
        }
        self.count_success(&batch_state);
        let writes = self.writes(&batch_state);
        self.write_dead_letters(writes).await;
        batch_state.close()
    }

    /// Returns the outcome of these rows in an earlier run. Rows that differ from those of the journal stop the
    /// run.
    fn prior_outcome(&self, sub_batch: &SubBatch, rows: &[Encoded], hash: u64) -> PriorOutcome {
        // For halves of a request that is ambiguous in this run, the journal has no newer information.
        let Some(journal) = self.journal.as_ref().filter(|_| !sub_batch.earlier.is_ambiguous()) else {
            return PriorOutcome::New(sub_batch.earlier);
        };
        let rows = index_range(rows);
        let twice = match journal.prior(&rows, hash) {
            Ok(Prior::New) => return PriorOutcome::New(Earlier::NotStored),
            Ok(Prior::SubBatches) => return PriorOutcome::SubBatches,
            Ok(Prior::Sent(state)) => match state {
                State::Acknowledged { twice, missing } => return PriorOutcome::Stored { twice, missing },
                State::Rejected => return PriorOutcome::New(Earlier::NotStored),
                State::Sent => false,
                State::Ambiguous { twice } => twice,
            },
            // After a stop no rows are pulled, so a batch may be smaller than in the earlier run.
            Err(_) if self.stop.error().is_some() && self.other_rows.get().is_none() => {
                return PriorOutcome::New(Earlier::Ambiguous);
            }
            Err(error) => {
                // The first error is kept in both cells.
                let _ = self.other_rows.set(error.clone());
                self.stop(error.clone());
                return PriorOutcome::Failed(unsent(&error).with_ambiguous(true));
            }
        };
        let may_be_sent = match self.options.delivery {
            Delivery::AtLeastOnce => true,
            Delivery::AtMostOnce => false,
            // Keys are queried before the rows are sent. The count only shows the rows of the last request.
            Delivery::Reconciled => {
                let unseen = self.reconciled.get().and_then(Option::as_ref);
                self.options.reconcile_by.is_some() || unseen.is_some_and(|unseen| *unseen == rows)
            }
        };
        PriorOutcome::Ambiguous { earlier: may_be_sent.then_some(Earlier::Ambiguous), twice }
    }

    fn reconciles_by_count(&self) -> bool {
        self.options.delivery == Delivery::Reconciled && self.options.reconcile_by.is_none()
    }

    /// Records parts of a sub-batch separately in the journal.
    async fn record_parts(&self, mut parts: Vec<Part>) {
        parts.retain(|part| !part.rows.is_empty());
        let (Some(journal), false) = (&self.journal, parts.is_empty()) else { return };
        journal.parts(parts).await.unwrap_or_else(|error| self.stop(error));
    }

    /// Returns the journal record of these rows.
    fn part<T>(&self, rows: &[Encoded], state: State, batch_state: &BatchState<T>) -> Part {
        let hash = if self.journal.is_some() { hash(&self.body(rows, batch_state)) } else { 0 };
        let batch = batch_state.batch.index_range();
        Part { rows: index_range(rows), without: gaps(rows), hash, state, batch }
    }

    /// Records which rows of an ambiguous request are stored. The parts are obtained by halving, as the next run
    /// looks them up in the same way.
    pub(super) async fn record_decided<T>(&self, rows: &[Encoded], batch_state: &mut BatchState<T>) {
        if self.journal.is_none() {
            return;
        }
        let (mut parts, mut decided) = (vec![rows], Vec::new());
        while let Some(part) = parts.pop() {
            let state = if batch_state.all_stored(part) {
                State::Acknowledged { twice: batch_state.any_twice(part), missing: batch_state.missing(part) }
            } else if batch_state.none_stored(part) {
                batch_state.ambiguous_state(part)
            } else {
                // The second half is recorded first. Until the first half is recorded, the journal contains the whole.
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([first, second]);
                continue;
            };
            if part.len() == rows.len() {
                self.record_outcome(&index_range(rows), state).await;
            } else {
                decided.push(self.part(part, state, batch_state));
            }
        }
        self.record_parts(decided).await;
    }

    /// Handles a failed sub-batch: splits it, or fails its undecided rows.
    async fn handle_failure<T>(
        &self,
        error: Error,
        sub_batch: SubBatch,
        rows: &[Encoded],
        sub_batches: &mut SubBatches,
        batch_state: &mut BatchState<T>,
    ) {
        let rest = batch_state.undecided(rows);
        let ambiguous = error.is_ambiguous();
        let may_help = match error.kind() {
            // Rows that may be stored are not sent again.
            _ if ambiguous && self.options.delivery == Delivery::AtMostOnce => false,
            ErrorKind::TooLarge => true,
            ErrorKind::Rejected => sub_batch.rows.len() > 1 && self.take_isolation(),
            _ => false,
        };
        if may_help && sub_batch.rows.len() > 1 {
            let earlier = if ambiguous { Earlier::AmbiguousAndSettled } else { Earlier::NotStored };
            if ambiguous {
                // The second half is recorded first. Until the first half is recorded, the journal contains the whole.
                let (first, second) = rows.split_at(rows.len() / 2);
                let halves = [second, first];
                let parts =
                    halves.map(|half| self.part(half, batch_state.ambiguous_state(half), batch_state));
                self.record_parts(parts.into()).await;
            }
            return sub_batches.halve(sub_batch.rows, earlier);
        }
        let error = if error.kind() == ErrorKind::Rejected && sub_batch.rows.len() > 1 {
            let cap = self.options.max_isolation_requests;
            error.and_advice(&format!(
                "the service rejects one of {} rows, which was not isolated because the limit of {cap} extra requests is \
                 reached; correct the row, or raise max_isolation_requests",
                rows.len()
            ))
        } else {
            error
        };
        self.fail_sent(&error, &rest, batch_state);
        if ambiguous && rest.len() < rows.len() {
            self.record_decided(rows, batch_state).await;
        }
    }

    /// Fails rows, and stops the run if every further request would fail in the same way.
    pub(super) fn fail_sent<T>(&self, error: &Error, rows: &[Encoded], batch_state: &mut BatchState<T>) {
        self.stop_if_lasting(error);
        batch_state.fail_sent(rows, error);
    }

    /// Stops the run after an error that every further request would return, too.
    pub(super) fn stop_if_lasting(&self, error: &Error) {
        let lasting = [ErrorKind::Unauthorized, ErrorKind::Forbidden, ErrorKind::NotFound, ErrorKind::Budget];
        // The service does not take the content type or the compression, which all requests have.
        let unsupported = error.status() == Some(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        if unsupported || lasting.contains(&error.kind()) {
            self.stop(error.clone());
        }
    }

    /// Returns `true` and reduces the limit if two more requests may be sent to isolate a row.
    fn take_isolation(&self) -> bool {
        self.isolation_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(2))
            .is_ok()
    }

    /// Stops the run after too many consecutive batches without a success.
    fn count_success<T>(&self, batch_state: &BatchState<T>) {
        if batch_state.responsive {
            return self.without_success.store(0, Ordering::Relaxed);
        }
        let Some(error) = &batch_state.failure else { return };
        let failed = self.without_success.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let most = self.options.max_batches_without_success;
        if most > 0 && failed >= most {
            self.stop(error.clone().advice(format!(
                "the run stopped after {failed} consecutive batches without a success; ingest the failed rows when \
                 the service is available, or raise max_batches_without_success"
            )));
        }
    }

    /// Sends a sub-batch with the selected delivery mode. An error applies to the rows that are not decided.
    async fn send<T>(
        &self,
        sub_batch: &SubBatch,
        rows: &[Encoded],
        body: Hashed,
        batch_state: &mut BatchState<T>,
    ) -> Result<(), Error> {
        match &self.options.reconcile_by {
            Some(column) => self.send_keyed(column, sub_batch, rows, body, batch_state).await,
            None if self.reconciles_by_count() => self.send_counted(sub_batch, rows, body, batch_state).await,
            None => {
                let ambiguous = sub_batch.earlier.is_ambiguous();
                self.record_request(rows, body.hash, None, ambiguous, &batch_state.batch.index_range())
                    .await?;
                let result = self.request(body.bytes, ambiguous, batch_state).await;
                self.apply_result(rows, ambiguous, result, batch_state).await
            }
        }
    }

    /// Records in the journal that rows are about to be sent. After an error, the rows must not be sent.
    pub(super) async fn record_request(
        &self,
        rows: &[Encoded],
        hash: u64,
        before: Option<u64>,
        ambiguous: bool,
        batch: &Range<usize>,
    ) -> Result<(), Error> {
        let Some(journal) = &self.journal else { return Ok(()) };
        let (rows, without) = (index_range(rows), gaps(rows));
        let noted = if ambiguous {
            // If the process ends now, both an earlier request and this one may have stored the rows.
            journal.ended(&rows, State::Ambiguous { twice: true }).await
        } else {
            journal.sent(&rows, without, hash, before, batch).await
        };
        noted.map_err(|error| {
            self.stop(error.clone());
            error.with_ambiguous(ambiguous)
        })
    }

    /// Sends one request and counts its attempts. `again` states that an earlier request with the rows has an ambiguous
    /// outcome, of which the error says nothing.
    pub(super) async fn request<T>(
        &self,
        body: Bytes,
        again: bool,
        batch_state: &mut BatchState<T>,
    ) -> Result<Acknowledged, Error> {
        let counts = &mut batch_state.outcome.counts;
        counts.requests += 1;
        let bytes = body.len() as u64;
        counts.bytes += bytes;
        let retry_ambiguous = self.options.delivery == Delivery::AtLeastOnce;
        self.sent.store(true, Ordering::Relaxed);
        let result = self.deliver.deliver(body, retry_ambiguous).await;
        let attempts = match &result {
            Ok(acknowledged) => acknowledged.attempts,
            Err(error) => error.attempts(),
        };
        counts.retries += attempts.saturating_sub(1) as usize;
        let stopped = self.stopped().filter(|_| self.deliver.stop().is_some());
        if result.is_err() && attempts == 0 && (stopped.is_some() || self.deliver.spender().is_some()) {
            // The budget rejected the request, or the run stopped before it was sent.
            counts.requests -= 1;
            counts.bytes -= bytes;
            if let Some(stopped) = stopped {
                let error = if again { unsent_again(&stopped) } else { unsent(&stopped) };
                return Err(error.with_ambiguous(false).with_ambiguous_attempts(0));
            }
        }
        result
    }

    /// Applies the result of a request with these rows. `ambiguous` states that an earlier request with the rows
    /// has an ambiguous outcome.
    pub(super) async fn apply_result<T>(
        &self,
        rows: &[Encoded],
        ambiguous: bool,
        result: Result<Acknowledged, Error>,
        batch_state: &mut BatchState<T>,
    ) -> Result<(), Error> {
        match result {
            Ok(Acknowledged { indexed, repeated, .. }) => {
                let twice = ambiguous || repeated;
                let missing = indexed.map_or(0, |indexed| (rows.len() as u64).saturating_sub(indexed));
                self.record_outcome(&index_range(rows), State::Acknowledged { twice, missing }).await;
                batch_state.store(rows, indexed, twice);
                Ok(())
            }
            Err(error) => {
                if u32::from(ambiguous) + error.ambiguous_attempts() > 1 {
                    batch_state.possibly_duplicated(rows);
                }
                // A rejection does not decide the requests before it.
                let ambiguous = ambiguous || error.is_ambiguous();
                let state = if ambiguous { batch_state.ambiguous_state(rows) } else { State::Rejected };
                self.record_outcome(&index_range(rows), state).await;
                Err(error.with_ambiguous(ambiguous))
            }
        }
    }

    /// Records the outcome of a request. Stops the run if that fails, because a later run could not resume
    /// correctly.
    pub(super) async fn record_outcome(&self, rows: &Range<usize>, state: State) {
        if let Some(journal) = &self.journal {
            journal.ended(rows, state).await.unwrap_or_else(|error| self.stop(error));
        }
    }

    /// Returns the dead-letter entries of failed rows, and the changes to entries of earlier runs.
    fn writes<T>(&self, batch_state: &BatchState<T>) -> Result<PendingWrites, Error> {
        let mut writes = PendingWrites::default();
        let Some(dead_letters) = &self.dead_letters else { return Ok(writes) };
        if self.rejected_journal().is_some() {
            // A rejected run leaves the dead-letter file unchanged.
            return Ok(writes);
        }
        let Batch { first, buffer, .. } = &batch_state.batch;
        let clear = dead_letters.is_clear();
        for (offset, verdict) in batch_state.verdicts.iter().enumerate() {
            let index = first + offset;
            match verdict {
                Verdict::Stored if !clear => dead_letters.stored(&mut writes, index),
                Verdict::Stored | Verdict::Undecided => {}
                Verdict::Failed(error) => {
                    let row = buffer.rows.binary_search_by_key(&index, |row| row.index).ok();
                    let row = row.and_then(|row| buffer.bytes.get(buffer.rows[row].bytes.clone()));
                    dead_letters.add(&mut writes, index, error, row)?;
                }
            }
        }
        Ok(writes)
    }

    /// Writes the entries of bad records. `first` bad records were written before, and `index` is the index of the
    /// next row.
    #[cfg(feature = "read")]
    pub(super) async fn write_bad_records<T>(
        &self,
        index: usize,
        first: usize,
        errors: Vec<Error>,
    ) -> BatchOutcome<T> {
        let mut writes = PendingWrites::default();
        if let Some(dead_letters) = &self.dead_letters {
            let mut numbered = errors.iter().enumerate();
            let added = numbered
                .try_for_each(|(n, error)| dead_letters.add_bad_record(&mut writes, first + n, error));
            self.write_dead_letters(added.map(|()| writes)).await;
        }
        let mut outcome = BatchOutcome::of_rows(index..index);
        outcome.bad_records = errors;
        outcome.counted()
    }

    /// Marks the entries of bad records that an earlier run found and this run did not. Called after the whole
    /// source was read.
    #[cfg(feature = "read")]
    pub(super) async fn no_more_bad_records(&self) {
        let mut writes = PendingWrites::default();
        if let Some(dead_letters) = &self.dead_letters {
            dead_letters.no_more_bad_records(&mut writes);
            self.write_dead_letters(Ok(writes)).await;
        }
    }

    /// Writes to the dead-letter file. Stops the run if that fails.
    async fn write_dead_letters(&self, writes: Result<PendingWrites, Error>) {
        let written = match (&self.dead_letters, writes) {
            (None, _) => Ok(()),
            (Some(dead_letters), Ok(writes)) => dead_letters.send(writes).await,
            (Some(_), Err(error)) => Err(error),
        };
        if let Err(error) = written {
            // The first error is kept in both cells.
            let _ = self.dead_letter_error.set(error.clone());
            self.stop(error);
        }
    }
}

/// A request body and its hash for the journal.
#[derive(Clone)]
pub(super) struct Hashed {
    pub(super) bytes: Bytes,
    pub(super) hash: u64,
}

/// The information of the journal about rows before they are sent.
enum PriorOutcome {
    /// The rows are to be sent.
    New(Earlier),
    /// An earlier run sent the rows with an ambiguous outcome. They are sent again unless `earlier` is `None`.
    Ambiguous { earlier: Option<Earlier>, twice: bool },
    /// An earlier run stored the rows, possibly twice.
    Stored { twice: bool, missing: u64 },
    /// An earlier run sent the rows as several sub-batches.
    SubBatches,
    /// The rows cannot be sent.
    Failed(Error),
}

/// Returns the error of rows that were not sent because the run stopped.
pub(super) fn unsent(error: &Error) -> Error {
    error
        .clone()
        .with_ambiguous(false)
        .and_advice("this row was not sent, because the run stopped at this error")
}

/// Returns the error of rows with an ambiguous outcome that were not sent again because the run stopped.
fn unsent_again(error: &Error) -> Error {
    error.clone().with_ambiguous(true).and_advice(
        "an earlier request with this row had an ambiguous outcome, and the run stopped at this error; check the \
         dataset before you send the row again",
    )
}

/// Returns the error of rows that an earlier run sent with an ambiguous outcome.
pub(super) fn sent_by_earlier_run() -> Error {
    let what = "an earlier run sent this row, and its outcome is not known";
    Error::new(ErrorKind::Interrupted, what).with_ambiguous(true)
}

/// Returns the index range from the first to the last of these rows.
pub(super) fn index_range(rows: &[Encoded]) -> Range<usize> {
    rows.first().map_or(0, |row| row.index)..rows.last().map_or(0, |row| row.index + 1)
}

/// Returns the rows in the range of these rows that are not among them, because they cannot be encoded.
fn gaps(rows: &[Encoded]) -> Vec<usize> {
    rows.windows(2)
        .flat_map(|pair| match pair {
            [row, next] => row.index + 1..next.index,
            _ => 0..0,
        })
        .collect()
}

impl<T> BatchState<T> {
    fn new(mut batch: Batch<T, SealedBuffer>) -> Self {
        let unencodable = std::mem::take(&mut batch.unencodable);
        let mut batch_state = Self {
            verdicts: vec![Verdict::Undecided; batch.rows.len()],
            twice: vec![false; batch.rows.len()],
            responsive: false,
            failure: None,
            outcome: BatchOutcome::of_rows(batch.index_range()),
            batch,
        };
        for (index, error) in unencodable {
            batch_state.fail(index, error);
        }
        batch_state
    }

    /// Returns the index range of the batch.
    pub(super) fn batch(&self) -> Range<usize> {
        self.batch.index_range()
    }

    pub(super) fn buffer(&self) -> &SealedBuffer {
        &self.batch.buffer
    }

    /// Returns those of these rows that are not decided.
    pub(super) fn undecided(&self, rows: &[Encoded]) -> Vec<Encoded> {
        let undecided = |row: &&Encoded| matches!(self.verdict(row), Verdict::Undecided);
        rows.iter().filter(undecided).cloned().collect()
    }

    pub(super) fn all_stored(&self, rows: &[Encoded]) -> bool {
        rows.iter().all(|row| matches!(self.verdict(row), Verdict::Stored))
    }

    pub(super) fn none_stored(&self, rows: &[Encoded]) -> bool {
        !rows.iter().any(|row| matches!(self.verdict(row), Verdict::Stored))
    }

    pub(super) fn any_twice(&self, rows: &[Encoded]) -> bool {
        rows.iter().any(|row| self.twice[row.index - self.batch.first])
    }

    /// Returns the number of these rows that the service did not index. A request is assigned to its first row.
    fn missing(&self, rows: &[Encoded]) -> u64 {
        let part = index_range(rows);
        let partial = self.outcome.partially_indexed.iter().filter(|batch| part.contains(&batch.rows.start));
        partial.map(|batch| batch.sent.saturating_sub(batch.indexed)).sum()
    }

    /// Returns the journal state of rows with an ambiguous outcome.
    pub(super) fn ambiguous_state(&self, rows: &[Encoded]) -> State {
        State::Ambiguous { twice: self.any_twice(rows) }
    }

    fn verdict(&self, row: &Encoded) -> &Verdict {
        &self.verdicts[row.index - self.batch.first]
    }

    fn fail(&mut self, index: usize, error: Error) {
        self.verdicts[index - self.batch.first] = Verdict::Failed(error);
    }

    pub(super) fn fail_all(&mut self, rows: &[Encoded], error: &Error) {
        rows.iter().for_each(|row| self.fail(row.index, error.clone()));
    }

    /// Returns `true` if a request with rows of this batch was sent in this run.
    pub(super) fn has_sent(&self) -> bool {
        self.outcome.counts.requests > 0
    }

    /// Fails rows, and records whether the failure concerns the service or the content of the rows.
    pub(super) fn fail_sent(&mut self, rows: &[Encoded], error: &Error) {
        match error.kind() {
            // The service is reachable and rejects the content of the rows.
            ErrorKind::Rejected | ErrorKind::TooLarge => self.responsive = true,
            _ => self.failure = Some(error.clone()),
        }
        self.fail_all(rows, error);
    }

    /// Marks these rows as possibly stored twice.
    pub(super) fn possibly_duplicated(&mut self, rows: &[Encoded]) {
        rows.iter().for_each(|row| self.twice[row.index - self.batch.first] = true);
    }

    /// Marks rows as stored by an earlier run. The service did not index `missing` of them.
    fn skip(&mut self, rows: &[Encoded], twice: bool, missing: u64) {
        self.outcome.counts.skipped += rows.len();
        if missing > 0 {
            let sent = rows.len() as u64;
            let indexed = sent.saturating_sub(missing);
            self.outcome.partially_indexed.push(PartiallyIndexedBatch {
                rows: index_range(rows),
                sent,
                indexed,
            });
        }
        if twice {
            self.possibly_duplicated(rows);
        }
        self.decide_stored(rows);
    }

    /// Marks rows as stored. `indexed` is the number of rows that the service reports as indexed, or `None` if it
    /// reports no number.
    pub(super) fn store(&mut self, rows: &[Encoded], indexed: Option<u64>, twice: bool) {
        let sent = rows.len() as u64;
        let outcome = &mut self.outcome;
        outcome.counts.count_indexed(indexed);
        if let Some(indexed) = indexed.filter(|indexed| *indexed < sent) {
            outcome.partially_indexed.push(PartiallyIndexedBatch { rows: index_range(rows), sent, indexed });
        }
        if twice {
            self.possibly_duplicated(rows);
        }
        self.responsive = true;
        self.decide_stored(rows);
    }

    fn decide_stored(&mut self, rows: &[Encoded]) {
        for row in rows {
            self.verdicts[row.index - self.batch.first] = Verdict::Stored;
        }
    }

    /// Returns the index ranges of rows that may be stored twice.
    fn twice(&self) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for offset in (0..self.twice.len()).filter(|offset| self.twice[*offset]) {
            let index = self.batch.first + offset;
            match ranges.last_mut() {
                Some(last) if last.end == index => last.end = index + 1,
                _ => ranges.push(index..index + 1),
            }
        }
        ranges
    }

    fn close(self) -> BatchOutcome<T> {
        let twice = self.twice();
        let Self { batch, verdicts, mut outcome, .. } = self;
        outcome.possibly_duplicated = twice;
        if verdicts.iter().all(|verdict| matches!(verdict, Verdict::Stored)) {
            outcome.successful = batch.rows;
            return outcome.counted();
        }
        for (offset, (row, verdict)) in batch.rows.into_iter().zip(verdicts).enumerate() {
            let index = batch.first + offset;
            match verdict {
                Verdict::Stored => outcome.successful.push(row),
                Verdict::Failed(error) => outcome.failed.push(FailedRow { index, row, error }),
                // Every row is in a sub-batch or could not be encoded. This error would report a defect.
                Verdict::Undecided => {
                    let error =
                        Error::invalid(format!("row {index} was not sent because of a defect in this crate"));
                    outcome.failed.push(FailedRow { index, row, error });
                }
            }
        }
        outcome.counted()
    }
}
