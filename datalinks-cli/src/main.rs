//! The command line of DataLinks. Without a subcommand it shows what the client does, offline.

mod demo;

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
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let options = match arguments.command {
        None => arguments.demo,
        Some(Command::Demo(options)) => options,
    };
    match demo::run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error}");
            ExitCode::FAILURE
        }
    }
}
