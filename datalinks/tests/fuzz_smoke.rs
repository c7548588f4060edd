//! The checks of the fuzz targets over their corpus, with the stable toolchain.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::{fs, path::Path};

#[path = "../fuzz/checks.rs"]
mod checks;
// Marked as tests for clippy, because a check fails by a panic.
#[cfg(test)]
#[path = "../fuzz/emulator.rs"]
mod emulator;
#[cfg(test)]
#[path = "../fuzz/journal.rs"]
mod journal;
#[cfg(feature = "read")]
#[path = "../fuzz/reading.rs"]
mod reading;

/// Returns the files of a corpus.
fn corpus(name: &str) -> std::io::Result<Vec<Vec<u8>>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let inputs: Vec<Vec<u8>> =
        fs::read_dir(directory)?.map(|entry| fs::read(entry?.path())).collect::<std::io::Result<_>>()?;
    assert!(inputs.len() >= 12, "{} files", inputs.len());
    Ok(inputs)
}

/// Runs the files of a corpus.
fn run(name: &str, check: fn(&[u8])) -> std::io::Result<()> {
    corpus(name)?.iter().for_each(|input| check(input));
    Ok(())
}

/// Runs the files of a corpus, also truncated at every length.
fn run_truncated(name: &str, check: fn(&[u8])) -> std::io::Result<()> {
    for input in corpus(name)? {
        (0..=input.len()).for_each(|length| check(&input[..length]));
    }
    Ok(())
}

/// Runs the files of a corpus, also with every small limit, and truncated at every length.
fn run_limited(name: &str, check: fn(&[u8])) -> std::io::Result<()> {
    run_truncated(name, check)?;
    for mut input in corpus(name)? {
        for limit in 0..32 {
            input[0] = limit;
            check(&input);
        }
    }
    Ok(())
}

#[test]
fn server_sent_events_pass_the_fuzz_checks() -> std::io::Result<()> {
    run_limited("sse", checks::sse)
}

#[test]
fn ndjson_lines_pass_the_fuzz_checks() -> std::io::Result<()> {
    run_limited("ndjson", checks::ndjson)
}

#[cfg(feature = "read")]
#[test]
fn csv_passes_the_fuzz_checks() -> std::io::Result<()> {
    run_truncated("csv", reading::csv)
}

#[cfg(feature = "read")]
#[test]
fn json_arrays_pass_the_fuzz_checks() -> std::io::Result<()> {
    run_truncated("json_array", reading::json_array)
}

#[test]
fn journals_pass_the_fuzz_checks() -> std::io::Result<()> {
    run("journal", journal::journal)
}

#[test]
fn resumed_runs_pass_the_fuzz_checks() -> std::io::Result<()> {
    run("resumed", journal::resumed)
}

/// A run with all kinds of replies ends at every second byte of its journal.
#[test]
fn runs_that_end_at_any_byte_pass_the_fuzz_checks() {
    for batch in [2, 3] {
        for end in (0..1200_u16).step_by(2) {
            let [high, low] = end.to_be_bytes();
            journal::resumed(&[5, batch, high, low, 0, 0, 0, 0, 3, 6, 5, 0, 4, 7, 2, 0]);
        }
    }
}

#[test]
fn query_text_passes_the_fuzz_checks() -> std::io::Result<()> {
    run_truncated("query", emulator::query)
}

#[test]
fn queries_of_the_client_pass_the_fuzz_checks() -> std::io::Result<()> {
    run_truncated("written_query", emulator::written_query)
}

#[test]
fn requests_to_the_emulator_pass_the_fuzz_checks() -> std::io::Result<()> {
    run("contract", emulator::contract)
}

#[test]
fn imports_pass_the_fuzz_checks() -> std::io::Result<()> {
    run("import", emulator::import)
}

#[test]
fn uploaded_files_pass_the_fuzz_checks() -> std::io::Result<()> {
    run("uploaded", emulator::uploaded)
}
