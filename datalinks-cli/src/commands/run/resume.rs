//! `datalinks run resume`.

use clap::Args;

use super::hints::explain;
use crate::commands::ask::{Report, follow};
use crate::failure::{Failure, Result};
use crate::session::Session;

/// Resume a run from its last checkpoint, and show its events as `ask` does
///
/// A run that has no checkpoint, or that has ended, is a failure. The service documents that the agent that answers questions
/// writes no checkpoints today, so `datalinks run wait` is the way to its result.
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks run resume c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3")]
pub(super) struct Arguments {
    /// Id of the run
    id: String,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let run = session.client().await?.run(&arguments.id)?;
    let stop = session.stop_request();
    let events = tokio::select! {
        biased;
        code = stop.requested() => return Err(Failure::interrupted(code)),
        events = run.resume() => events.map_err(explain)?,
    };
    let mut report = Report::new(session, None);
    report.name_run(run.id().to_string());
    follow(events, report, None, None, &stop).await
}
