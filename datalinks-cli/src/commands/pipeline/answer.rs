//! `datalinks pipeline answer`.

use clap::Args;
use datalinks::types::Row;

use super::hints::explain;
use crate::failure::{Failure, Result};
use crate::session::Session;
use crate::terminal::read_to_end;

/// Answer the question of a run that waits for a person
///
/// The answer is a JSON object. The service does not document its fields. It documents three questions: a clarification of
/// the prompt, the review of the schema (approve, edit or reject), and a fresh token, which is the token of this command.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks pipeline answer run-1 '{\"approve\": true}'\n  \
    datalinks pipeline answer run-1 @answer.json")]
pub(super) struct Arguments {
    /// Id of the run
    id: String,

    /// Answer as a JSON object, or @FILE, or `-` for standard input
    #[arg(value_name = "JSON")]
    answer: String,
}

/// Longest answer on standard input, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let answer = object(&arguments.answer).await?;
    let run = session.ingest_proxy().await?.follow(&arguments.id, 0)?;
    let response = run.resume_hook(answer).await.map_err(explain)?;
    session.output.change(&format!("answered run {}", run.id()), &response)
}

/// Returns the object that an argument gives.
async fn object(argument: &str) -> Result<Row> {
    let text = match argument.strip_prefix('@') {
        Some(file) => tokio::fs::read(file)
            .await
            .map_err(|error| Failure::usage(format!("cannot read {file}")).caused_by(&error))?,
        None if argument == "-" => read_to_end(LONGEST).await?,
        None => argument.as_bytes().to_vec(),
    };
    serde_json::from_slice(&text).map_err(|error| {
        Failure::usage("the answer is not a JSON object; nothing was sent").caused_by(&error)
    })
}
