//! `datalinks namespace list`.

use clap::Args;
use serde::Serialize;

use crate::failure::Result;
use crate::session::Session;

/// List your namespaces, or those of another user that you may see
#[derive(Args)]
#[command(after_help = "Examples:\n  datalinks namespace list\n  datalinks namespace list bo --output json")]
pub(super) struct Arguments {
    /// User name of the owner [default: the user of the token]
    owner: Option<String>,
}

/// A namespace in the list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Namespace {
    /// Owner as the service writes it: a user name or an id.
    owner: String,
    name: String,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let client = session.client().await?;
    let listing = match &arguments.owner {
        None => client.namespaces().await?,
        Some(owner) => client.namespaces_of(owner).await?,
    };
    session.warn_of_rejected(&listing.rejected);
    let namespaces = listing.items.into_iter().map(|item| Namespace { owner: item.owner, name: item.name });
    let namespaces: Vec<Namespace> = namespaces.collect();
    session.output.list(&namespaces, &["owner", "name"])
}
