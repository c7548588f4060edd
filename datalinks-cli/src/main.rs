//! The command line of DataLinks. Without a subcommand it shows what the client does, offline.

mod demo;
mod emulator;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

/// The subcommand that serves.
const EMULATOR: &str = "emulator";

#[derive(Parser)]
#[command(name = "datalinks", version, about = "DataLinks from the command line")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    demo: demo::Options,
}

#[derive(Subcommand)]
enum Command {
    /// Ingest two tables, link them, query, ask and run a pipeline: the default.
    Demo(demo::Options),
    /// Serve a DataLinks of this machine, until Ctrl-C.
    ///
    /// It keeps what it is given, computes what can be computed, labels what it scripts in the place of a model, and
    /// contacts nothing but the model that it may be given. With `exec` it is lent to one command instead.
    Emulator(Box<emulator::Arguments>),
}

/// Reads the command line.
fn arguments() -> Result<Arguments, clap::Error> {
    let mut command = Arguments::command();
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    if let (Some(matches), Some(emulator)) =
        (matches.subcommand_matches(EMULATOR), command.find_subcommand_mut(EMULATOR))
    {
        emulator::check(emulator, matches)?;
    }
    Arguments::from_arg_matches(&matches)
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let options = match arguments.command {
        None => arguments.demo,
        Some(Command::Demo(options)) => options,
        Some(Command::Emulator(arguments)) => return emulator::run(*arguments).await,
    };
    match demo::run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error}");
            ExitCode::FAILURE
        }
    }
}
