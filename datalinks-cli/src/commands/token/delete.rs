//! `datalinks token delete`.

use clap::Args;
use datalinks::{DataLinks, Error};
use serde::Serialize;

use crate::failure::{Exit, Failure, Result};
use crate::session::Session;

/// Delete a token, which stops working immediately
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks token delete 42")]
pub(super) struct Arguments {
    /// Id of the token, from `datalinks token list`
    id: String,
}

/// A token that was deleted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Changed<'a> {
    id: &'a str,
    /// `deleted`.
    change: &'a str,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let client = session.client().await?;
    let id = arguments.id.as_str();
    if let Err(error) = client.delete_token(id).await {
        return Err(explain_missing(error, id, client).await);
    }
    session.output.change(&format!("deleted the token {id}"), &Changed { id, change: "deleted" })
}

/// Adds the id that was probably meant to a failure about a token that was not found: that of the token with this name.
pub(super) async fn explain_missing(error: Error, id: &str, client: &DataLinks) -> Failure {
    let failure = Failure::from(error);
    if failure.exit() != Exit::NotFound {
        return failure;
    }
    let tokens = client.tokens().await.unwrap_or_default().items;
    match tokens.iter().find(|token| token.name == id) {
        Some(token) => failure.next(format!("did you mean the id {} of the token {id}?", token.id)),
        None => failure.next("datalinks token list"),
    }
}
