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

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Id, Subcommand};

use options::Options;

/// The command that lends an emulator.
const EXEC: &str = "exec";

/// What `datalinks emulator` can be told.
#[derive(Args)]
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

/// Rejects options before a subcommand that has no use for them. Those of `exec` may stand before it.
pub(crate) fn check(command: &mut clap::Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    let Some((name, _)) = matches.subcommand() else { return Ok(()) };
    let shared = command.find_subcommand(name).filter(|_| name == EXEC);
    let is_shared =
        |id: &Id| shared.is_some_and(|shared| shared.get_arguments().any(|argument| argument.get_id() == id));
    let given = |id: &&Id| matches.value_source(id.as_str()) == Some(ValueSource::CommandLine);
    let given = matches.ids().filter(given).find(|id| !is_shared(id));
    // Groups have ids as well, and no option of their own.
    let option =
        given.and_then(|id| command.get_arguments().find(|argument| argument.get_id() == id)?.get_long());
    let Some(option) = option else { return Ok(()) };
    let what = format!(
        "--{option} is an option of `datalinks emulator` without a subcommand; leave it out before `{name}`"
    );
    Err(command.error(ErrorKind::ArgumentConflict, what))
}

pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    match arguments.command {
        Some(Command::Exec(exec)) => exec::run(arguments.serve.options(), *exec).await,
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
