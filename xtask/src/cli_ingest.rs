//! `cargo xtask cli-ingest`: the command line ingests a large file, is killed at random moments, and continues.
//!
//! The test `large` of `datalinks-cli` does the work: it has the server, which compares each row with the file and kills the
//! command. This task builds the command in release, and passes it to that test with the parameters.

use std::path::Path;
use std::process::Command;

use crate::emulator::target;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Size of the file, of which there is one at a time
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000_000_000)]
    bytes: u64,
    /// Mean sizes of a row, about, each of which has a file of its own
    #[arg(long, value_name = "NUMBER,..", value_delimiter = ',', default_values_t = [200, 2_000, 20_000])]
    row_bytes: Vec<usize>,
    /// Number of times that the command is killed in each run
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    kills: usize,
    /// Seed of the rows and of the moments of the kills
    #[arg(long, value_name = "NUMBER", default_value_t = 22)]
    seed: u64,
}

const HEAD: &str = "\
| delivery | bytes per row, about | rows | bytes | not stored | reported as ambiguous | stored twice | reported as possibly \
stored twice | peak memory | time |
|---|---|---|---|---|---|---|---|---|---|";

pub(crate) fn run(root: &Path, options: &Options) -> Result<(), String> {
    let Options { bytes, row_bytes, kills, seed } = options;
    let row_bytes: Vec<String> = row_bytes.iter().map(usize::to_string).collect();
    cargo(root, &["build", "--release", "-p", "datalinks-cli"], &[])?;
    let program = target(root).join("release").join("datalinks");
    let size = std::fs::metadata(&program).map_err(|error| format!("{}: {error}", program.display()))?.len();
    println!("- Program: release build, {size} bytes");
    println!("- Kills in each run: {kills}, seed {seed}\n\n{HEAD}");
    let parameters = [
        ("DATALINKS_LARGE_PROGRAM", program.display().to_string()),
        ("DATALINKS_LARGE_BYTES", bytes.to_string()),
        ("DATALINKS_LARGE_ROW_BYTES", row_bytes.join(",")),
        ("DATALINKS_LARGE_KILLS", kills.to_string()),
        ("DATALINKS_LARGE_SEED", seed.to_string()),
    ];
    let test = ["test", "-p", "datalinks-cli", "--test", "large", "--"];
    let one = ["any_size", "--exact", "--ignored", "--nocapture"];
    cargo(root, &[&test[..], &one].concat(), &parameters)
}

/// Runs the cargo that runs this task.
fn cargo(root: &Path, arguments: &[&str], variables: &[(&str, String)]) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let (name, rest) = arguments.split_first().ok_or("cargo needs a command")?;
    let status = Command::new(cargo)
        .current_dir(root)
        .args([name, "--quiet", "--locked"])
        .args(rest)
        .envs(variables.iter().map(|(name, value)| (*name, value)))
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("cargo {name} failed; see above")) }
}
