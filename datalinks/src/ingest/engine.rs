//! Sending one batch until each of its rows is decided.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures::future::BoxFuture;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use super::{
    BatchOutcome, Delivery, FailedRow, IngestOptions, ShortBatch,
    batch::{Batch, Envelope},
    bisect::Pieces,
    dead_letters::DeadLetters,
    encode::Encoded,
    journal::{Journal, State, hash},
};
use crate::{Error, ErrorKind};

/// Times that a batch is sent again after the count of rows showed that it was not stored.
const RECONCILED_REPEATS: u32 = 3;

/// What the engine needs of the outside.
pub(crate) trait Deliver: Send + Sync {
    /// One ingest request with this body. It is repeated after a refusal by the policy of the client, and
    /// after a doubtful end only if `repeat_doubtful`.
    fn deliver(&self, body: Bytes, repeat_doubtful: bool) -> BoxFuture<'_, Result<Acknowledged, Error>>;

    /// The number of rows that the dataset holds.
    fn row_count(&self) -> BoxFuture<'_, Result<u64, Error>>;

    /// The dataset, to tell journals apart.
    fn place(&self) -> String;
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
    journal: Option<Mutex<Journal>>,
    /// What the earlier run sent last is known, as far as it can be.
    reconciled: OnceCell<()>,
    dead_letters: Option<Mutex<DeadLetters>>,
}

/// What became of one row.
#[derive(Clone)]
enum Verdict {
    Undecided,
    Stored,
    Failed(Error),
}

/// A batch while it is being sent.
struct Settling<T> {
    batch: Batch<T>,
    verdicts: Vec<Verdict>,
    outcome: BatchOutcome<T>,
}

impl Engine {
    /// Opens what has to be opened. An error means that nothing was sent.
    pub(super) fn new(
        deliver: Arc<dyn Deliver>,
        fields: &Map<String, Value>,
        options: IngestOptions,
    ) -> Result<Self, Error> {
        options.check(fields.contains_key("infer"))?;
        let run = serde_json::json!({
            "dataset": deliver.place(),
            "batchSize": options.batch_size,
            "maxBatchBytes": options.max_batch_bytes,
            "fields": fields,
        });
        let journal = options.journal.as_deref().map(|path| Journal::open(path, &run.to_string()));
        let dead_letters = options.dead_letters.as_deref().map(DeadLetters::open);
        Ok(Self {
            deliver,
            envelope: Envelope::new(fields)?,
            isolation_left: AtomicUsize::new(options.max_isolation_requests),
            stopped: OnceLock::new(),
            journal: journal.transpose()?.map(Mutex::new),
            reconciled: OnceCell::new(),
            dead_letters: dead_letters.transpose()?.map(Mutex::new),
            options,
        })
    }

    pub(super) fn options(&self) -> &IngestOptions {
        &self.options
    }

    /// Whether batches are still taken: after a stop only to look them up in the journal.
    pub(super) fn takes_batches(&self) -> bool {
        self.journal.is_some() || self.stopped.get().is_none()
    }

    /// The refusal that stopped the run.
    pub(super) fn stopped(&self) -> Option<Error> {
        self.stopped.get().cloned()
    }

    /// No further request is made.
    pub(super) fn stop(&self, error: Error) {
        // The first one stays.
        let _ = self.stopped.set(error);
    }

    /// Sends a batch, in pieces if it is refused whole, until every row of it is decided.
    pub(super) async fn settle<T>(&self, batch: Batch<T>) -> BatchOutcome<T> {
        let mut settling = Settling {
            verdicts: vec![Verdict::Undecided; batch.rows.len()],
            outcome: BatchOutcome::new(batch.places()),
            batch,
        };
        for (place, error) in std::mem::take(&mut settling.batch.unwritable) {
            settling.fail(place, error);
        }
        self.reconciled.get_or_init(|| self.reconcile_earlier_run()).await;
        let mut pieces = Pieces::whole(settling.batch.buffer.rows.len());
        let mut in_doubt: Vec<Range<usize>> = Vec::new();
        while let Some(piece) = pieces.next() {
            let rows = settling.batch.buffer.rows[piece.clone()].to_vec();
            let body = self.envelope.body(&settling.batch.buffer, &rows);
            match self.recall(&places(&rows), &body) {
                Recalled::New { doubtful } => {
                    if let Some(error) = self.stopped() {
                        settling.fail_all(&rows, &unsent(&error).with_outcome_unknown(doubtful));
                        continue;
                    }
                    if doubtful {
                        in_doubt.push(piece.clone());
                    }
                    // The halves of what is in doubt are in doubt too.
                    let doubtful = in_doubt.iter().any(|whole| whole.contains(&piece.start));
                    match self.send(body, &rows, doubtful, &mut settling).await {
                        Ok(acknowledged) => settling.store(&rows, acknowledged),
                        Err(error) => {
                            // What an earlier run may have stored is not known to be missing.
                            let error = if doubtful { error.with_outcome_unknown(true) } else { error };
                            if doubtful && matches!(error.kind(), ErrorKind::TooLarge | ErrorKind::Rejected) {
                                let (first, second) = rows.split_at(rows.len() / 2);
                                self.doubt(first, &settling);
                                self.doubt(second, &settling);
                            }
                            self.refused(error, piece, &rows, &mut pieces, &mut settling);
                        }
                    }
                }
                Recalled::Stored { twice } => settling.skip(&rows, twice),
                Recalled::Pieces => pieces.halve(piece),
                Recalled::Failed(error) => settling.fail_all(&rows, &error),
            }
        }
        self.bury(&settling);
        settling.close()
    }

