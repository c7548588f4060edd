//! Sending batches and keeping the account.

use std::{
    ops::Range,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures::{StreamExt as _, stream::FuturesUnordered};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::{
    Delivery, FailedRow, IngestOptions, IngestionResult, Progress, ShortBatch,
    batch::{Batch, Cutter, Envelope},
    bisect::Pieces,
    encode::{Buffer, Encoded},
};
use crate::{Error, ErrorKind};

/// Times that a batch is sent again after the count of rows showed that it was not stored.
const RECONCILED_REPEATS: u32 = 3;

/// What the engine needs of the outside.
pub(crate) trait Deliver: Send + Sync {
    /// One ingest request with this body. It is repeated after a refusal by the policy of the client, and
    /// after a doubtful end only if `repeat_doubtful`.
    fn deliver(
        &self,
        body: Bytes,
        repeat_doubtful: bool,
    ) -> impl Future<Output = Result<Acknowledged, Error>> + Send;

    /// The number of rows that the dataset holds.
    fn row_count(&self) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// A request that the service acknowledged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acknowledged {
    /// Rows it indexed, if it says so.
    pub(crate) indexed: Option<u64>,
    /// An attempt before it ended in doubt: the rows may be stored twice.
    pub(crate) repeated: bool,
}

/// Sends all rows. An error means that the options were refused and nothing was sent; all else is in the
/// account.
///
/// Dropping the future stops: batches in flight may be stored, and no further one is sent.
pub(crate) async fn run<T: Serialize, D: Deliver>(
    deliver: &D,
    rows: Vec<T>,
    fields: &Map<String, Value>,
    options: &IngestOptions,
) -> Result<IngestionResult<T>, Error> {
    options.check(fields.contains_key("infer"))?;
    let engine = Engine {
        deliver,
        envelope: Envelope::new(fields)?,
        options,
        isolation_left: AtomicUsize::new(options.max_isolation_requests),
        stopped: Mutex::default(),
    };
    let start = Instant::now();
    let mut account = Account::new(rows.len());
    let mut cutter = Cutter::new(rows, options.batch_size, options.max_batch_bytes);
    let mut in_flight = FuturesUnordered::new();
    loop {
        while in_flight.len() < options.concurrency && engine.stopped().is_none() {
            match cutter.next_batch() {
                Some(batch) => in_flight.push(engine.settle(batch)),
                None => break,
            }
        }
        let Some(report) = in_flight.next().await else { break };
        account.add(report);
        if let Some(progress) = &options.progress {
            progress(&account.progress(start));
        }
    }
    drop(in_flight);
    if let Some(error) = engine.stopped() {
        account.fail(cutter.waiting(), &unsent(&error));
    }
    Ok(account.close(cutter.rows, start))
}

/// The error of rows that were not sent because others met `error`.
fn unsent(error: &Error) -> Error {
    error
        .clone()
        .with_outcome_unknown(false)
        .advice("this row was not sent, because the run stopped at this refusal")
}

struct Engine<'a, D> {
    deliver: &'a D,
    envelope: Envelope,
    options: &'a IngestOptions,
    /// Extra requests that may still be made to find bad rows.
    isolation_left: AtomicUsize,
    /// A refusal that every further request would meet too.
    stopped: Mutex<Option<Error>>,
}

/// What became of one batch.
#[derive(Default)]
struct Report {
    stored: Vec<usize>,
    failed: Vec<(usize, Error)>,
    twice: Vec<Range<usize>>,
    short: Vec<ShortBatch>,
    indexed: u64,
    /// Some acknowledgement did not say how many rows it indexed.
    indexed_unknown: bool,
    requests: usize,
    bytes: u64,
}

