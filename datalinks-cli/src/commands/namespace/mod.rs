//! `datalinks namespace`: groups of datasets.

mod change;
mod create;
mod list;
mod show;

use clap::{Args, Subcommand};

use crate::failure::Result;
use crate::session::Session;

/// List, show, create, rename and delete namespaces
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::Arguments),
    Show(show::Arguments),
    Create(create::Arguments),
    Rename(change::Rename),
    Delete(change::Delete),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::List(arguments) => list::run(&arguments, session).await,
        Command::Show(arguments) => show::run(&arguments, session).await,
        Command::Create(arguments) => create::run(&arguments, session).await,
        Command::Rename(arguments) => change::rename(&arguments, session).await,
        Command::Delete(arguments) => change::delete(&arguments, session).await,
    }
}
