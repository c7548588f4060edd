//! Handlers for conversations: sequences of questions with a common context.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::call::OperationCall;
use super::run_result::Outcome;
use crate::ask::{AgentRun, Conversation, Status};
use crate::request::query_string::required;
use crate::response::{ApiResponse, Problem};

#[derive(Serialize)]
struct List {
    conversations: Vec<Summary>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    id: Uuid,
    title: String,
    created_at: i64,
    updated_at: i64,
}

impl From<Conversation> for Summary {
    fn from(conversation: Conversation) -> Self {
        Self {
            id: conversation.id,
            title: conversation.title,
            created_at: conversation.created_at.timestamp_millis(),
            updated_at: conversation.updated_at.timestamp_millis(),
        }
    }
}

#[derive(Serialize)]
struct Detail<'a> {
    id: Uuid,
    title: &'a str,
    turns: Vec<Turn<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Turn<'a> {
    run_id: Uuid,
    question: &'a str,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Outcome<'a>>,
}

impl<'a> Turn<'a> {
    fn new(run: &'a AgentRun, now: DateTime<Utc>) -> Self {
        Self {
            run_id: run.id,
            question: &run.asked.question,
            status: run.status(now),
            result: Outcome::of(run),
        }
    }
}

/// Lists the caller's own conversations. The owner of a namespace does not see the conversations of others in it.
pub(super) fn list(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let (username, namespace) = (required(call.query, "username")?, required(call.query, "namespace")?);
    let space = call.space_of(&username, &namespace);
    let conversations = call.state.agent_runs.conversations(&call.caller, &space);
    Ok(ApiResponse::json(&List { conversations: conversations.into_iter().map(Summary::from).collect() }))
}

pub(super) fn detail(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let not_found =
        || Problem::not_found("no such conversation of yours; use an id from the list of conversations");
    let id: Uuid = call.param("conversationId").parse().map_err(|_| not_found())?;
    let now = call.state.clock.now();
    let (conversation, runs) = call.state.agent_runs.conversation(id, &call.caller).ok_or_else(not_found)?;
    runs.iter().for_each(|run| call.provenance.note(run.label()));
    let turn = |run| Turn::new(run, now);
    Ok(ApiResponse::json(&Detail { id, title: &conversation.title, turns: runs.iter().map(turn).collect() }))
}
