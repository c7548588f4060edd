//! Sending one batch until each of its rows is decided.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use super::{
    batch::{Batch, Cutter, Envelope},
    dead_letters::{DeadLetters, Mail},
    failed_row::FailedRow,
    journal::{Journal, Part, Prior, State, hash, hash_body},
    options::{Delivery, IngestOptions},
    outcome::BatchOutcome,
    partially_indexed::PartiallyIndexedBatch,
    reconcile::{Key, Ledger},
    sub_batches::{Earlier, SubBatch, SubBatches},
};
use crate::{
    error::{Error, ErrorKind},
    json::{Buffer, encode::Encoded},
};

/// What the engine needs of the outside.
pub(crate) trait Deliver: Send + Sync {
    /// One ingest request with this body. It is repeated after a refusal by the policy of the client, and
    /// after an ambiguous outcome only if `retry_ambiguous`.
    fn deliver(&self, body: Bytes, retry_ambiguous: bool) -> BoxFuture<'_, Result<Acknowledged, Error>>;

    /// The number of rows that the dataset holds.
    fn row_count(&self) -> BoxFuture<'_, Result<u64, Error>>;

    /// Returns the value of `column` in every row that has one of these keys, in the canonical form of keys. At most 50
    /// keys are asked for at once.
    fn find_keys<'a>(&'a self, column: &'a str, keys: &'a [Key])
    -> BoxFuture<'a, Result<Vec<String>, Error>>;

    /// The dataset and the host that has it, to tell journals apart.
    fn dataset_name(&self) -> String;
}

/// A request that the service acknowledged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acknowledged {
    /// Rows it indexed, if it says so.
    pub(crate) indexed: Option<u64>,
    /// An attempt before it ended in doubt: the rows may be stored twice.
    pub(crate) repeated: bool,
    /// Requests that it took.
    pub(crate) attempts: u32,
}

pub(super) struct Engine {
    deliver: Arc<dyn Deliver>,
    envelope: Envelope,
    options: IngestOptions,
    /// Extra requests that may still be made to find bad rows.
    isolation_left: AtomicUsize,
    /// A refusal that every further request would meet too.
    stopped: OnceLock<Error>,
    /// Something was sent.
    sent: AtomicBool,
    /// The journal records other rows than those that came.
    other_rows: OnceLock<Error>,
    journal: Option<Journal>,
    /// What the earlier run sent last is known, as far as it can be. It holds the rows that the count does not show.
    reconciled: OnceCell<Option<Range<usize>>>,
    pub(super) ledger: Mutex<Ledger>,
    /// Batches in a row without a success, in the order in which they end.
    without_success: AtomicUsize,
    dead_letters: Option<DeadLetters>,
    /// A failed row could not be written to the file for them.
    dead_letter_error: OnceLock<Error>,
}

/// What became of one row.
#[derive(Clone)]
enum Verdict {
    Undecided,
    Stored,
    Failed(Error),
}

/// A batch while it is being sent.
pub(super) struct BatchState<T> {
    batch: Batch<T>,
    verdicts: Vec<Verdict>,
    /// Rows that may be stored twice.
    twice: Vec<bool>,
    /// The service stored rows of this batch, or rejected them for what they are: it is there.
    responsive: bool,
    /// The last other failure.
    failure: Option<Error>,
    outcome: BatchOutcome<T>,
}

/// What a journal knows its run by, as JSON text: the fields stay in this order, so that journals stay those of their runs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    batch_size: usize,
    dataset: String,
    fields: &'a Map<String, Value>,
    max_batch_bytes: usize,
}

