//! `datalinks conversation list`.

use clap::Args;
use serde::Serialize;

use crate::commands::ask::namespace;
use crate::failure::Result;
use crate::session::{Session, or_missing_namespace};

/// List the conversations in a namespace, newest first
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks conversation list --namespace cinema")]
pub(super) struct Arguments {}

/// A conversation in the list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Conversation {
    id: String,
    title: String,
    /// Time of the first question, in RFC 3339.
    created_at: String,
    /// Time of the latest question, in RFC 3339.
    updated_at: String,
}

pub(super) async fn run(_: Arguments, session: &Session) -> Result {
    let namespace = namespace(session).await?;
    let listing = or_missing_namespace(namespace.conversations().await, &namespace).await?;
    session.warn_of_rejected(&listing.rejected);
    let conversations: Vec<Conversation> = listing
        .items
        .into_iter()
        .map(|item| Conversation {
            id: item.id.to_string(),
            title: item.title,
            created_at: item.created_at.to_rfc3339(),
            updated_at: item.updated_at.to_rfc3339(),
        })
        .collect();
    session.output.list(&conversations, &["id", "title", "updatedAt"])
}
