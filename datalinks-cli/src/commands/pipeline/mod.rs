//! `datalinks pipeline`: runs of the ingest proxy.

mod answer;
mod events;
mod follow;
mod hints;
mod run;
mod trace;

use clap::{Args, Subcommand};

use crate::failure::Result;
use crate::session::Session;

/// Start, follow and answer runs of the ingest proxy, which models, ingests and links data
///
/// The proxy is that of DL_INGEST_PROXY or of the profile. A run goes on at the service when nobody follows it.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(Box<run::Arguments>),
    Follow(follow::Arguments),
    Answer(answer::Arguments),
    Trace(trace::Arguments),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::Run(arguments) => run::run(*arguments, session).await,
        Command::Follow(arguments) => follow::run(&arguments, session).await,
        Command::Answer(arguments) => answer::run(&arguments, session).await,
        Command::Trace(arguments) => trace::run(&arguments, session).await,
    }
}
