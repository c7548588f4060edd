//! Chores of the workspace, in Rust: `cargo xtask --help`.

mod emulator;
mod interop;
mod page;
mod python;
mod regen;
mod schemathesis;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of the workspace")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Lint the OpenAPI document, derive what the generator reads, and write the snapshot.
    Regen {
        /// Write nothing; fail with a diff when anything derived is stale.
        #[arg(long)]
        check: bool,
    },
    /// Drive the published Python client, in its versions, against the emulator (needs Python and its package index).
    Interop,
    /// Try the emulator by the document, with requests that schemathesis makes up (needs Python and its package index).
    Schemathesis,
    /// Open the emulator's page in Chromium without a window, and try all of it (needs chromium and chromedriver).
    Page,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Regen { check } => regen::run(&root(), check),
        Chore::Interop => interop::run(&root()),
        Chore::Schemathesis => schemathesis::run(&root()),
        Chore::Page => page::run(&root()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The top of the workspace.
fn root() -> PathBuf {
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.pop();
    path
}
