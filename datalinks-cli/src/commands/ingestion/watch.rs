//! `datalinks ingestion show` and `watch`.

use std::time::Duration;

use clap::Args;
use datalinks::Dataset;
use datalinks::uploads::WaitOutcome;
use futures::StreamExt;
use uuid::Uuid;

use super::item::Item;
use crate::failure::{Exit, Failure, Result};
use crate::output::{Progress, Unit};
use crate::session::{Session, full_name, or_missing_dataset};
use crate::set::set;
use crate::settings::parse_duration;

/// Show an ingestion
#[derive(Args)]
#[command(after_help = "Example:\n  \
    datalinks ingestion show 0191d2f4-3c8e-7a60-9b1d-1f2e3d4c5b6a --dataset cinema/films")]
pub(super) struct Show {
    /// Id of the ingestion [default: the newest one]
    id: Option<Uuid>,
}

/// Wait for the end of an ingestion, and show its progress
///
/// The exit code is 0 if the rows are stored, and 1 if the ingestion failed or did not end in time.
#[derive(Args)]
#[command(after_help = "Examples:\n  datalinks ingestion watch --dataset cinema/films\n  \
    datalinks ingestion watch 0191d2f4-3c8e-7a60-9b1d-1f2e3d4c5b6a --dataset cinema/films --every 1s --for 10m")]
pub(super) struct Arguments {
    /// Id of the ingestion [default: the newest one]
    id: Option<Uuid>,

    /// Time between two polls, at least 100ms [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    every: Option<Duration>,

    /// Time to wait at most [default: 20m]
    #[arg(long = "for", value_name = "TIME", value_parser = parse_duration)]
    limit: Option<Duration>,
}

pub(super) async fn show(arguments: Show, session: &Session) -> Result {
    let dataset = session.dataset(None).await?;
    let id = chosen(arguments.id, &dataset).await?;
    let outcome = or_missing_dataset(dataset.wait_for(id).timeout(Duration::ZERO).await, &dataset).await?;
    match outcome {
        WaitOutcome::Completed(found)
        | WaitOutcome::Failed(found)
        | WaitOutcome::Other(found)
        | WaitOutcome::TimedOut(found) => session.output.object(&Item::from(found)),
        outcome => Err(end(outcome, id, &dataset)),
    }
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let dataset = session.dataset(None).await?;
    let id = chosen(arguments.id, &dataset).await?;
    watch(&dataset, id, arguments.every, arguments.limit, session).await
}

/// Returns the id, or that of the newest ingestion.
async fn chosen(id: Option<Uuid>, dataset: &Dataset) -> Result<Uuid> {
    if let Some(id) = id {
        return Ok(id);
    }
    let page = or_missing_dataset(dataset.ingestions().page_size(1).await, dataset).await?;
    match page.ingestions.first() {
        Some(newest) => Ok(newest.id),
        None => Err(Failure::new(Exit::NotFound, format!("{} has no ingestions", full_name(dataset)))
            .next(format!("datalinks upload FILE --dataset {}", full_name(dataset)))),
    }
}

/// Waits for the end of an ingestion, shows its progress, and writes its last state.
pub(in crate::commands) async fn watch(
    dataset: &Dataset,
    id: Uuid,
    every: Option<Duration>,
    limit: Option<Duration>,
    session: &Session,
) -> Result {
    let mut states = set!(dataset.wait_for(id), every: every, timeout: limit).stream();
    let mut progress: Option<Progress> = None;
    let mut status = String::new();
    while let Some(state) = states.next().await {
        let state = or_missing_dataset(state, dataset).await?;
        if state.status != status {
            session.diagnostics().note(&format!("ingestion {id}: {}", state.status));
            status.clone_from(&state.status);
        }
        let total = state.expected_total_bytes.and_then(|total| u64::try_from(total).ok());
        if let Some(done) = state.processed_bytes.and_then(|done| u64::try_from(done).ok()) {
            let start = || Progress::start(session.diagnostics(), "ingestion", Unit::Bytes, total);
            progress.get_or_insert_with(start).set(done);
        }
    }
    drop(progress);
    // The states do not say which of them are final.
    match or_missing_dataset(dataset.wait_for(id).timeout(Duration::ZERO).await, dataset).await? {
        WaitOutcome::Completed(found) => session.output.object(&Item::from(found)),
        outcome => {
            if let WaitOutcome::Failed(found) | WaitOutcome::Other(found) | WaitOutcome::TimedOut(found) =
                &outcome
            {
                session.output.object(&Item::from(found.clone()))?;
            }
            Err(end(outcome, id, dataset))
        }
    }
}

/// Returns the failure of an ingestion whose rows are not known to be stored.
fn end(outcome: WaitOutcome, id: Uuid, dataset: &Dataset) -> Failure {
    let name = full_name(dataset);
    match outcome {
        WaitOutcome::Failed(found) => {
            let reason = found.status_message.unwrap_or(found.status);
            Failure::new(Exit::Failure, format!("ingestion {id} failed: {reason}"))
                .next(format!("datalinks ingestion retry {id} --dataset {name}"))
        }
        WaitOutcome::TimedOut(found) => {
            Failure::new(Exit::Failure, format!("ingestion {id} has not ended yet: {}", found.status))
                .next(format!("datalinks ingestion watch {id} --dataset {name}"))
        }
        WaitOutcome::Unreadable(item) => {
            Failure::new(Exit::Unreachable, format!("ingestion {id} cannot be read: {}", item.reason))
        }
        WaitOutcome::Vanished => Failure::new(Exit::NotFound, format!("{name} has no ingestion {id}"))
            .next(format!("datalinks ingestion list --dataset {name}")),
        WaitOutcome::Other(found) => Failure::new(
            Exit::Failure,
            format!("ingestion {id} has a status that this program does not know: {}", found.status),
        ),
        _ => Failure::new(Exit::Failure, format!("ingestion {id} has ended in an unknown way")),
    }
}
