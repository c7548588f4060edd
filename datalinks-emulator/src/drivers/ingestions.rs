//! The processing of ingestions, one after the other.
//!
//! The work is a branch of the serving future, not a task. It ends with the server, and requests are served between two
//! batches.

use std::convert::Infallible;
use std::sync::Arc;

use tokio::sync::watch;
use uuid::Uuid;

use crate::concurrency::lock::write;
use crate::concurrency::work::{background, count};
use crate::faults::{Effect, INGEST_FILE};
use crate::ingestion::IngestionJob;
use crate::linking::{DiscoveredLink, discover_links, suggest};
use crate::persistence::StateError;
use crate::response::panics::catch_as_problem;
use crate::state::State;
use crate::steps::StepRunner;
use crate::store::{DatasetName, InputRow};

/// Number of rows between two updates of the progress.
const PROGRESS_INTERVAL: usize = 1_000;

/// Processes ingestions while it is polled.
pub(crate) async fn work(state: &State) -> Infallible {
    loop {
        // An ingestion of a state that was replaced is dropped. The next one belongs to the new state.
        let work = Box::pin(process_next(state));
        let work = state.generations.within(state.generations.current(), work);
        if let Ok(false) = work.await {
            state.ingestions.queued.notified().await;
        }
    }
}

/// Processes the next ingestion in the queue. Returns `false` if the queue is empty.
async fn process_next(state: &State) -> bool {
    let Some((id, dataset, job)) = state.ingestions.next() else { return false };
    match catch_as_problem(ingest(state, id, &dataset, &job)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => state.ingestions.mark_failed(id, error.to_string()),
        // The rollback puts the ingestion back into the queue. It is marked as failed, so that it does not panic again.
        Err(problem) => state.fail_after_panic(|| state.ingestions.mark_failed(id, problem.message)),
    }
    true
}

/// Ingests one file. Fails if the result cannot be persisted.
async fn ingest(
    state: &State,
    id: Uuid,
    dataset: &DatasetName,
    job: &Arc<IngestionJob>,
) -> Result<(), StateError> {
    let end = match injected_failure(state).await {
        Some(message) => Err(message),
        None => read(state, id, dataset, job).await,
    };
    // Rows and the end of their ingestion are stored in one transaction: after a restart, either both exist or neither.
    state.transaction(|| state.ingestions.end(id, || store(state, dataset, end?, job)))
}

/// Applies an injected fault. Returns the message if the fault fails the ingestion.
async fn injected_failure(state: &State) -> Option<String> {
    let plan = state.faults.next(INGEST_FILE)?;
    if !plan.delay.is_zero() {
        tokio::time::sleep(plan.delay).await;
    }
    match plan.effect {
        Effect::Status(status) => {
            Some(format!("status {status}, injected as a fault; retry the ingestion or clear the faults"))
        }
        _ => None,
    }
}

/// The content of a file, ready to be stored.
struct Read<'a> {
    rows: Vec<InputRow<'a>>,
    /// The links that the dataset will get.
    found: Vec<DiscoveredLink>,
    /// The number of tokens used.
    spent: u64,
}

/// Reads the whole file before anything is stored. An unreadable file therefore stores no rows, and can be ingested
/// again without storing rows twice.
async fn read(
    state: &State,
    id: Uuid,
    dataset: &DatasetName,
    job: &Arc<IngestionJob>,
) -> Result<Read<'static>, String> {
    let read = rows_of(state, id, job).await?;
    let mut rows = Vec::with_capacity(read.len());
    let mut read = read.into_iter();
    let runner = StepRunner::new(state.session(&job.caller.user), job.about.clone());
    loop {
        let batch: Vec<InputRow<'_>> = read.by_ref().take(job.batch).collect();
        if batch.is_empty() {
            break;
        }
        rows.extend(job.steps.run(batch, &runner).await.map_err(|problem| problem.message)?);
        tokio::task::yield_now().await;
    }
    let found = discover_links(state, &job.caller, dataset, &rows, true, &job.links).await;
    let found = found.map_err(|problem| problem.message)?;
    Ok(Read { rows, found, spent: runner.spent() })
}

/// Reads the rows of the file in the background, and updates the progress of the ingestion meanwhile.
async fn rows_of(state: &State, id: Uuid, job: &Arc<IngestionJob>) -> Result<Vec<InputRow<'static>>, String> {
    let (done, mut progress) = watch::channel(0);
    let job = Arc::clone(job);
    let reading = background(move || {
        let content = job.content.joined();
        let mut rows = Vec::new();
        for row in job.format.rows(&content) {
            let (row, end) = row?;
            count(row.cells.len());
            rows.push(row.into_owned());
            if rows.len().is_multiple_of(PROGRESS_INTERVAL) {
                done.send_replace(end as u64);
            }
        }
        Ok(rows)
    });
    tokio::pin!(reading);
    let rows = loop {
        tokio::select! {
            biased;
            read = &mut reading => break read,
            Ok(()) = progress.changed() => {
                let bytes = *progress.borrow_and_update();
                state.ingestions.change(id, |own| own.processed_bytes = bytes);
            }
        }
    };
    state.ingestions.change(id, |own| own.processed_bytes = own.total_bytes);
    rows
}

/// Stores the rows and the suggested links, if the dataset still exists.
fn store(state: &State, dataset: &DatasetName, read: Read<'_>, job: &IngestionJob) -> Result<u64, String> {
    let Read { rows, found, spent } = read;
    let count = rows.len() as u64;
    state.usage.add(&job.caller.user, state.clock.now(), spent);
    let mut store = write(&state.store);
    store.append_for(dataset, rows, |store| suggest(store, found)).map_err(|error| error.to_string())?;
    Ok(count)
}
