//! The subcommands that export, import, reset, snapshot and restore the state of a running emulator.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::{Args, Subcommand};
use io::Read;

use super::address;
use super::remote::Remote;
use crate::failure::{Exit, Failure, Result};
use crate::terminal::{line, print};

/// The emulator that a command addresses.
#[derive(Args)]
pub(super) struct Target {
    /// Address of the emulator, or the URL that it printed at its start
    #[arg(long, value_name = "HOST:PORT", value_parser = address::parse_emulator_address, default_value_t = address::DEFAULT)]
    at: SocketAddr,

    /// API key of the emulator, required if other hosts can reach it
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Write the state of a running emulator to FILE or to standard output
    ///
    /// Example: datalinks emulator export state.ndjson
    Export {
        /// File to write
        file: Option<PathBuf>,
        #[command(flatten)]
        target: Target,
    },
    /// Replace the state of a running emulator by FILE or standard input
    ///
    /// Example: datalinks emulator import state.ndjson
    Import {
        /// File to read
        file: Option<PathBuf>,
        #[command(flatten)]
        target: Target,
    },
    /// Delete all data of a running emulator except users and snapshots
    ///
    /// Example: datalinks emulator reset
    Reset {
        #[command(flatten)]
        target: Target,
    },
    /// Store the state of a running emulator under NAME, or list the names
    ///
    /// Example: datalinks emulator snapshot before
    Snapshot {
        /// Name of the snapshot
        name: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// Restore the state of a running emulator from a snapshot
    ///
    /// Example: datalinks emulator restore before
    Restore {
        /// Name of the snapshot
        name: String,
        #[command(flatten)]
        target: Target,
    },
}

pub(super) async fn run(command: Command) -> Result {
    match command {
        Command::Export { file, target } => {
            let state = target.remote()?.get("export").await?;
            match file {
                Some(file) => fs::write(&file, state).map_err(|error| unusable(&file, &error)),
                None => Ok(print(&state)?),
            }
        }
        Command::Import { file, target } => {
            let mut state = Vec::new();
            let source = match file {
                Some(file) => {
                    state = fs::read(&file).map_err(|error| unusable(&file, &error))?;
                    file.display().to_string()
                }
                None => {
                    io::stdin().read_to_end(&mut state)?;
                    "standard input".to_owned()
                }
            };
            target.remote()?.put("import", state).await?;
            Ok(line(&format!("The emulator at {} now has the state from {source}.", target.at))?)
        }
        Command::Reset { target } => {
            target.remote()?.post("reset").await?;
            Ok(line(&format!(
                "The emulator at {} has deleted all data except users and snapshots.",
                target.at
            ))?)
        }
        Command::Snapshot { name: Some(name), target } => {
            target.remote()?.post(&format!("snapshots/{}", segment(&name)?)).await?;
            Ok(line(&format!("The emulator at {} has stored its state as snapshot {name:?}.", target.at))?)
        }
        Command::Snapshot { name: None, target } => {
            let list: Snapshots = serde_json::from_slice(&target.remote()?.get("snapshots").await?)?;
            Ok(list.snapshots.iter().try_for_each(|name| line(name))?)
        }
        Command::Restore { name, target } => {
            target.remote()?.post(&format!("snapshots/{}/restore", segment(&name)?)).await?;
            Ok(line(&format!("The emulator at {} has restored snapshot {name:?}.", target.at))?)
        }
    }
}

/// The names of the snapshots.
#[derive(serde::Deserialize)]
struct Snapshots {
    snapshots: Vec<String>,
}

impl Target {
    fn remote(&self) -> Result<Remote> {
        Remote::new(self.at, self.api_key.clone())
    }
}

/// Returns a name that can be a path segment without encoding. Names of snapshots have this form.
fn segment(name: &str) -> Result<&str> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    if name.is_empty() || !name.chars().all(plain) {
        return Err(Failure::usage(format!(
            "invalid snapshot name {name:?}: use letters, digits, `.`, `-` and `_`"
        )));
    }
    Ok(name)
}

fn unusable(file: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Failure, format!("cannot use {}", file.display())).caused_by(error)
}
