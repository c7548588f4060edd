//! `datalinks conversation`: questions that refer to each other.

mod list;
mod show;

use clap::{Args, Subcommand};

use crate::failure::Result;
use crate::session::Session;

/// List and show conversations with the agent
///
/// `datalinks ask --conversation ID` continues one. The service has no way to delete a conversation.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::Arguments),
    Show(show::Arguments),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::List(arguments) => list::run(&arguments, session).await,
        Command::Show(arguments) => show::run(&arguments, session).await,
    }
}