    /// What an earlier run knows of these rows.
    fn recall(&self, rows: &Range<usize>, body: &[u8]) -> Recalled {
        let Some(journal) = &self.journal else { return Recalled::New { doubtful: false } };
        let known = {
            let journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            match journal.known(rows, hash(body)) {
                Ok(None) if journal.knows_pieces_of(rows) => return Recalled::Pieces,
                known => known,
            }
        };
        match known {
            Ok(None) => Recalled::New { doubtful: false },
            Ok(Some(piece)) => match piece.state {
                State::Acknowledged { twice } => Recalled::Stored { twice },
                State::Refused => Recalled::New { doubtful: false },
                State::Sent | State::InDoubt => self.resolve(),
            },
            Err(error) => {
                self.stop(error.clone());
                Recalled::Failed(error)
            }
        }
    }

    /// Rows that an earlier run sent, and did not learn the end of.
    fn resolve(&self) -> Recalled {
        match self.options.delivery {
            Delivery::AtLeastOnce => Recalled::New { doubtful: true },
            // Counting rows has not helped, or was not asked for.
            Delivery::AtMostOnce | Delivery::Reconciled => {
                let what = "an earlier run sent this row and did not learn what became of it";
                Recalled::Failed(Error::new(ErrorKind::Interrupted, what).with_outcome_unknown(true))
            }
        }
    }

    /// Counts the rows of the dataset once, before this run sends any, to learn what became of those that an
    /// earlier run sent last.
    async fn reconcile_earlier_run(&self) {
        let (Some(journal), Delivery::Reconciled) = (&self.journal, self.options.delivery) else { return };
        let unended = journal.lock().unwrap_or_else(PoisonError::into_inner).unended();
        let Some((piece, before)) = unended else { return };
        let state = match self.deliver.row_count().await {
            Ok(now) if now == before => State::Refused,
            Ok(now) if now == before + piece.rows.len() as u64 => State::Acknowledged { twice: false },
            _ => State::InDoubt,
        };
        self.note(&piece.rows, state);
    }

    /// Notes that rows are in doubt, before they are sent by themselves.
    fn doubt<T>(&self, rows: &[Encoded], settling: &Settling<T>) {
        let (Some(journal), false) = (&self.journal, rows.is_empty()) else { return };
        let hash = hash(&self.envelope.body(&settling.batch.buffer, rows));
        let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = journal.sent(&places(rows), hash, None);
        let noted = noted.and_then(|()| journal.ended(&places(rows), State::InDoubt));
        noted.unwrap_or_else(|error| self.stop(error));
    }

    fn refused<T>(
        &self,
        error: Error,
        piece: Range<usize>,
        rows: &[Encoded],
        pieces: &mut Pieces,
        settling: &mut Settling<T>,
    ) {
        let several = piece.len() > 1;
        match error.kind() {
            ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::NotFound => {
                self.stop(error.clone());
                settling.fail_all(rows, &error);
            }
            ErrorKind::TooLarge if several => pieces.halve(piece),
            ErrorKind::Rejected if several => {
                if self.take_isolation() {
                    pieces.halve(piece);
                } else {
                    let cap = self.options.max_isolation_requests;
                    let error = error.advice(format!(
                        "one of {} rows is refused; which one was not looked for, because {cap} extra requests \
                         were made already: correct it, or raise max_isolation_requests",
                        rows.len()
                    ));
                    settling.fail_all(rows, &error);
                }
            }
            _ => settling.fail_all(rows, &error),
        }
    }

