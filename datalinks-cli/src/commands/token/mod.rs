//! `datalinks token`: the tokens of the user.

mod create;
mod delete;
mod list;
mod permissions;
mod secret_file;

use clap::{Args, Subcommand};

use crate::failure::Result;
use crate::session::Session;

/// List, create and delete tokens
///
/// A restricted token may not manage tokens.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::Arguments),
    Create(create::Arguments),
    Permissions(permissions::Arguments),
    Delete(delete::Arguments),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::List(arguments) => list::run(&arguments, session).await,
        Command::Create(arguments) => create::run(arguments, session).await,
        Command::Permissions(arguments) => permissions::run(&arguments, session).await,
        Command::Delete(arguments) => delete::run(&arguments, session).await,
    }
}
