//! The emulator from the command line: served until it is told to stop, or lent to one command.

mod address;
mod exec;
mod model;
mod options;
mod remote;
mod serve;
mod signals;
mod state;
mod variables;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use options::Options;

/// What `datalinks emulator` can be told.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
#[group(skip)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    serve: serve::Arguments,
}

#[derive(Subcommand)]
enum Command {
    /// Run a command with an emulator of its own, and the variables that lead the command to it.
    ///
    /// The command gets DL_HOST, DL_INGEST_PROXY, DL_API_KEY and DL_USERNAME, and DL_NAMESPACE if there is one. All
    /// other variables that begin with DL_ are kept from it, so that no real key gets into a test, and NO_PROXY names
    /// this machine. The emulator stops when the command has ended, and its exit code is that of the command: 128 and
    /// the signal's number if a signal ended it, 127 if there is no such command, 126 if it cannot be run, 125 if the
    /// emulator cannot, or stops before the command has ended.
    Exec(Box<exec::Arguments>),

    #[command(flatten)]
    State(state::Command),
}

pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    match arguments.command {
        Some(Command::Exec(arguments)) => exec::run(*arguments).await,
        Some(Command::State(command)) => state::run(command).await,
        None => serve::run(arguments.serve).await,
    }
}

/// Says what went wrong, and why, one cause after the other.
fn complain(error: &dyn std::error::Error) {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    eprintln!("error: {text}");
}