impl<D: Deliver> Engine<'_, D> {
    fn stopped(&self) -> Option<Error> {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a batch, in pieces if it is refused whole, until every row of it is decided.
    async fn settle(&self, batch: Batch) -> Report {
        let mut report = Report { failed: batch.unwritable, ..Report::default() };
        let mut pieces = Pieces::whole(batch.buffer.rows.len());
        while let Some(piece) = pieces.next() {
            let rows = &batch.buffer.rows[piece.clone()];
            if let Some(error) = self.stopped() {
                report.fail(rows, &unsent(&error));
                continue;
            }
            match self.send(&batch.buffer, rows, &mut report).await {
                Ok(acknowledged) => report.store(rows, acknowledged),
                Err(error) => self.refused(error, piece, rows, &mut pieces, &mut report),
            }
        }
        report
    }

    fn refused(
        &self,
        error: Error,
        piece: Range<usize>,
        rows: &[Encoded],
        pieces: &mut Pieces,
        report: &mut Report,
    ) {
        let several = piece.len() > 1;
        match error.kind() {
            ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::NotFound => {
                *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
                report.fail(rows, &error);
            }
            ErrorKind::TooLarge if several => pieces.halve(piece),
            ErrorKind::Rejected if several => {
                if self.take_isolation() {
                    pieces.halve(piece);
                } else {
                    let cap = self.options.max_isolation_requests;
                    report.fail(
                        rows,
                        &error.advice(format!(
                            "one of {} rows is refused; which one was not looked for, because {cap} extra requests \
                             were made already: correct it, or raise max_isolation_requests",
                            rows.len()
                        )),
                    );
                }
            }
            _ => report.fail(rows, &error),
        }
    }

    /// Whether two more requests may be made to find a bad row.
    fn take_isolation(&self) -> bool {
        self.isolation_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(2))
            .is_ok()
    }

    async fn send(
        &self,
        buffer: &Buffer,
        rows: &[Encoded],
        report: &mut Report,
    ) -> Result<Acknowledged, Error> {
        let body = self.envelope.body(buffer, rows);
        let mut request = |body: Bytes| {
            report.requests += 1;
            report.bytes += body.len() as u64;
            self.deliver.deliver(body, self.options.delivery == Delivery::AtLeastOnce)
        };
        if self.options.delivery != Delivery::Reconciled {
            return request(body).await;
        }
        let before = self.deliver.row_count().await?;
        let sent = rows.len() as u64;
        let mut repeats = 0;
        loop {
            let error = match request(body.clone()).await {
                Err(error) if error.outcome_unknown() => error,
                decided => return decided,
            };
            match self.deliver.row_count().await {
                Ok(now) if now == before + sent => {
                    return Ok(Acknowledged { indexed: Some(sent), repeated: false });
                }
                Ok(now) if now == before && repeats < RECONCILED_REPEATS => repeats += 1,
                Ok(now) if now == before => return Err(error.with_outcome_unknown(false)),
                _ => return Err(error),
            }
        }
    }
}

impl Report {
    fn fail(&mut self, rows: &[Encoded], error: &Error) {
        self.failed.extend(rows.iter().map(|row| (row.index, error.clone())));
    }

    fn store(&mut self, rows: &[Encoded], acknowledged: Acknowledged) {
        let sent = rows.len() as u64;
        let span = || rows.first().map_or(0, |row| row.index)..rows.last().map_or(0, |row| row.index + 1);
        match acknowledged.indexed {
            Some(indexed) => self.indexed += indexed,
            None => self.indexed_unknown = true,
        }
        if let Some(indexed) = acknowledged.indexed.filter(|indexed| *indexed < sent) {
            self.short.push(ShortBatch { rows: span(), sent, indexed });
        }
        if acknowledged.repeated {
            self.twice.push(span());
        }
        self.stored.extend(rows.iter().map(|row| row.index));
    }
}

/// What became of each row so far.
struct Account {
    rows: Vec<Verdict>,
    stored: usize,
    failed: usize,
    whole: Report,
}

#[derive(Clone)]
enum Verdict {
    Undecided,
    Stored,
    Failed(Error),
}

impl Account {
    fn new(rows: usize) -> Self {
        Self { rows: vec![Verdict::Undecided; rows], stored: 0, failed: 0, whole: Report::default() }
    }

    fn add(&mut self, report: Report) {
        for index in report.stored {
            self.rows[index] = Verdict::Stored;
            self.stored += 1;
        }
        for (index, error) in report.failed {
            self.rows[index] = Verdict::Failed(error);
            self.failed += 1;
        }
        self.whole.twice.extend(report.twice);
        self.whole.short.extend(report.short);
        self.whole.indexed += report.indexed;
        self.whole.indexed_unknown |= report.indexed_unknown;
        self.whole.requests += report.requests;
        self.whole.bytes += report.bytes;
    }

    fn fail(&mut self, rows: Range<usize>, error: &Error) {
        for index in rows {
            self.rows[index] = Verdict::Failed(error.clone());
            self.failed += 1;
        }
    }

    fn progress(&self, start: Instant) -> Progress {
        Progress {
            total: self.rows.len(),
            stored: self.stored,
            failed: self.failed,
            requests: self.whole.requests,
            bytes: self.whole.bytes,
            elapsed: start.elapsed(),
        }
    }

    fn close<T>(self, rows: Vec<T>, start: Instant) -> IngestionResult<T> {
        let mut whole = self.whole;
        // Batches in flight at once end in any order.
        whole.twice.sort_by_key(|rows| rows.start);
        whole.short.sort_by_key(|short| short.rows.start);
        let mut successful = Vec::with_capacity(self.stored);
        let mut failed = Vec::with_capacity(self.failed);
        for (index, (row, verdict)) in rows.into_iter().zip(self.rows).enumerate() {
            match verdict {
                Verdict::Stored => successful.push(row),
                Verdict::Failed(error) => failed.push(FailedRow { index, row, error }),
                // Every row is handed out, or waits when the run stops; this says so if that were wrong.
                Verdict::Undecided => {
                    let error =
                        Error::invalid(format!("row {index} was not sent, by a defect of this crate"));
                    failed.push(FailedRow { index, row, error });
                }
            }
        }
        IngestionResult {
            successful,
            failed,
            possibly_twice: whole.twice,
            short: whole.short,
            indexed: (!whole.indexed_unknown).then_some(whole.indexed),
            requests: whole.requests,
            elapsed: start.elapsed(),
        }
    }
}
