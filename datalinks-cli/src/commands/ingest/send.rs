//! The run: rows are read, sent, and accounted for, until the input or a signal ends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use datalinks::ingest::{BatchOutcome, BatchStream, Ingest, IngestionCounts, IngestionSummary};
use datalinks::read::{RawRow, ReadProgress, Reader, RowStream};
use datalinks::{Dataset, Error, ErrorKind};
use futures::{Stream, StreamExt, stream};
use tokio::sync::oneshot;

use super::arguments::{Arguments, Delivery};
use super::report::Account;
use crate::commands::rows::{BadRows, ProcessingOptions, input_failure};
use crate::failure::{Place, Result};
use crate::output::{Progress, Unit};
use crate::session::{Session, StopRequest, explain_missing_dataset};
use crate::set::set;

/// The number of records that were skipped and of rows that were read, while the rows belong to the run.
#[derive(Clone, Debug, Default)]
pub(super) struct Skipped(Arc<Read>);

#[derive(Debug, Default)]
struct Read {
    skipped: AtomicU64,
    rows: AtomicUsize,
}

impl Skipped {
    pub(super) fn count(&self) -> u64 {
        self.0.skipped.load(Ordering::Relaxed)
    }

    /// Returns the number of rows that the run has taken.
    fn rows(&self) -> usize {
        self.0.rows.load(Ordering::Relaxed)
    }
}

/// Sends the rows, writes the result, and returns the failure of an incomplete run.
pub(super) async fn run(
    arguments: &Arguments,
    dataset: &Dataset,
    reader: Reader,
    processing: ProcessingOptions,
    session: &Session,
) -> Result {
    let stop = session.stop_request();
    let (stopper, stopped) = oneshot::channel();
    let skipped = Skipped::default();
    let rows = reader.into_stream();
    let read = rows.progress();
    let rows = until_stopped(rows, stopped, skipped.clone());
    let ingest = with_options(dataset.ingest_try_stream(rows), arguments, processing);
    // Opening a journal and a dead-letter file reads them.
    let batches = tokio::task::spawn_blocking(move || ingest.batches()).await??;
    if arguments.budget.is_some() {
        session.diagnostics().note(
            "the first request is sent alone, and its usage is waited for (30 s, or --usage-delay), to keep the budget",
        );
    }
    let progress = Progress::start(
        session.diagnostics(),
        format!("ingest {}", arguments.input.label()),
        Unit::Things("rows"),
        None,
    );
    let (summary, account) =
        drive(batches, stopper, &stop, &Shown { progress: &progress, read }, &skipped).await?;
    drop(progress);
    let account = Account { skipped_records: skipped.count(), ..account };
    account.write(&summary, arguments, dataset, session)?;
    match account.failure(&summary, arguments, dataset) {
        None => Ok(()),
        Some(failure) if account.undecided.is_some() => Err(failure),
        Some(failure) => Err(explain_missing_dataset(failure, dataset).await),
    }
}

/// The progress that the user sees.
struct Shown<'a> {
    progress: &'a Progress,
    read: ReadProgress,
}

impl Shown<'_> {
    /// Counts more rows. `ended` is the number of all rows so far that are not in flight any more.
    ///
    /// The share of the input follows from its bytes. Rows that were read and are still in flight are subtracted from it.
    fn add(&self, rows: usize, ended: usize) {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        let Some(total) = self.read.bytes_total() else { return self.progress.add(rows) };
        let (bytes, read) = (self.read.bytes_read().min(total), self.read.rows_read().max(1));
        let ended = u64::try_from(ended).unwrap_or(u64::MAX).min(read);
        let done = u128::from(bytes) * u128::from(ended) / u128::from(read);
        self.progress.add_with_share(rows, u64::try_from(done).unwrap_or(total), total);
    }
}

/// Takes the outcomes of all batches. After a signal, no more rows are read, the requests in flight are completed, and batches
/// that wait are not sent. After a second one, the requests are aborted, and their rows are counted as failed and ambiguous.
async fn drive(
    mut batches: BatchStream<RawRow>,
    stopper: oneshot::Sender<()>,
    stop: &StopRequest,
    shown: &Shown<'_>,
    read: &Skipped,
) -> Result<(IngestionSummary, Account)> {
    let mut account = Account::default();
    let mut stopper = Some(stopper);
    let accounting = stop.accounting();
    let mut ended = 0;
    loop {
        let outcome = tokio::select! {
            biased;
            code = accounting.demanded() => {
                account.interrupted = Some(code);
                let mut summary = batches.summary();
                // Some of these rows were perhaps not sent, which the run could tell only at its end.
                let undecided = read.rows().saturating_sub(summary.counts.decided());
                summary.counts.failed += undecided;
                summary.counts.ambiguous += undecided;
                account.undecided = Some(undecided);
                return Ok((summary, account));
            }
            code = stop.requested(), if stopper.is_some() => {
                account.interrupted = Some(code);
                // The rows may have ended already.
                let _ = stopper.take().map(|stopper| stopper.send(()));
                batches.stop();
                continue;
            }
            outcome = batches.next() => outcome,
        };
        let Some(outcome) = outcome else { break };
        let counts = &outcome.counts;
        ended += ended_in(counts);
        shown.add(counts.decided(), ended);
        account.place = account.place.or_else(|| place(&outcome));
    }
    match batches.finish().await {
        Ok(summary) => Ok((summary, account)),
        // The run was stopped before its first row.
        Err(_) if account.interrupted.is_some() => {
            Ok((IngestionSummary::new(IngestionCounts::default()), account))
        }
        Err(error) => Err(input_failure(error)),
    }
}

