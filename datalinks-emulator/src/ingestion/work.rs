//! Ingesting files, one after the other.
//!
//! It is a branch of the future that serves, not a task: it ends with the server, and between batches
//! it lets requests be answered.

use std::convert::Infallible;
use std::sync::Arc;

use uuid::Uuid;

use super::{Ingestion, Ingestions, Order, Status};
use crate::fault::{Effect, INGEST_FILE};
use crate::linking::suggest_for;
use crate::lock::{lock, write};
use crate::state::State;
use crate::steps::Worker;
use crate::store::{DatasetName, InputRow};

/// Rows that are read at a time.
const READ_AT_ONCE: usize = 1_000;

/// Works for as long as it is polled.
pub(crate) async fn work(state: &State) -> Infallible {
    loop {
        let Some((id, dataset, order)) = state.ingestions.next() else {
            state.ingestions.queued.notified().await;
            continue;
        };
        let end = match refused(state).await {
            Some(message) => Err(message),
            None => ingest(state, id, &dataset, &order).await,
        };
        state.ingestions.change(id, |own| match end {
            Ok(rows) => {
                own.status = Status::Completed;
                own.message = format!("{rows} rows are stored");
                own.order = None;
            }
            Err(message) => {
                own.status = Status::Failed;
                own.message = message;
            }
        });
    }
}

impl Ingestions {
    /// The next in the queue, marked as being worked on.
    fn next(&self) -> Option<(Uuid, DatasetName, Arc<Order>)> {
        let mut table = lock(&self.table);
        let id = table.queue.pop_front()?;
        let Ingestion { status, message, dataset, order, .. } = table.find(id)?;
        *status = Status::Processing;
        *message = "the file is read".to_owned();
        Some((id, dataset.clone(), Arc::clone(order.as_ref()?)))
    }
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

/// Reads the whole file before anything is stored: a file that cannot be read leaves no rows, and may
/// be ingested again without storing some twice.
async fn ingest(state: &State, id: Uuid, dataset: &DatasetName, order: &Order) -> Result<u64, String> {
    let mut read = Vec::new();
    for row in order.format.rows(&order.content) {
        let (row, end) = row?;
        read.push(row);
        if read.len().is_multiple_of(READ_AT_ONCE) {
            state.ingestions.change(id, |own| own.processed_bytes = end as u64);
            tokio::task::yield_now().await;
        }
    }
    state.ingestions.change(id, |own| own.processed_bytes = own.total_bytes);
    let mut rows = Vec::with_capacity(read.len());
    let mut read = read.into_iter();
    let worker = Worker::new(state, &order.caller.user, order.about.clone());
    loop {
        let batch: Vec<InputRow<'_>> = read.by_ref().take(order.batch).collect();
        if batch.is_empty() {
            break;
        }
        rows.extend(order.steps.run(batch, &worker).await.map_err(|problem| problem.message)?);
        tokio::task::yield_now().await;
    }
    state.usage.add(&order.caller.user, state.clock.now(), worker.spent());
    let stored = store(state, id, dataset, rows, order.batch).await?;
    suggest_for(&mut write(&state.store), &order.caller, dataset, 0, &order.links)
        .map_err(|error| format!("all rows are stored, and links were not looked for: {error}"))?;
    Ok(stored)
}

async fn store(
    state: &State,
    id: Uuid,
    dataset: &DatasetName,
    rows: Vec<InputRow<'_>>,
    batch: usize,
) -> Result<u64, String> {
    let (mut rows, mut stored) = (rows.into_iter(), 0);
    loop {
        let batch: Vec<InputRow<'_>> = rows.by_ref().take(batch).collect();
        let count = batch.len() as u64;
        // Even without rows: the dataset may have been deleted.
        write(&state.store).find_mut(dataset).map_err(|error| error.to_string())?.append(batch);
        if count == 0 {
            return Ok(stored);
        }
        stored += count;
        state.ingestions.change(id, |own| own.processed_rows = stored);
        tokio::task::yield_now().await;
    }
}
