//! Chores of the workspace, in Rust: `cargo xtask --help`.

mod emulator;
mod interop;
mod page;
mod python;
mod regen;
mod schemathesis;

use std::{io, path::PathBuf, process::ExitCode};

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
        /// Only compare the OpenAPI document with another one, both ways; fail if they differ in more than is allowed.
        ///
        /// FILE is an OpenAPI document, 3.0 or 3.1, for instance the vendor's newest, or a file with `operations` by
        /// id and `components.schemas`; YAML or JSON. Allowed differences and their reasons are in
        /// openapi/allowed-differences.yaml. Nothing is written.
        #[arg(long, value_name = "FILE", conflicts_with = "check")]
        against: Option<PathBuf>,
        /// List the allowed differences by reason, and what is allowed and was not found.
        #[arg(long, requires = "against")]
        allowed: bool,
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
        Chore::Regen { against: Some(file), allowed, .. } => {
            regen::against::run(&root(), &file, allowed, &mut io::stdout().lock())
        }
        Chore::Regen { check, .. } => regen::run(&root(), check),
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
