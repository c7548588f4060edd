//! `datalinks pipeline follow`.

use clap::Args;

use super::events;
use crate::failure::Result;
use crate::session::Session;

/// Show the events of a run until it ends
///
/// A lost connection is opened again at the event after the last one. The cursor is the number of events that were shown.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  datalinks pipeline follow run-1\n  datalinks pipeline follow run-1 --cursor 5 --output ndjson"
)]
pub(super) struct Arguments {
    /// Id of the run
    id: String,

    /// Number of events to leave out, as an interrupted command prints it
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    cursor: u64,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let run = session.ingest_proxy().await?.follow(&arguments.id, arguments.cursor)?;
    let stop = session.stop_request();
    events::follow(run, session, &stop).await
}
