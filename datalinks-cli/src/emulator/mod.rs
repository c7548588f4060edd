//! The subcommand `emulator`: run an emulator until a signal, or for one command.

mod address;
mod announcement;
mod exec;
mod model;
mod options;
mod remote;
mod serve;
mod state;
mod variables;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Id, Subcommand};

pub(crate) use variables::{WITHOUT_PROXY, without_proxy};

use crate::failure::Result;

/// The subcommand that runs an emulator for one command.
const EXEC: &str = "exec";

/// The arguments of `datalinks emulator`.
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
    /// Run COMMAND against a new emulator and exit with its exit code
    ///
    /// The command gets DL_HOST, DL_INGEST_PROXY, DL_API_KEY and DL_USERNAME, and DL_NAMESPACE if it is set
    /// or --namespace is given.
    /// NO_PROXY names this machine. All other variables whose names begin with DL_ are removed, so that a test
    /// never gets a real key. The emulator stops when the command ends.
    ///
    /// Exit codes: the code of the command, or 128 plus the number of the signal that ended it. 127 if the
    /// command does not exist, 126 if it cannot be run, 125 if the emulator does not start or stops before the
    /// command ends.
    ///
    /// Example: datalinks emulator exec -- pytest
    Exec(Box<exec::Arguments>),

    #[command(flatten)]
    State(state::Command),
}

/// Rejects options before a subcommand that does not accept them. The options of `exec` may precede it.
pub(crate) fn check(
    command: &mut clap::Command,
    matches: &ArgMatches,
) -> std::result::Result<(), clap::Error> {
    let Some((name, _)) = matches.subcommand() else { return Ok(()) };
    let shared = command.find_subcommand(name).filter(|_| name == EXEC);
    let is_shared =
        |id: &Id| shared.is_some_and(|shared| shared.get_arguments().any(|argument| argument.get_id() == id));
    let is_global =
        |id: &Id| command.get_arguments().any(|argument| argument.get_id() == id && argument.is_global_set());
    let given =
        |id: &&Id| matches.value_source(id.as_str()) == Some(ValueSource::CommandLine) && !is_global(id);
    let given = matches.ids().filter(given).find(|id| !is_shared(id));
    // Groups have ids, too, but no option.
    let option =
        given.and_then(|id| command.get_arguments().find(|argument| argument.get_id() == id)?.get_long());
    let Some(option) = option else { return Ok(()) };
    let what = format!(
        "--{option} is an option of `datalinks emulator` without a subcommand; leave it out before `{name}`"
    );
    Err(command.error(ErrorKind::ArgumentConflict, what))
}

/// Runs the subcommand, and returns the exit code: that of the command of `exec`, or 0. `namespace` is passed on to it.
pub(crate) async fn run(arguments: Arguments, namespace: Option<&str>) -> Result<u8> {
    match arguments.command {
        Some(Command::Exec(exec)) => exec::run(arguments.serve.options(), *exec, namespace).await,
        Some(Command::State(command)) => state::run(command).await.map(|()| 0),
        None => serve::run(arguments.serve).await.map(|()| 0),
    }
}
