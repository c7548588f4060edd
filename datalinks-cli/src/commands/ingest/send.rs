//! The run: rows are read, sent, and accounted for, until the input or a signal ends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use datalinks::ingest::{BatchOutcome, BatchStream, Ingest, IngestionCounts, IngestionSummary};
use datalinks::read::{RawRow, Reader, RowStream};
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

/// The number of records that were skipped, while the rows belong to the run.
#[derive(Clone, Debug, Default)]
pub(super) struct Skipped(Arc<AtomicU64>);

impl Skipped {
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
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
    let rows = until_stopped(reader.into_stream(), stopped, skipped.clone());
    let ingest = with_options(dataset.ingest_try_stream(rows), arguments, processing);
    // Opening a journal and a dead-letter file reads them.
    let batches = tokio::task::spawn_blocking(move || ingest.batches()).await??;
    let progress = Progress::start(
        session.diagnostics(),
        format!("ingest {}", arguments.input.label()),
        Unit::Things("rows"),
        None,
    );
    let (summary, account) = drive(batches, stopper, &stop, &progress).await?;
    drop(progress);
    let account = Account { skipped_records: skipped.count(), ..account };
    account.write(&summary, arguments, dataset, session)?;
    match account.failure(&summary, arguments, dataset) {
        None => Ok(()),
        Some(failure) => Err(explain_missing_dataset(failure, dataset).await),
    }
}

/// Takes the outcomes of all batches. After a signal, no more rows are read, and the batches in flight are completed.
async fn drive(
    mut batches: BatchStream<RawRow>,
    stopper: oneshot::Sender<()>,
    stop: &StopRequest,
    progress: &Progress,
) -> Result<(IngestionSummary, Account)> {
    let mut account = Account::default();
    let mut stopper = Some(stopper);
    loop {
        let outcome = tokio::select! {
            biased;
            code = stop.requested(), if stopper.is_some() => {
                account.interrupted = Some(code);
                // The rows may have ended already.
                let _ = stopper.take().map(|stopper| stopper.send(()));
                continue;
            }
            outcome = batches.next() => outcome,
        };
        let Some(outcome) = outcome else { break };
        progress.add(u64::try_from(outcome.counts.decided()).unwrap_or(u64::MAX));
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
                    skipped.0.store(rows.skipped(), Ordering::Relaxed);
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
    if arguments.dead_letter.is_some() && arguments.bad_rows() == BadRows::DeadLetter {
        ingest = ingest.bad_records_to_dead_letters();
    }
    processing.apply(ingest)
}

#[cfg(test)]
mod tests {
    use super::*;

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
