//! `datalinks share`: the users who have access.

mod change;
mod list;
mod target;

use clap::{Args, Subcommand};

use crate::failure::Result;
use crate::session::Session;

/// List, add and remove users who may use a dataset or a namespace
///
/// Only the owner may share. Changes take some seconds to take effect.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::Arguments),
    Add(change::Add),
    Remove(change::Remove),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::List(arguments) => list::run(&arguments, session).await,
        Command::Add(arguments) => change::add(&arguments, session).await,
        Command::Remove(arguments) => change::remove(&arguments, session).await,
    }
}
