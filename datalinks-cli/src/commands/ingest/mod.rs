//! `datalinks ingest`: rows of files, sent in batches and accounted for.

mod arguments;
mod dry_run;
mod estimate;
mod limits;
mod report;
mod send;

pub(crate) use arguments::Arguments;

use datalinks::Dataset;

use super::rows::BadRows;
use crate::failure::{Failure, Result};
use crate::session::Session;

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    let bad_rows = arguments.bad_rows();
    if bad_rows == BadRows::DeadLetter && arguments.dead_letter.is_none() && arguments.sends() {
        return Err(Failure::usage("--bad-rows dead-letter needs a file").next("add --dead-letter FILE"));
    }
    let reader = arguments.input.reader(bad_rows)?;
    let processing = arguments.processing.resolve().await?;
    let written = [arguments.journal.as_deref(), arguments.dead_letter.as_deref()];
    arguments.input.check_files(&written).await?;
    arguments.check_journal().await?;
    if arguments.dry_run {
        return dry_run::run(&arguments, &session.offline_dataset()?, processing, session).await;
    }
    let dataset = session.dataset(None).await?;
    if let Some(rows) = arguments.estimate {
        return estimate::run(rows, &arguments, &dataset, processing, session).await;
    }
    if arguments.create {
        create(&dataset, session).await?;
    }
    send::run(&arguments, &dataset, reader, processing, session).await
}

async fn create(dataset: &Dataset, session: &Session) -> Result {
    use datalinks::datasets::CreateOutcome;

    if dataset.create().await? == CreateOutcome::Created {
        session.diagnostics().note(&format!("created {}", crate::session::full_name(dataset)));
    }
    Ok(())
}
