#![no_main]
//! `cargo xtask fuzz resumed`, or `cargo +nightly fuzz run resumed` in the directory above `fuzz`.

#[path = "../journal.rs"]
#[allow(dead_code, reason = "the checks of other targets")]
mod journal;

libfuzzer_sys::fuzz_target!(|input: &[u8]| journal::resumed(input));