impl Engine {
    /// Opens what has to be opened, which blocks the thread. An error means that nothing was sent.
    pub(super) fn new(
        deliver: Arc<dyn Deliver>,
        fields: &Map<String, Value>,
        options: IngestOptions,
    ) -> Result<Self, Error> {
        options.check(fields.contains_key("infer"))?;
        let run = Run {
            batch_size: options.batch_size,
            dataset: deliver.dataset_name(),
            fields,
            max_batch_bytes: options.max_batch_bytes,
        };
        let run = serde_json::to_string(&run).map_err(|error| {
            Error::invalid("the settings of the ingestion cannot be written").caused_by(error)
        })?;
        let journal = options.journal.as_deref().map(|path| Journal::open(path, &run));
        let journal = journal.transpose()?;
        let dead_letters = options.dead_letters.as_deref().map(|path| match &journal {
            None => DeadLetters::open(path, None),
            Some(journal) => {
                journal.check_other(path)?;
                Ok(DeadLetters::open(path, Some(journal.id()))?.holding(Some(journal.hold())))
            }
        });
        Ok(Self {
            deliver,
            envelope: Envelope::new(fields)?,
            isolation_left: AtomicUsize::new(options.max_isolation_requests),
            stopped: OnceLock::new(),
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

    /// The index at which the batch that begins at `first` must end, if an earlier run cut there.
    pub(super) fn cut(&self, first: usize) -> Option<usize> {
        self.journal.as_ref()?.cut(first)
    }

    /// Checks that rows are those of the journal, as far as it goes. Takes as long as encoding them.
    pub(super) fn check_journal<T: Serialize>(&self, rows: &[T]) -> Result<(), Error> {
        let Some(journal) = &self.journal else { return Ok(()) };
        let mut cutter = Cutter::new(self.options.batch_size, self.options.max_batch_bytes);
        cutter.end_at(journal.cut(0));
        let mut rows = rows.iter();
        loop {
            if cutter.end().is_none() {
                // The journal knows nothing from here on.
                return Ok(());
            }
            while !cutter.is_full()
                && let Some(row) = rows.next()
            {
                cutter.push(row);
            }
            let Some(batch) = cutter.take() else { return Ok(()) };
            cutter.end_at(journal.cut(cutter.first()));
            let mut sub_batches = SubBatches::whole(batch.buffer.rows.len());
            while let Some(sub_batch) = sub_batches.next() {
                let rows = &batch.buffer.rows[sub_batch.rows.clone()];
                let body = self.envelope.body(&batch.buffer, rows);
                if journal.prior(&index_range(rows), hash(&body))? == Prior::InPieces {
                    sub_batches.halve(sub_batch.rows, sub_batch.earlier);
                }
            }
        }
    }

    /// The error that rejected the journal, if nothing was sent.
    pub(super) fn rejected_journal(&self) -> Option<Error> {
        self.other_rows.get().filter(|_| !self.sent.load(Ordering::Relaxed)).cloned()
    }

    /// Returns `true` if the journal records other rows than those that came.
    #[cfg(feature = "read")]
    pub(super) fn met_other_rows(&self) -> bool {
        self.other_rows.get().is_some()
    }

    /// The first error that kept a failed row from the file for them.
    pub(super) fn dead_letter_error(&self) -> Option<Error> {
        self.dead_letter_error.get().cloned()
    }

    /// The error that stopped the run.
    pub(super) fn stopped(&self) -> Option<Error> {
        self.stopped.get().cloned()
    }

    /// No further request is made.
    pub(super) fn stop(&self, error: Error) {
        // The first one stays.
        let _ = self.stopped.set(error);
    }

    pub(super) fn deliver(&self) -> &dyn Deliver {
        &*self.deliver
    }

    pub(super) fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// The body that sends these rows.
    pub(super) fn body<T>(&self, rows: &[Encoded], batch_state: &BatchState<T>) -> Bytes {
        self.envelope.body(batch_state.buffer(), rows)
    }

    /// Sends a batch, in pieces if it is rejected whole, until every row of it is decided.
    pub(super) async fn deliver_batch<T>(&self, batch: Batch<T>) -> BatchOutcome<T> {
        let mut batch_state = BatchState::new(batch);
        if self.reconciles_by_count() {
            self.reconciled.get_or_init(|| self.reconcile_earlier_run()).await;
        }
        if self.stopped.get().is_some() {
            // Nothing is waited for from here on, and many batches may follow.
            tokio::task::yield_now().await;
        }
        let mut sub_batches = SubBatches::whole(batch_state.batch.buffer.rows.len());
        while let Some(sub_batch) = sub_batches.next() {
            let rows = batch_state.batch.buffer.rows[sub_batch.rows.clone()].to_vec();
            let body = self.body(&rows, &batch_state);
            // Once for each body: it may be large.
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
            let rest = batch_state.undecided(&rows);
            if let Some(error) = self.stopped() {
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
        let mail = self.mail(&batch_state);
        self.write_dead_letters(mail).await;
        batch_state.close()
    }

    /// What an earlier run knows of these rows.
    fn prior_outcome(&self, sub_batch: &SubBatch, rows: &[Encoded], hash: u64) -> PriorOutcome {
        // Of halves of what is ambiguous in this run, the journal knows nothing better.
        let Some(journal) = self.journal.as_ref().filter(|_| !sub_batch.earlier.is_ambiguous()) else {
            return PriorOutcome::New(sub_batch.earlier);
        };
        let rows = index_range(rows);
        let twice = match journal.prior(&rows, hash) {
            Ok(Prior::New) => return PriorOutcome::New(Earlier::NotStored),
            Ok(Prior::InPieces) => return PriorOutcome::SubBatches,
            Ok(Prior::Sent(state)) => match state {
                State::Acknowledged { twice, missing } => return PriorOutcome::Stored { twice, missing },
                State::Refused => return PriorOutcome::New(Earlier::NotStored),
                State::Sent => false,
                State::InDoubt { twice } => twice,
            },
            // A stopped run pulls no more rows, so that a batch may be smaller than that of the earlier run.
            Err(_) if self.stopped.get().is_some() && self.other_rows.get().is_none() => {
                return PriorOutcome::New(Earlier::Ambiguous);
            }
            Err(error) => {
                // The first one stays, in both.
                let _ = self.other_rows.set(error.clone());
                self.stop(error.clone());
                return PriorOutcome::Failed(unsent(&error).with_ambiguous(true));
            }
        };
        let may_be_sent = match self.options.delivery {
            Delivery::AtLeastOnce => true,
            Delivery::AtMostOnce => false,
            // Keys are read back before the rows are sent. The count tells of the last rows only.
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

    /// Notes rows by themselves that were sent as a part of others.
    async fn record_parts(&self, mut parts: Vec<Part>) {
        parts.retain(|part| !part.rows.is_empty());
        let (Some(journal), false) = (&self.journal, parts.is_empty()) else { return };
        journal.parts(parts).await.unwrap_or_else(|error| self.stop(error));
    }

    /// What [`record_parts`](Self::record_parts) notes of these rows.
    fn part<T>(&self, rows: &[Encoded], state: State, batch_state: &BatchState<T>) -> Part {
        let hash = if self.journal.is_some() { hash(&self.body(rows, batch_state)) } else { 0 };
        Part { rows: index_range(rows), hash, state, batch: batch_state.batch.index_range() }
    }

    /// Notes which rows of an ambiguous request are stored after all. The next run finds parts of rows by halving, so
    /// these parts are halves, too.
    pub(super) async fn record_decided<T>(&self, rows: &[Encoded], batch_state: &mut BatchState<T>) {
        if self.journal.is_none() {
            return;
        }
        let (mut parts, mut decided) = (vec![rows], Vec::new());
        while let Some(part) = parts.pop() {
            let state = if batch_state.all_stored(part) {
                State::Acknowledged { twice: batch_state.any_twice(part), missing: batch_state.missing(part) }
            } else if batch_state.none_stored(part) {
                batch_state.in_doubt(part)
            } else {
                // The second half first: until the first is noted, the journal knows the whole.
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

    /// Sends the rows of a piece in halves, if that may help, or fails those that are not decided.
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
                // The second half first: until the first is noted, the journal knows the whole.
                let (first, second) = rows.split_at(rows.len() / 2);
                let halves = [second, first];
                let parts = halves.map(|half| self.part(half, batch_state.in_doubt(half), batch_state));
                self.record_parts(parts.into()).await;
            }
            return sub_batches.halve(sub_batch.rows, earlier);
        }
        let error = if error.kind() == ErrorKind::Rejected && sub_batch.rows.len() > 1 {
            let cap = self.options.max_isolation_requests;
            error.advice(format!(
                "one of {} rows is refused; which one was not looked for, because {cap} extra requests were made \
                 already: correct it, or raise max_isolation_requests",
                rows.len()
            ))
        } else {
            error
        };
        self.give_up(&error, &rest, batch_state);
        if ambiguous && rest.len() < rows.len() {
            self.record_decided(rows, batch_state).await;
        }
    }

    /// Fails rows that were sent, or could not be.
    pub(super) fn give_up<T>(&self, error: &Error, rows: &[Encoded], batch_state: &mut BatchState<T>) {
        self.stop_if_lasting(error);
        batch_state.give_up(rows, error);
    }

    /// Stops the run at an error that every further request would meet, too.
    pub(super) fn stop_if_lasting(&self, error: &Error) {
        if matches!(error.kind(), ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::NotFound) {
            self.stop(error.clone());
        }
    }

    /// Whether two more requests may be made to find a bad row.
    fn take_isolation(&self) -> bool {
        self.isolation_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(2))
            .is_ok()
    }

    /// Stops the run after too many batches in a row without a success.
    fn count_success<T>(&self, batch_state: &BatchState<T>) {
        if batch_state.responsive {
            return self.without_success.store(0, Ordering::Relaxed);
        }
        let Some(error) = &batch_state.failure else { return };
        let failed = self.without_success.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let most = self.options.max_batches_without_success;
        if most > 0 && failed >= most {
            self.stop(error.clone().advice(format!(
                "the run stopped after {failed} batches in a row without a success; ingest the rows that failed when \
                 the service is back, or raise max_batches_without_success"
            )));
        }
    }

    /// Sends rows until their outcome is known, or cannot be. An error is about the rows that are not decided.
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
                self.announce(rows, body.hash, None, ambiguous, &batch_state.batch.index_range()).await?;
                let result = self.request(body.bytes, batch_state).await;
                self.conclude(rows, ambiguous, result, batch_state).await
            }
        }
    }

    /// Notes in the journal that rows are about to be sent. What is not in the journal is not sent.
    pub(super) async fn announce(
        &self,
        rows: &[Encoded],
        hash: u64,
        before: Option<u64>,
        ambiguous: bool,
        batch: &Range<usize>,
    ) -> Result<(), Error> {
        let Some(journal) = &self.journal else { return Ok(()) };
        let rows = index_range(rows);
        let noted = if ambiguous {
            // If this run dies now, the rows may be stored by an earlier request and by this one.
            journal.ended(&rows, State::InDoubt { twice: true }).await
        } else {
            journal.sent(&rows, hash, before, batch).await
        };
        noted.map_err(|error| {
            self.stop(error.clone());
            error.with_ambiguous(ambiguous)
        })
    }

    /// Makes one request.
    pub(super) async fn request<T>(
        &self,
        body: Bytes,
        batch_state: &mut BatchState<T>,
    ) -> Result<Acknowledged, Error> {
        let counts = &mut batch_state.outcome.counts;
        counts.requests += 1;
        counts.bytes += body.len() as u64;
        let retry_ambiguous = self.options.delivery == Delivery::AtLeastOnce;
        self.sent.store(true, Ordering::Relaxed);
        let result = self.deliver.deliver(body, retry_ambiguous).await;
        let attempts = match &result {
            Ok(acknowledged) => acknowledged.attempts,
            Err(error) => error.attempts(),
        };
        counts.retries += attempts.saturating_sub(1) as usize;
        result
    }

    /// Takes what a request with these rows brought. `ambiguous` says whether one before may be carried out, too.
    pub(super) async fn conclude<T>(
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
                // A rejection says nothing about the requests before.
                let ambiguous = ambiguous || error.is_ambiguous();
                let state = if ambiguous { batch_state.in_doubt(rows) } else { State::Refused };
                self.record_outcome(&index_range(rows), state).await;
                Err(error.with_ambiguous(ambiguous))
            }
        }
    }

    /// Notes the end of a request. When that fails, nothing more is sent: the next run could not tell.
    pub(super) async fn record_outcome(&self, rows: &Range<usize>, state: State) {
        if let Some(journal) = &self.journal {
            journal.ended(rows, state).await.unwrap_or_else(|error| self.stop(error));
        }
    }

    /// The letters of rows that failed, and marks on what earlier runs wrote of these rows.
    fn mail<T>(&self, batch_state: &BatchState<T>) -> Result<Mail, Error> {
        let mut mail = Mail::default();
        let Some(letters) = &self.dead_letters else { return Ok(mail) };
        if self.rejected_journal().is_some() {
            // The rows are no part of this run. It is rejected as a whole.
            return Ok(mail);
        }
        let Batch { first, buffer, .. } = &batch_state.batch;
        let clear = letters.is_clear();
        for (offset, verdict) in batch_state.verdicts.iter().enumerate() {
            let index = first + offset;
            match verdict {
                Verdict::Stored if !clear => letters.stored(&mut mail, index),
                Verdict::Stored | Verdict::Undecided => {}
                Verdict::Failed(error) => {
                    let row = buffer.rows.binary_search_by_key(&index, |row| row.index).ok();
                    let row = row.and_then(|row| buffer.bytes.get(buffer.rows[row].bytes.clone()));
                    letters.add(&mut mail, index, error, row)?;
                }
            }
        }
        Ok(mail)
    }

    /// Writes the letters of bad records, of which `first` were written before. `index` is that of the next row.
    #[cfg(feature = "read")]
    pub(super) async fn write_bad_records<T>(
        &self,
        index: usize,
        first: usize,
        errors: Vec<Error>,
    ) -> BatchOutcome<T> {
        let mut mail = Mail::default();
        if let Some(letters) = &self.dead_letters {
            let mut numbered = errors.iter().enumerate();
            let added =
                numbered.try_for_each(|(n, error)| letters.add_bad_record(&mut mail, first + n, error));
            self.write_dead_letters(added.map(|()| mail)).await;
        }
        let mut outcome = BatchOutcome::of_rows(index..index);
        outcome.bad_records = errors;
        outcome.counted()
    }

    /// Marks the letters of bad records that earlier runs met and this one did not. It has read its whole source.
    #[cfg(feature = "read")]
    pub(super) async fn no_more_bad_records(&self) {
        let mut mail = Mail::default();
        if let Some(letters) = &self.dead_letters {
            letters.no_more_bad_records(&mut mail);
            self.write_dead_letters(Ok(mail)).await;
        }
    }

    /// Writes letters and marks to the file for them. When that fails, nothing more is sent.
    async fn write_dead_letters(&self, mail: Result<Mail, Error>) {
        let written = match (&self.dead_letters, mail) {
            (None, _) => Ok(()),
            (Some(letters), Ok(mail)) => letters.send(mail).await,
            (Some(_), Err(error)) => Err(error),
        };
        if let Err(error) = written {
            // The first one stays, in both.
            let _ = self.dead_letter_error.set(error.clone());
            self.stop(error);
        }
    }
}

/// A body and its hash for the journal.
#[derive(Clone)]
pub(super) struct Hashed {
    pub(super) bytes: Bytes,
    pub(super) hash: u64,
}

/// What is known of rows before they are sent.
enum PriorOutcome {
    /// They are to be sent.
    New(Earlier),
    /// An earlier run sent them, and its outcome is ambiguous. They are sent again unless there is no `earlier`.
    Ambiguous { earlier: Option<Earlier>, twice: bool },
    /// An earlier run stored them, perhaps twice.
    Stored { twice: bool, missing: u64 },
    /// An earlier run sent them in pieces.
    SubBatches,
    /// They cannot be sent.
    Failed(Error),
}

/// The error of rows that were not sent because others met `error`.
pub(super) fn unsent(error: &Error) -> Error {
    error
        .clone()
        .with_ambiguous(false)
        .and_advice("this row was not sent, because the run stopped at this error")
}

/// The error of rows that were sent with an ambiguous outcome, and not again because others met `error`.
fn unsent_again(error: &Error) -> Error {
    error.clone().with_ambiguous(true).and_advice(
        "an earlier request with this row had an ambiguous outcome, and the run stopped at this error: read the \
         dataset before you send the row again",
    )
}

/// The error of rows that an earlier run sent.
pub(super) fn sent_by_earlier_run() -> Error {
    let what = "an earlier run sent this row and did not learn what became of it";
    Error::new(ErrorKind::Interrupted, what).with_ambiguous(true)
}

/// The places of the first and the last of these rows.
pub(super) fn index_range(rows: &[Encoded]) -> Range<usize> {
    rows.first().map_or(0, |row| row.index)..rows.last().map_or(0, |row| row.index + 1)
}

impl<T> BatchState<T> {
    fn new(mut batch: Batch<T>) -> Self {
        let unwritable = std::mem::take(&mut batch.unwritable);
        let mut batch_state = Self {
            verdicts: vec![Verdict::Undecided; batch.rows.len()],
            twice: vec![false; batch.rows.len()],
            responsive: false,
            failure: None,
            outcome: BatchOutcome::of_rows(batch.index_range()),
            batch,
        };
        for (place, error) in unwritable {
            batch_state.fail(place, error);
        }
        batch_state
    }

