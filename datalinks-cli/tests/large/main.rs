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

use run::{Job, Outcome};

/// The limit on the memory of the command, in KiB.
const LIMIT: u64 = 64 * 1024;

#[test]
fn large_file_is_stored_whole_in_little_memory_despite_kills() {
    let job = Job { bytes: 50_000_000, width: 2_000, kills: 5, seed: 22, delivery: "at-least-once" };
    let outcome = job.run();
    assert!(outcome.peak > 0 && outcome.peak < LIMIT, "{outcome:?}");
    // Two kills hit rows that were stored already.
    assert!(outcome.repeated > 0, "{outcome:?}");
}

#[test]
fn rows_that_are_not_sent_again_are_reported() {
    let job = Job { bytes: 5_000_000, width: 500, kills: 5, seed: 23, delivery: "at-most-once" };
    let outcome = job.run();
    assert!(outcome.missing > 0 && outcome.missing < outcome.ambiguous, "{outcome:?}");
}

/// Prints a row of a table. The environment has the size and the other parameters.
#[test]
#[ignore = "cargo xtask cli-ingest runs it in release, with its parameters"]
fn any_size() {
    let number = |name: &str| -> u64 {
        let value = std::env::var(format!("DATALINKS_LARGE_{name}")).unwrap_or_else(|_| panic!("no {name}"));
        value.parse().unwrap()
    };
    let (bytes, seed) = (number("BYTES"), number("SEED"));
    let kills = usize::try_from(number("KILLS")).unwrap();
    for width in [200, 1_000, 16_000] {
        for delivery in ["at-least-once", "at-most-once"] {
            let outcome = Job { bytes, width, kills, seed, delivery }.run();
            let Outcome { rows, bytes, missing, repeated, possibly_duplicated, ambiguous, peak, elapsed } =
                outcome;
            println!(
                "| {width} | {delivery} | {bytes} | {rows} | {kills} | {missing} | {ambiguous} | {repeated} | \
                 {possibly_duplicated} | {:.1} | {:.1} |",
                peak as f64 / 1024.0,
                elapsed.as_secs_f64()
            );
            assert!(peak < LIMIT, "the command took {peak} KiB");
        }
    }
}
