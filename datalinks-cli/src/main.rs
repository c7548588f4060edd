//! The command line of DataLinks. Without a subcommand, it runs the demo offline.

mod demo;
mod emulator;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

/// The subcommand that runs the emulator.
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
    /// Run the demo (default): ingest two tables, link, query, ask, run a pipeline
    Demo(demo::Options),
    /// Run a local DataLinks server until Ctrl-C
    ///
    /// The emulator stores datasets and computes queries, links and steps. Where the service would call a
    /// model, it applies a rule and labels the response, unless --model-url names a model. It contacts no other
    /// server. With `exec`, it runs for one command.
    Emulator(Box<emulator::Arguments>),
}

/// Parses the command line.
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
