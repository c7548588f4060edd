//! `datalinks agent`: agents over the agent-to-agent protocol.

mod ask;
mod card;
mod list;
mod report;

use clap::{Args, Subcommand};
use datalinks::agents::Agent;

use crate::failure::{Exit, Failure, Result, nearest};
use crate::session::Session;

/// List, describe and ask agents over the agent-to-agent protocol (A2A)
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::Arguments),
    Card(card::Arguments),
    Ask(ask::Arguments),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::List(arguments) => list::run(&arguments, session).await,
        Command::Card(arguments) => card::run(&arguments, session).await,
        Command::Ask(arguments) => ask::run(arguments, session).await,
    }
}

/// Adds the name that was probably meant to a failure about an agent that does not exist.
async fn explain(failure: Failure, agent: &Agent) -> Failure {
    if failure.exit() != Exit::NotFound {
        return failure;
    }
    let listed = agent.client().agents().await.ok();
    let names: Vec<String> = listed.into_iter().flat_map(|list| list.items).map(|entry| entry.name).collect();
    match nearest(agent.name(), names.iter().map(String::as_str)) {
        Some(near) if near != agent.name() => failure.next(format!("did you mean {near}?")),
        _ => failure.next("datalinks agent list"),
    }
}

/// Warns of addresses that are not those of the host of the settings.
fn warn_of_addresses(addresses: &[String], session: &Session) {
    for address in addresses {
        let what = format!("{address} is at another host than the API; no request is sent there");
        session.diagnostics().warning(&what);
    }
}
