//! `datalinks run show` and `datalinks run wait`.

use clap::Args;
use datalinks::ask::{RunState, RunStatus};
use datalinks::types::Row;
use serde::Serialize;
use serde_json::Value;

use super::hints::explain;
use crate::failure::{Exit, Failure, Result};
use crate::output::Format;
use crate::session::Session;

/// Show the state of a run, and its result if it is complete
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks run show c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3 --output json")]
pub(super) struct Show {
    /// Id of the run
    id: String,
}

/// Wait until a run has ended, and print its answer
///
/// The state is read again and again for ten minutes at most. A run that failed or expired is a failure.
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks run wait c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3")]
pub(super) struct Wait {
    /// Id of the run
    id: String,
}

/// A run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    run_id: String,
    agent_kind: &'a str,
    question: &'a str,
    status: &'a str,
    can_resume: bool,
    last_node_id: Option<&'a str>,
    /// Reason of a failure, or `null`.
    error: Option<&'a str>,
    answer: Option<&'a str>,
    /// Result of the run as the service returns it, or `null`.
    result: Option<&'a Row>,
}

impl<'a> Run<'a> {
    fn of(status: &'a RunStatus) -> Self {
        Self {
            run_id: status.run_id.to_string(),
            agent_kind: &status.agent_kind,
            question: &status.question,
            status: status.status.as_str(),
            can_resume: status.can_resume,
            last_node_id: status.last_node_id.as_deref(),
            error: status.error_message.as_deref(),
            answer: status.result.get("response").and_then(Value::as_str),
            result: Some(&status.result).filter(|result| !result.is_empty()),
        }
    }
}

pub(super) async fn show(arguments: Show, session: &Session) -> Result {
    let status = session.client().await?.run(&arguments.id)?.status().await.map_err(explain)?;
    let mut run = Run::of(&status);
    if session.output.format() == Format::Table {
        // The steps and their rows are for programs.
        run.result = None;
    }
    session.output.object(&run)
}

pub(super) async fn wait(arguments: Wait, session: &Session) -> Result {
    let id = &arguments.id;
    let status = session.client().await?.run(id)?.wait().await;
    let status = status.map_err(|error| match error.kind() {
        datalinks::ErrorKind::Timeout => {
            explain(error).next(format!("datalinks run wait {id}, which waits longer"))
        }
        _ => explain(error),
    })?;
    let run = Run::of(&status);
    match (session.output.format(), run.answer) {
        (Format::Table, Some(answer)) => session.output.text(answer)?,
        (Format::Table, None) => {}
        _ => session.output.object(&run)?,
    }
    match &status.status {
        RunState::Completed if run.answer.is_some() => Ok(()),
        RunState::Completed => {
            let failure = Failure::new(Exit::Failure, "the run is completed, and its result has no answer");
            Err(failure.next(format!("datalinks run show {id} --output json")))
        }
        RunState::Failed => {
            let reason = run.error.unwrap_or("it has no reason");
            Err(Failure::new(Exit::Failure, format!("the run failed: {reason}")))
        }
        other => Err(Failure::new(Exit::Failure, format!("the run has ended, and its state is {other}"))),
    }
}
