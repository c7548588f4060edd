//! Runs of the agent that answers questions.

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

/// What the service calls the agent.
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

/// Why a run is not resumed: the API's error shape, and what the run has to say.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Over<'a> {
    #[serde(flatten)]
    problem: Problem,
    run_id: Uuid,
    question: &'a str,
    status: Status,
    /// Why it failed. Not `error_message`, which the error shape has already.
    #[serde(rename = "errorMessage", skip_serializing_if = "Option::is_none")]
    failure: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Outcome<'a>>,
}

/// Looks at the run in the path.
fn inspect<T>(call: &OperationCall<'_>, act: impl FnOnce(&AgentRun) -> T) -> Result<T, Problem> {
    call.state.agent_runs.inspect(id(call)?, &call.caller, act).ok_or_else(no_run)
}

/// Looks at the run in the path, and changes it if `act` borrows it mutably.
fn change<T>(
    call: &OperationCall<'_>,
    act: impl FnOnce(&mut Versioned<AgentRun>) -> T,
) -> Result<T, Problem> {
    call.state.agent_runs.change(id(call)?, &call.caller, act).ok_or_else(no_run)
}

fn id(call: &OperationCall<'_>) -> Result<Uuid, Problem> {
    call.param("runId").parse().map_err(|_| no_run())
}

fn no_run() -> Problem {
    Problem::not_found("you have no such run; use the `runId` of the event `run-started`")
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
        return Err(no_run());
    }
    Ok(ApiResponse::empty().status(StatusCode::NO_CONTENT))
}

pub(super) fn resume(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let now = call.state.clock.now();
    let resumed = change(call, |run| -> Result<_, Problem> {
        if let Err(stuck) = run.resumable(now) {
            return Ok(Err(over(stuck, run, now)));
        }
        let responder = ask::responder(call)?;
        Ok(Ok((run.take_over(call.provenance.label(), now), responder)))
    })?;
    let (run, responder) = match resumed? {
        Ok(resumed) => resumed,
        Err(answer) => return Ok(answer),
    };
    let state = call.state;
    let events = state.agent_runs.drive(run, call.caller.clone(), responder, state.settings.event_delay);
    Ok(ApiResponse::events(StreamKind::Sse, events.into_stream()))
}

/// The answer where there is nothing to resume.
fn over(stuck: Stuck, run: &AgentRun, now: DateTime<Utc>) -> ApiResponse {
    let problem = match stuck {
        Stuck::NoCheckpoint => Problem::conflict(
            "the run has no checkpoint and goes on by itself; poll its status until it is over",
        ),
        Stuck::Completed => Problem::gone("the run is completed; its result is here and in its status"),
        Stuck::Expired => Problem::gone("the run has expired; ask again"),
        Stuck::Failed => Problem::unprocessable("the run has failed; ask again"),
    };
    let status = problem.status;
    let over = Over {
        problem,
        run_id: run.id,
        question: &run.asked.question,
        status: run.status(now),
        failure: run.error(),
        result: Outcome::of(run),
    };
    ApiResponse::json(&over).status(status)
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
        Self::unprocessable("the run is not completed, and only answers are rated; wait for its answer")
    }
}
