//! The command line of DataLinks. Without a subcommand it shows what the client does, offline.

mod demo;
mod emulator;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
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
