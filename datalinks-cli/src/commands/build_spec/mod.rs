//! `datalinks build-spec`: how datasets are derived from others by code.

mod delete;
mod list;
mod save;
mod show;
mod spec;

use clap::{Args, Subcommand};

use crate::failure::Result;
use crate::session::Session;

/// List, show, save and delete build specs
///
/// A build spec says how a dataset is derived from others by code. This part of the service is a preview: it stores build
/// specs and does not run them.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::Arguments),
    Show(show::Arguments),
    Create(save::Create),
    Edit(save::Edit),
    Delete(delete::Arguments),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::List(arguments) => list::run(&arguments, session).await,
        Command::Show(arguments) => show::run(&arguments, session).await,
        Command::Create(arguments) => save::create(&arguments, session).await,
        Command::Edit(arguments) => save::edit(&arguments, session).await,
        Command::Delete(arguments) => delete::run(&arguments, session).await,
    }
}
