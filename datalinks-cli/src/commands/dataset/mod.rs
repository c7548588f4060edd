//! `datalinks dataset`: the catalog, and the life of a dataset.

mod change;
mod create;
mod edit;
mod list;
mod show;

use clap::{Args, Subcommand};

use crate::failure::Result;
use crate::session::Session;

/// List, show, create, change, clear and delete datasets
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
    Rename(edit::Rename),
    Define(edit::Define),
    Order(edit::Order),
    Clear(change::Clear),
    Delete(change::Delete),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::List(arguments) => list::run(&arguments, session).await,
        Command::Show(arguments) => show::run(&arguments, session).await,
        Command::Create(arguments) => create::run(arguments, session).await,
        Command::Rename(arguments) => edit::rename(&arguments, session).await,
        Command::Define(arguments) => edit::define(arguments, session).await,
        Command::Order(arguments) => edit::order(arguments, session).await,
        Command::Clear(arguments) => change::clear(&arguments, session).await,
        Command::Delete(arguments) => change::delete(&arguments, session).await,
    }
}
