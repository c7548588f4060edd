//! `datalinks ingestion`: the ingestions of uploaded files.

mod change;
mod item;
mod list;
mod watch;

pub(super) use watch::watch;

use clap::{Args, Subcommand};

use crate::failure::Result;
use crate::session::Session;

/// List, watch and retry the ingestions of uploaded files
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::Arguments),
    Show(watch::Show),
    Watch(watch::Arguments),
    Retry(change::Retry),
    Seen(change::Seen),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::List(arguments) => list::run(&arguments, session).await,
        Command::Show(arguments) => watch::show(&arguments, session).await,
        Command::Watch(arguments) => watch::run(&arguments, session).await,
        Command::Retry(arguments) => change::retry(&arguments, session).await,
        Command::Seen(arguments) => change::seen(&arguments, session).await,
    }
}
