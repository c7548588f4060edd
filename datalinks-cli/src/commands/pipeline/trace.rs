//! `datalinks pipeline trace`.

use clap::Args;

use super::hints::explain;
use crate::failure::Result;
use crate::session::Session;

/// Show the durations and model calls of a run so far, also of one that failed
///
/// The object is that of the service, which documents one field of it: runId.
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks pipeline trace run-1 --output json")]
pub(super) struct Arguments {
    /// Id of the run
    id: String,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let run = session.ingest_proxy().await?.follow(&arguments.id, 0)?;
    let trace = run.trace().await.map_err(explain)?;
    session.output.object(&trace)
}
