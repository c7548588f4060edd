//! `datalinks conversation show`.

use clap::Args;
use datalinks::ask::ConversationTurn;
use datalinks::types::Row;
use serde::Serialize;
use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::output::Format;
use crate::session::Session;

/// Show a conversation with its questions and answers
#[derive(Args)]
#[command(
    after_help = "Example:\n  datalinks conversation show 0b0e7d52-3f61-4d0e-9c4b-8f3f0f4f7a11 --output json"
)]
pub(super) struct Arguments {
    /// Id of the conversation
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Conversation<'a> {
    id: String,
    title: &'a str,
    /// Oldest first.
    turns: Vec<Turn<'a>>,
}

/// A question.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Turn<'a> {
    run_id: String,
    status: &'a str,
    question: &'a str,
    answer: Option<&'a str>,
    /// Result of the run as the service returns it, or `null`.
    result: Option<&'a Row>,
}

impl<'a> Turn<'a> {
    fn of(turn: &'a ConversationTurn) -> Self {
        Self {
            run_id: turn.run_id.to_string(),
            status: turn.status.as_str(),
            question: &turn.question,
            answer: turn.result.get("response").and_then(Value::as_str),
            result: Some(&turn.result).filter(|result| !result.is_empty()),
        }
    }
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let conversation = session.client().await?.conversation(&arguments.id).await;
    let conversation =
        conversation.map_err(|error| Failure::from(error).next_if_missing("datalinks conversation list"))?;
    let turns: Vec<Turn<'_>> = conversation.turns.iter().map(Turn::of).collect();
    if session.output.format() == Format::Table {
        session.diagnostics().note(&conversation.title);
        return session.output.list(&turns, &["runId", "status", "question", "answer"]);
    }
    session.output.object(&Conversation {
        id: conversation.id.to_string(),
        title: &conversation.title,
        turns,
    })
}
