//! `datalinks token list`.

use clap::Args;
use serde::Serialize;

use crate::failure::Result;
use crate::session::Session;

/// List your tokens, without their secrets
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks token list")]
pub(super) struct Arguments {}

/// A token in the list. Times are as the service writes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    id: String,
    name: String,
    created_at: String,
    expires_at: Option<String>,
    last_used_at: Option<String>,
}

pub(super) async fn run(_: Arguments, session: &Session) -> Result {
    let listing = session.client().await?.tokens().await?;
    session.warn_of_rejected(&listing.rejected);
    let tokens = listing.items.into_iter().map(|token| Token {
        id: token.id,
        name: token.name,
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
    });
    let tokens: Vec<Token> = tokens.collect();
    session.output.list(&tokens, &["id", "name", "createdAt", "expiresAt", "lastUsedAt"])
}
