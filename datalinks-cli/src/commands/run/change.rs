//! `datalinks run rate` and `datalinks run delete`.

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::hints::explain;
use crate::failure::Result;
use crate::session::Session;

/// Rate the answer of a run
///
/// A later rating replaces an earlier one.
#[derive(Args)]
#[command(
    after_help = "Example:\n  datalinks run rate c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3 down --comment 'wrong year'"
)]
pub(super) struct Rate {
    /// Id of the run
    id: String,

    /// Rating of the answer
    #[arg(value_enum)]
    thumbs: Thumbs,

    /// Comment on the rating
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Thumbs {
    /// The answer is good
    Up,
    /// The answer is bad
    Down,
}

/// Delete a run with its result
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks run delete c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3")]
pub(super) struct Delete {
    /// Id of the run
    id: String,
}

/// What happened to a run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    run_id: String,
    change: &'static str,
}

pub(super) async fn rate(arguments: Rate, session: &Session) -> Result {
    let run = session.client().await?.run(&arguments.id)?;
    let mut rating = run.rate(arguments.thumbs == Thumbs::Up);
    if let Some(comment) = arguments.comment {
        rating = rating.comment(comment);
    }
    rating.await.map_err(explain)?;
    let change = Change { run_id: run.id().to_string(), change: "rated" };
    session.output.change(&format!("rated run {}", change.run_id), &change)
}

pub(super) async fn delete(arguments: Delete, session: &Session) -> Result {
    let run = session.client().await?.run(&arguments.id)?;
    run.delete().await.map_err(explain)?;
    let change = Change { run_id: run.id().to_string(), change: "deleted" };
    session.output.change(&format!("deleted run {}", change.run_id), &change)
}
