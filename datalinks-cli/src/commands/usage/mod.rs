//! `datalinks usage`: tokens of models and their cost.

mod chart;
mod days;
mod history;
mod period;
mod total;

use clap::{Args, Subcommand};

use crate::failure::Result;
use crate::session::Session;

/// Show the tokens of models that were used, and their cost
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Days(days::Arguments),
    Total(total::Arguments),
    History(history::Arguments),
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::Days(arguments) => days::run(arguments, session).await,
        Command::Total(arguments) => total::run(&arguments, session).await,
        Command::History(arguments) => history::run(&arguments, session).await,
    }
}
