//! `datalinks link`: links between columns.

mod activate;
mod column;
mod compare;
mod create;
mod curate;
mod list;
mod matching;
mod shown;

pub(super) use shown::{Link, column_of};

use clap::{Args, Subcommand};

use crate::failure::Result;
use crate::session::Session;

/// List, find, create, activate and deactivate links
///
/// A link leads from a column to a column with the same values. Queries and questions follow active links. Other links
/// are suggestions, which the service found in ingested rows.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::Arguments),
    Create(create::Arguments),
    Activate(activate::Activate),
    #[command(visible_alias = "remove")]
    Deactivate(activate::Deactivate),
    Curate(curate::Arguments),
    Preview(compare::Preview),
    Rebuild(compare::Rebuild),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::List(arguments) => list::run(&arguments, session).await,
        Command::Create(arguments) => create::run(&arguments, session).await,
        Command::Activate(arguments) => activate::activate(&arguments, session).await,
        Command::Deactivate(arguments) => activate::deactivate(&arguments, session).await,
        Command::Curate(arguments) => curate::run(&arguments, session).await,
        Command::Preview(arguments) => compare::preview(&arguments, session).await,
        Command::Rebuild(arguments) => compare::rebuild(&arguments, session).await,
    }
}
