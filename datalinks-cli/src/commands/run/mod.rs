//! `datalinks run`: runs of the agent that answers questions.

mod change;
mod hints;
mod resume;
mod status;

use clap::{Args, Subcommand};

use crate::failure::Result;
use crate::session::Session;

/// Show, wait for, resume, rate and delete runs of the agent
///
/// The id of a run is shown when its question is asked. The service has no list of runs and no way to cancel one:
/// `datalinks conversation show` lists the runs of a conversation, and deleting a run removes its result.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Show(status::Show),
    Wait(status::Wait),
    Resume(resume::Arguments),
    Rate(change::Rate),
    Delete(change::Delete),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::Show(arguments) => status::show(&arguments, session).await,
        Command::Wait(arguments) => status::wait(&arguments, session).await,
        Command::Resume(arguments) => resume::run(&arguments, session).await,
        Command::Rate(arguments) => change::rate(arguments, session).await,
        Command::Delete(arguments) => change::delete(&arguments, session).await,
    }
}
