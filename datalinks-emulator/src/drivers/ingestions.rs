//! Ingesting files, one after the other.
//!
//! It is a branch of the future that serves, not a task: it ends with the server, and between batches
//! it lets requests be answered.

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

/// Rows that are read between two updates of the progress.
const READ_AT_ONCE: usize = 1_000;

/// Works for as long as it is polled.
pub(crate) async fn work(state: &State) -> Infallible {
    loop {
        // An ingestion of a state that was replaced meanwhile is dropped, and the next one is of the new state.
        let work = Box::pin(work_on_the_next(state));
        let work = state.generations.within(state.generations.current(), work);
        if let Ok(false) = work.await {
            state.ingestions.queued.notified().await;
        }
    }
}

/// Works on the next ingestion of the queue. Returns `false` if there is none.
async fn work_on_the_next(state: &State) -> bool {
    let Some((id, dataset, order)) = state.ingestions.next() else { return false };
    match catch_as_problem(ingest(state, id, &dataset, &order)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => state.ingestions.mark_failed(id, error.to_string()),
        // What was not kept is gone again, and the ingestion waits in the queue, to panic anew.
        Err(problem) => state.fail_after_panic(|| state.ingestions.mark_failed(id, problem.message)),
    }
    true
}

/// Ingests one file. What was stored could not be kept if this fails.
async fn ingest(
    state: &State,
    id: Uuid,
    dataset: &DatasetName,
    order: &Arc<IngestionJob>,
) -> Result<(), StateError> {
    let end = match refused(state).await {
        Some(message) => Err(message),
        None => read(state, id, dataset, order).await,
    };
    // The rows are stored together with the end of their ingestion: a restart finds both or none.
    state.transaction(|| state.ingestions.end(id, || store(state, dataset, end?, order)))
}

/// What an injected fault says to an ingestion.
async fn refused(state: &State) -> Option<String> {
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

/// What is to be stored.
struct Read<'a> {
    rows: Vec<InputRow<'a>>,
    /// The links that the dataset will have.
    found: Vec<DiscoveredLink>,
    /// The tokens that it took.
    spent: u64,
}

/// Reads the whole file before anything is stored: a file that cannot be read leaves no rows, and may
/// be ingested again without storing some twice.
async fn read(
    state: &State,
    id: Uuid,
    dataset: &DatasetName,
    order: &Arc<IngestionJob>,
) -> Result<Read<'static>, String> {
    let read = rows_of(state, id, order).await?;
    let mut rows = Vec::with_capacity(read.len());
    let mut read = read.into_iter();
    let worker = StepRunner::new(state.session(&order.caller.user), order.about.clone());
    loop {
        let batch: Vec<InputRow<'_>> = read.by_ref().take(order.batch).collect();
        if batch.is_empty() {
            break;
        }
        rows.extend(order.steps.run(batch, &worker).await.map_err(|problem| problem.message)?);
        tokio::task::yield_now().await;
    }
    let found = discover_links(state, &order.caller, dataset, &rows, true, &order.links).await;
    let found = found.map_err(|problem| problem.message)?;
    Ok(Read { rows, found, spent: worker.spent() })
}

/// Reads the rows of the file in the background, and updates the progress of the ingestion meanwhile.
async fn rows_of(
    state: &State,
    id: Uuid,
    order: &Arc<IngestionJob>,
) -> Result<Vec<InputRow<'static>>, String> {
    let (done, mut progress) = watch::channel(0);
    let order = Arc::clone(order);
    let reading = background(move || {
        let content = order.content.joined();
        let mut rows = Vec::new();
        for row in order.format.rows(&content) {
            let (row, end) = row?;
            count(row.cells.len());
            rows.push(row.into_owned());
            if rows.len().is_multiple_of(READ_AT_ONCE) {
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

/// Stores the rows and the suggested links, if the dataset is still there.
fn store(state: &State, dataset: &DatasetName, read: Read<'_>, order: &IngestionJob) -> Result<u64, String> {
    let Read { rows, found, spent } = read;
    let count = rows.len() as u64;
    state.usage.add(&order.caller.user, state.clock.now(), spent);
    let mut store = write(&state.store);
    store.append_for(dataset, rows, |store| suggest(store, found)).map_err(|error| error.to_string())?;
    Ok(count)
}
