//! `datalinks infer`: what a model makes of sample rows.

mod describe;
mod preview;
mod sample;

use clap::{Args, Subcommand};

use crate::failure::Result;
use crate::session::Session;

/// Let a model describe sample rows, or try inference steps on them
///
/// Nothing is stored. Each call costs model tokens.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Preview(preview::Arguments),
    Describe(describe::Describe),
    Schema(describe::Schema),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::Preview(arguments) => preview::run(&arguments, session).await,
        Command::Describe(arguments) => describe::describe(&arguments, session).await,
        Command::Schema(arguments) => describe::schema(&arguments, session).await,
    }
}
