//! `datalinks ingest` of a large file: its memory, and runs that are killed and continued.
//!
//! The server of these tests compares each row that it receives with the row of the file, counts it, and forgets it. It kills
//! the command at moments of a request that follow from a seed. `cargo xtask cli-ingest` does the same with any size.

// The server reads the memory of a process as Linux shows it.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

// Clippy knows by `cfg(test)` that the helpers of a module are those of tests.
#[cfg(test)]
mod random;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod run;
#[cfg(test)]
mod server;

use std::path::PathBuf;

use run::Job;

/// The limit on the memory of the command, in KiB.
const LIMIT: u64 = 64 * 1024;

/// A run of the program of this build with five kills.
#[cfg(test)]
fn job(bytes: u64, width: usize, seed: u64, delivery: &'static str) -> Job {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_datalinks"));
    Job { program, bytes, width, kills: 5, seed, delivery }
}

#[test]
fn large_file_is_stored_whole_in_little_memory_despite_kills() {
    let outcome = job(50_000_000, 1_000, 22, "at-least-once").run();
    assert!(outcome.peak > 0 && outcome.peak < LIMIT, "{outcome:?}");
    // Two kills hit rows that were stored already.
    assert!(outcome.repeated > 0, "{outcome:?}");
}

#[test]
fn rows_that_are_not_sent_again_are_reported() {
    let outcome = job(5_000_000, 500, 23, "at-most-once").run();
    assert!(outcome.missing > 0 && outcome.missing < outcome.ambiguous, "{outcome:?}");
}

/// Prints the rows of a table. The environment has the parameters.
#[test]
#[ignore = "cargo xtask cli-ingest runs it with its parameters"]
fn any_size() {
    let variable = |name: &str| {
        std::env::var(format!("DATALINKS_LARGE_{name}"))
            .unwrap_or_else(|_| panic!("cargo xtask cli-ingest sets {name}"))
    };
    let number = |name: &str| variable(name).parse::<u64>().unwrap();
    let (bytes, seed) = (number("BYTES"), number("SEED"));
    let kills = usize::try_from(number("KILLS")).unwrap();
    let program = PathBuf::from(variable("PROGRAM"));
    let widths: Vec<usize> = variable("ROW_BYTES").split(',').map(|width| width.parse().unwrap()).collect();
    let mut greatest = 0;
    for width in widths {
        for delivery in ["at-least-once", "at-most-once"] {
            let outcome = Job { program: program.clone(), bytes, width, kills, seed, delivery }.run();
            println!("{}", outcome.line(width, delivery));
            greatest = greatest.max(outcome.peak);
        }
    }
    assert!(greatest < LIMIT, "the command took {greatest} KiB");
}