    /// Whether two more requests may be made to find a bad row.
    fn take_isolation(&self) -> bool {
        self.isolation_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(2))
            .is_ok()
    }

    async fn send<T>(
        &self,
        body: Bytes,
        rows: &[Encoded],
        doubtful: bool,
        settling: &mut Settling<T>,
    ) -> Result<Acknowledged, Error> {
        let reconciled = self.options.delivery == Delivery::Reconciled;
        let before = if reconciled { Some(self.deliver.row_count().await?) } else { None };
        if let Some(journal) = &self.journal {
            let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            // What is not in the journal is not sent.
            journal.sent(&places(rows), hash(&body), before).inspect_err(|error| self.stop(error.clone()))?;
        }
        let mut result = self.request(body, rows.len() as u64, before, settling).await;
        if let Ok(acknowledged) = &mut result {
            acknowledged.repeated |= doubtful;
        }
        self.note(
            &places(rows),
            match &result {
                Ok(acknowledged) => State::Acknowledged { twice: acknowledged.repeated },
                // A refusal now says nothing of what an earlier run did.
                Err(error) if doubtful || error.outcome_unknown() => State::InDoubt,
                Err(_) => State::Refused,
            },
        );
        result
    }

    /// Requests until the end is known, or cannot be.
    async fn request<T>(
        &self,
        body: Bytes,
        sent: u64,
        before: Option<u64>,
        settling: &mut Settling<T>,
    ) -> Result<Acknowledged, Error> {
        let outcome = &mut settling.outcome;
        let mut repeats = 0;
        loop {
            outcome.requests += 1;
            outcome.bytes += body.len() as u64;
            let repeat_doubtful = self.options.delivery == Delivery::AtLeastOnce;
            let result = self.deliver.deliver(body.clone(), repeat_doubtful).await;
            let attempts = match &result {
                Ok(acknowledged) => acknowledged.attempts,
                Err(error) => error.attempts(),
            };
            outcome.retries += attempts.saturating_sub(1) as usize;
            let (error, before) = match (result, before) {
                (Err(error), Some(before)) if error.outcome_unknown() => (error, before),
                (decided, _) => return decided,
            };
            match self.deliver.row_count().await {
                Ok(now) if now == before + sent => {
                    return Ok(Acknowledged { indexed: Some(sent), repeated: false, attempts });
                }
                Ok(now) if now == before && repeats < RECONCILED_REPEATS => repeats += 1,
                Ok(now) if now == before => return Err(error.with_outcome_unknown(false)),
                _ => return Err(error),
            }
        }
    }

    /// Notes the end of a request. When that fails, nothing more is sent: the next run could not tell.
    fn note(&self, rows: &Range<usize>, state: State) {
        if let Some(journal) = &self.journal {
            let noted = journal.lock().unwrap_or_else(PoisonError::into_inner).ended(rows, state);
            noted.unwrap_or_else(|error| self.stop(error));
        }
    }

    /// Writes the rows that failed to the file for them.
    fn bury<T>(&self, settling: &Settling<T>) {
        let Some(letters) = &self.dead_letters else { return };
        let mut letters = letters.lock().unwrap_or_else(PoisonError::into_inner);
        let Batch { first, buffer, .. } = &settling.batch;
        for (offset, verdict) in settling.verdicts.iter().enumerate() {
            let Verdict::Failed(error) = verdict else { continue };
            let place = first + offset;
            let row = buffer.rows.binary_search_by_key(&place, |row| row.index).ok();
            let row = row.and_then(|row| buffer.bytes.get(buffer.rows[row].bytes.clone()));
            if let Err(error) = letters.write(place, error, row) {
                return self.stop(error);
            }
        }
    }
}

/// What is known of rows before they are sent.
enum Recalled {
    /// They are to be sent; an earlier run may have stored them.
    New { doubtful: bool },
    /// An earlier run stored them, perhaps twice.
    Stored { twice: bool },
    /// An earlier run sent them in pieces.
    Pieces,
    /// They cannot be sent.
    Failed(Error),
}

/// The error of rows that were not sent because others met `error`.
pub(super) fn unsent(error: &Error) -> Error {
    error
        .clone()
        .with_outcome_unknown(false)
        .advice("this row was not sent, because the run stopped at this refusal")
}

/// The places of the first and the last of these rows.
fn places(rows: &[Encoded]) -> Range<usize> {
    rows.first().map_or(0, |row| row.index)..rows.last().map_or(0, |row| row.index + 1)
}

impl<T> Settling<T> {
    fn fail(&mut self, place: usize, error: Error) {
        self.verdicts[place - self.batch.first] = Verdict::Failed(error);
    }

    fn fail_all(&mut self, rows: &[Encoded], error: &Error) {
        rows.iter().for_each(|row| self.fail(row.index, error.clone()));
    }

    fn skip(&mut self, rows: &[Encoded], twice: bool) {
        self.outcome.skipped += rows.len();
        if twice {
            self.outcome.possibly_twice.push(places(rows));
        }
        self.decide_stored(rows);
    }

    fn store(&mut self, rows: &[Encoded], acknowledged: Acknowledged) {
        let sent = rows.len() as u64;
        let outcome = &mut self.outcome;
        outcome.indexed = outcome.indexed.zip(acknowledged.indexed).map(|(all, some)| all + some);
        if let Some(indexed) = acknowledged.indexed.filter(|indexed| *indexed < sent) {
            outcome.short.push(ShortBatch { rows: places(rows), sent, indexed });
        }
        if acknowledged.repeated {
            outcome.possibly_twice.push(places(rows));
        }
        self.decide_stored(rows);
    }

    fn decide_stored(&mut self, rows: &[Encoded]) {
        for row in rows {
            self.verdicts[row.index - self.batch.first] = Verdict::Stored;
        }
    }

    fn close(self) -> BatchOutcome<T> {
        let Self { batch, verdicts, mut outcome } = self;
        if verdicts.iter().all(|verdict| matches!(verdict, Verdict::Stored)) {
            outcome.successful = batch.rows;
            return outcome;
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
        outcome
    }
}
