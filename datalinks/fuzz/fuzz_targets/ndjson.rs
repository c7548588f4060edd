#![no_main]
//! `cargo xtask fuzz ndjson`, or `cargo +nightly fuzz run ndjson` in the directory above `fuzz`.

#[path = "../checks.rs"]
#[allow(dead_code, reason = "the checks of the other target")]
mod checks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::ndjson(input));
