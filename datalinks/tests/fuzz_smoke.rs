//! The checks of the fuzz targets, over their corpus, on the stable toolchain.

use std::{fs, path::Path};

#[path = "../fuzz/checks.rs"]
mod checks;

/// The files of one corpus, each also with every limit that is small, and cut off at every length.
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
fn server_sent_events() -> std::io::Result<()> {
    run("sse", checks::sse)
}

#[test]
fn one_json_value_a_line() -> std::io::Result<()> {
    run("ndjson", checks::ndjson)
}