/// Returns the number of records of a batch that are not in flight any more.
fn ended_in(counts: &IngestionCounts) -> usize {
    // Rows that an earlier run stored are included in the stored rows.
    counts.decided() + counts.bad_records
}

/// Returns the place of the first failed row of a batch.
fn place(outcome: &BatchOutcome<RawRow>) -> Option<Place> {
    let row = &outcome.failed.first()?.row;
    Some(Place::File { path: row.file()?.to_owned(), line: row.line() })
}

/// Returns rows that end with an error when the run is stopped. An error shows that rows are missing, and an end would not.
pub(super) fn until_stopped(
    rows: RowStream,
    stopped: oneshot::Receiver<()>,
    skipped: Skipped,
) -> impl Stream<Item = std::result::Result<RawRow, Error>> + Send + 'static {
    let stopped = Box::pin(async move {
        if stopped.await.is_err() {
            std::future::pending::<()>().await;
        }
    });
    stream::unfold(Some((rows, stopped)), move |state| {
        let skipped = skipped.clone();
        async move {
            let (mut rows, mut stopped) = state?;
            tokio::select! {
                biased;
                () = &mut stopped => {
                    Some((Err(Error::new(ErrorKind::Interrupted, "the run was stopped by a signal")), None))
                }
                row = rows.next() => {
                    skipped.0.skipped.store(rows.skipped(), Ordering::Relaxed);
                    if matches!(row, Some(Ok(_))) {
                        skipped.0.rows.fetch_add(1, Ordering::Relaxed);
                    }
                    row.map(|row| (row, Some((rows, stopped))))
                }
            }
        }
    })
}

/// Sets the options of the command.
pub(super) fn with_options(
    ingest: Ingest<RawRow>,
    arguments: &Arguments,
    processing: ProcessingOptions,
) -> Ingest<RawRow> {
    let delivery = arguments.delivery.map(|delivery| match delivery {
        Delivery::AtLeastOnce => datalinks::Delivery::AtLeastOnce,
        Delivery::AtMostOnce => datalinks::Delivery::AtMostOnce,
        Delivery::Reconciled => datalinks::Delivery::Reconciled,
    });
    let mut ingest = set!(
        ingest,
        batch_size: arguments.batch_size,
        max_batch_bytes: Some(arguments.max_batch_bytes()),
        concurrency: arguments.concurrency,
        reconcile_by: arguments.reconcile_by.as_ref(),
        delivery: delivery,
        reconcile_window: arguments.reconcile_window,
        journal: arguments.journal.as_ref(),
        dead_letters: arguments.dead_letter.as_ref(),
    );
    if let Some(budget) = arguments.budget.clone() {
        ingest = ingest.budget(set!(budget, usage_delay: arguments.usage_delay));
    }
    if arguments.dead_letter.is_some() && arguments.bad_rows() == BadRows::DeadLetter {
        ingest = ingest.bad_records_to_dead_letters();
    }
    processing.apply(ingest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Regression: rows that an earlier run stored were counted twice, so that the share of the input was too large.
    #[test]
    fn records_that_ended_are_counted_once() {
        let mut counts = IngestionCounts::default();
        (counts.stored, counts.skipped, counts.failed, counts.bad_records) = (5, 4, 2, 1);
        assert_eq!(ended_in(&counts), 8);
    }

    #[tokio::test]
    async fn stop_ends_the_rows_with_an_error() {
        let text: String = (0..3).map(|n| format!("{{\"n\":{n}}}\n")).collect();
        let rows =
            |text: &str| Reader::from_reader(std::io::Cursor::new(text.to_owned()), "x.ndjson").into_stream();
        let (stopper, stopped) = oneshot::channel();
        let mut stream = Box::pin(until_stopped(rows(&text), stopped, Skipped::default()));
        assert_eq!(stream.next().await.unwrap().unwrap().json(), r#"{"n":0}"#);
        stopper.send(()).unwrap();
        assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Interrupted);
        assert!(stream.next().await.is_none());
        let (stopper, stopped) = oneshot::channel();
        drop(stopper);
        assert_eq!(until_stopped(rows(&text), stopped, Skipped::default()).count().await, 3);
    }
}
