//! The checks of the fuzz targets over their corpus, with the stable toolchain.

use std::{fs, path::Path};

#[path = "../fuzz/checks.rs"]
mod checks;

/// Runs the files of a corpus, also with every small limit, and truncated at every length.
fn run(name: &str, check: fn(&[u8])) -> std::io::Result<()> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut count = 0;
    for entry in fs::read_dir(directory)? {
        let mut input = fs::read(entry?.path())?;
        check(&input);
        for length in 0..input.len() {
            check(&input[..length]);
        }
        for limit in 0..32 {
            input[0] = limit;
            check(&input);
        }
        count += 1;
    }
    assert!(count >= 12, "{count} files");
    Ok(())
}

#[test]
fn server_sent_events_pass_the_fuzz_checks() -> std::io::Result<()> {
    run("sse", checks::sse)
}

#[test]
fn ndjson_lines_pass_the_fuzz_checks() -> std::io::Result<()> {
    run("ndjson", checks::ndjson)
}
