//! `datalinks upload`: files that are sent in parts.

mod file;
mod session;
mod stop;

use clap::{Args, Subcommand};

use crate::failure::Result;
use crate::session::Session;

/// Upload a file into a dataset, or several files into a session
///
/// The service reads an uploaded file itself, in an ingestion. `datalinks ingest` reads files on this machine instead, and
/// accounts for each row. A path that is the name of a subcommand is written ./session.
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:\n  \
    datalinks upload films.csv --dataset cinema/films --wait\n  \
    datalinks upload films.csv --dataset cinema/films --journal films.journal\n  \
    datalinks upload session plan.pdf sales.csv"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    file: file::FileArguments,
}

#[derive(Subcommand)]
enum Command {
    Session(session::Arguments),
    Show(session::Show),
    Abort(session::Abort),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        None => file::run(arguments.file, session).await,
        Some(Command::Session(arguments)) => session::run(&arguments, session).await,
        Some(Command::Show(arguments)) => session::show(&arguments, session).await,
        Some(Command::Abort(arguments)) => session::abort(&arguments, session).await,
    }
}
