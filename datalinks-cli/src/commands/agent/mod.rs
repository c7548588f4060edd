//! `datalinks agent`: agents over the agent-to-agent protocol.

mod ask;
mod card;
mod hints;
mod list;
mod report;

use clap::{Args, Subcommand};

use crate::failure::Result;
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
