//! Handlers for the runs of the agent that answers questions.

use chrono::{DateTime, Utc};
use datalinks_gen::StreamKind;
use http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::ask;
use super::call::OperationCall;
use super::run_result::Outcome;
use crate::ask::{AgentRun, Feedback, NotCompleted, Status, Stuck};
use crate::persistence::Versioned;
use crate::request::Fields;
use crate::response::{ApiResponse, Problem};

/// The `agent_kind` of every run.
const AGENT: &str = "auto_rag";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunReport<'a> {
    run_id: Uuid,
    agent_kind: &'static str,
    question: &'a str,
    status: Status,
    can_resume: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_node_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Outcome<'a>>,
}

/// The response to a resume request for a run that cannot be resumed: the API's error shape and the state of the run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NotResumable<'a> {
    #[serde(flatten)]
    problem: Problem,
    run_id: Uuid,
    question: &'a str,
    status: Status,
    /// The reason why the run failed. The error shape already has a field `error_message`.
    #[serde(rename = "errorMessage", skip_serializing_if = "Option::is_none")]
    failure: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Outcome<'a>>,
}

/// Calls `act` with the run in the path.
fn inspect<T>(call: &OperationCall<'_>, act: impl FnOnce(&AgentRun) -> T) -> Result<T, Problem> {
    call.state.agent_runs.inspect(id(call)?, &call.caller, act).ok_or_else(run_not_found)
}

/// Calls `act` with the run in the path. The run counts as changed if `act` borrows it mutably.
fn change<T>(
    call: &OperationCall<'_>,
    act: impl FnOnce(&mut Versioned<AgentRun>) -> T,
) -> Result<T, Problem> {
    call.state.agent_runs.change(id(call)?, &call.caller, act).ok_or_else(run_not_found)
}

fn id(call: &OperationCall<'_>) -> Result<Uuid, Problem> {
    call.param("runId").parse().map_err(|_| run_not_found())
}

fn run_not_found() -> Problem {
    Problem::not_found("no such run of yours; use the `runId` of the event `run-started`")
}

pub(super) fn status(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let now = call.state.clock.now();
    inspect(call, |run| {
        call.provenance.note(run.label());
        ApiResponse::json(&RunReport {
            run_id: run.id,
            agent_kind: AGENT,
            question: &run.asked.question,
            status: run.status(now),
            can_resume: run.can_resume(now),
            last_node_id: run.last_node(),
            error_message: run.error(),
            result: Outcome::of(run),
        })
    })
}

pub(super) fn delete(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    if !call.state.agent_runs.delete(id(call)?, &call.caller) {
        return Err(run_not_found());
    }
    Ok(ApiResponse::empty().status(StatusCode::NO_CONTENT))
}

pub(super) fn resume(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let now = call.state.clock.now();
    let resumed = change(call, |run| -> Result<_, Problem> {
        if let Err(stuck) = run.resumable(now) {
            return Ok(Err(not_resumable(stuck, run, now)));
        }
        let responder = ask::responder(call)?;
        Ok(Ok((run.take_over(call.provenance.label(), now), responder)))
    })?;
    let (run, responder) = match resumed? {
        Ok(resumed) => resumed,
        Err(answer) => return Ok(answer),
    };
    let state = call.state;
    let delay = state.settings.event_delay;
    let events = state.agent_runs.drive(call.generation, run, call.caller.clone(), responder, delay);
    Ok(ApiResponse::events(StreamKind::Sse, events.into_stream()))
}

/// Returns the response for a run that cannot be resumed.
fn not_resumable(stuck: Stuck, run: &AgentRun, now: DateTime<Utc>) -> ApiResponse {
    let problem = match stuck {
        Stuck::NoCheckpoint => Problem::conflict(
            "the run has no checkpoint and is still in progress; poll its status until it ends",
        ),
        Stuck::Completed => {
            Problem::gone("the run is completed; read its result in this response or in its status")
        }
        Stuck::Expired => Problem::gone("the run has expired; ask again"),
        Stuck::Failed => Problem::unprocessable("the run has failed; ask again"),
    };
    let status = problem.status;
    let not_resumable = NotResumable {
        problem,
        run_id: run.id,
        question: &run.asked.question,
        status: run.status(now),
        failure: run.error(),
        result: Outcome::of(run),
    };
    ApiResponse::json(&not_resumable).status(status)
}

pub(super) fn feedback(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let feedback = Feedback { thumbs_up: fields.required("thumbsUp"), comment: fields.optional("comment") };
    fields.finish()?;
    change(call, |run| run.rate(feedback))??;
    Ok(ApiResponse::empty().status(StatusCode::NO_CONTENT))
}

impl From<NotCompleted> for Problem {
    fn from(_: NotCompleted) -> Self {
        Self::unprocessable("the run is not completed, so it cannot be rated; wait for its answer")
    }
}
