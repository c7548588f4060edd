//! The state of an emulator that runs: taken out, put in, forgotten, kept under a name and gone back to.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use clap::{Args, Subcommand};
use io::{Read, Write};

use super::address;
use super::complain;
use super::remote::{Failure, Remote};

/// Where the emulator is.
#[derive(Args)]
pub(super) struct Where {
    /// The address of the emulator, or the URL that it printed when it started.
    #[arg(long, value_name = "HOST:PORT", value_parser = address::locate, default_value_t = address::USUAL)]
    at: SocketAddr,

    /// The key of the emulator, which it asks for if other hosts can reach it.
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Write the state of a running emulator to a file, or to the standard output.
    Export {
        /// The file.
        file: Option<PathBuf>,
        #[command(flatten)]
        place: Where,
    },
    /// Replace the state of a running emulator by that of a file, or of the standard input.
    Import {
        /// The file.
        file: Option<PathBuf>,
        #[command(flatten)]
        place: Where,
    },
    /// Let a running emulator forget everything but its users and its snapshots.
    Reset {
        #[command(flatten)]
        place: Where,
    },
    /// Keep the state of a running emulator under a name, or list such names.
    Snapshot {
        /// The name.
        name: Option<String>,
        #[command(flatten)]
        place: Where,
    },
    /// Let a running emulator go back to a snapshot.
    Restore {
        /// The name of the snapshot.
        name: String,
        #[command(flatten)]
        place: Where,
    },
}

pub(super) async fn run(command: Command) -> ExitCode {
    match carry_out(command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&*error);
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(command: Command) -> Result<(), Failure> {
    match command {
        Command::Export { file, place } => {
            let state = place.remote()?.get("export").await?;
            match file {
                Some(file) => fs::write(&file, state).map_err(|error| unusable(&file, &error)),
                None => Ok(io::stdout().write_all(&state)?),
            }
        }
        Command::Import { file, place } => {
            let mut state = Vec::new();
            let source = match file {
                Some(file) => {
                    state = fs::read(&file).map_err(|error| unusable(&file, &error))?;
                    file.display().to_string()
                }
                None => {
                    io::stdin().read_to_end(&mut state)?;
                    "the standard input".to_owned()
                }
            };
            place.remote()?.put("import", state).await?;
            println!("The emulator at {} has the state of {source} now.", place.at);
            Ok(())
        }
        Command::Reset { place } => {
            place.remote()?.post("reset").await?;
            println!(
                "The emulator at {} has forgotten everything but its users and its snapshots.",
                place.at
            );
            Ok(())
        }
        Command::Snapshot { name: Some(name), place } => {
            place.remote()?.post(&format!("snapshots/{}", segment(&name)?)).await?;
            println!("The emulator at {} keeps its state as the snapshot {name:?}.", place.at);
            Ok(())
        }
        Command::Snapshot { name: None, place } => {
            let list: Snapshots = serde_json::from_slice(&place.remote()?.get("snapshots").await?)?;
            list.snapshots.iter().for_each(|name| println!("{name}"));
            Ok(())
        }
        Command::Restore { name, place } => {
            place.remote()?.post(&format!("snapshots/{}/restore", segment(&name)?)).await?;
            println!("The emulator at {} has the state of the snapshot {name:?} again.", place.at);
            Ok(())
        }
    }
}

/// The names of snapshots.
#[derive(serde::Deserialize)]
struct Snapshots {
    snapshots: Vec<String>,
}

impl Where {
    fn remote(&self) -> Result<Remote, Failure> {
        Remote::new(self.at, self.api_key.clone())
    }
}

/// A name that can stand in a path as it is, as those of snapshots can.
fn segment(name: &str) -> Result<&str, Failure> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    if name.is_empty() || !name.chars().all(plain) {
        return Err(format!(
            "{name:?} cannot be the name of a snapshot; use letters, digits, `.`, `-` and `_`"
        )
        .into());
    }
    Ok(name)
}

fn unusable(file: &Path, error: &io::Error) -> Failure {
    format!("{}: {error}", file.display()).into()
}