    /// The indexes of the rows of the batch.
    pub(super) fn batch(&self) -> Range<usize> {
        self.batch.index_range()
    }

    pub(super) fn buffer(&self) -> &Buffer {
        &self.batch.buffer
    }

    /// Those of these rows that are not decided.
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

    /// How many of these rows the service did not index. Of a request, its first row stands for all.
    fn missing(&self, rows: &[Encoded]) -> u64 {
        let part = index_range(rows);
        let short = self.outcome.partially_indexed.iter().filter(|short| part.contains(&short.rows.start));
        short.map(|short| short.sent.saturating_sub(short.indexed)).sum()
    }

    /// The state in the journal of rows whose outcome is ambiguous.
    pub(super) fn in_doubt(&self, rows: &[Encoded]) -> State {
        State::InDoubt { twice: self.any_twice(rows) }
    }

    fn verdict(&self, row: &Encoded) -> &Verdict {
        &self.verdicts[row.index - self.batch.first]
    }

    fn fail(&mut self, place: usize, error: Error) {
        self.verdicts[place - self.batch.first] = Verdict::Failed(error);
    }

    pub(super) fn fail_all(&mut self, rows: &[Encoded], error: &Error) {
        rows.iter().for_each(|row| self.fail(row.index, error.clone()));
    }

    /// Fails rows, and keeps what that says about the service.
    pub(super) fn give_up(&mut self, rows: &[Encoded], error: &Error) {
        match error.kind() {
            // The service is there, and the rows are to blame.
            ErrorKind::Rejected | ErrorKind::TooLarge => self.responsive = true,
            _ => self.failure = Some(error.clone()),
        }
        self.fail_all(rows, error);
    }

    /// Reports that these rows may be stored twice.
    pub(super) fn possibly_duplicated(&mut self, rows: &[Encoded]) {
        rows.iter().for_each(|row| self.twice[row.index - self.batch.first] = true);
    }

    /// Counts rows as stored by an earlier run, by which the service did not index `missing` of them.
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

    /// Counts rows as stored. The service says that it indexed `indexed` of them, if it says so.
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

    /// The indexes of the rows that may be stored twice, in ranges.
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
                // Every row is in a piece or unwritable; this says so if that were wrong.
                Verdict::Undecided => {
                    let error =
                        Error::invalid(format!("row {index} was not sent, by a defect of this crate"));
                    outcome.failed.push(FailedRow { index, row, error });
                }
            }
        }
        outcome.counted()
    }
}
