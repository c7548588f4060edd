//! `datalinks agent list`.

use clap::Args;
use serde::Serialize;

use super::hints::warn_of_addresses;
use crate::failure::Result;
use crate::session::Session;

/// List the agents that can be asked
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks agent list --output json")]
pub(super) struct Arguments {}

/// An agent in the list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Agent {
    name: String,
    url: Option<String>,
    /// Address of the card.
    agent_card: Option<String>,
}

pub(super) async fn run(_: Arguments, session: &Session) -> Result {
    let listing = session.client().await?.agents().await?;
    session.warn_of_rejected(&listing.rejected);
    let mut agents = Vec::with_capacity(listing.items.len());
    for entry in listing.items {
        warn_of_addresses(&entry.foreign_addresses, session);
        agents.push(Agent { name: entry.name, url: entry.url, agent_card: entry.agent_card });
    }
    session.output.list(&agents, &["name", "url"])
}
