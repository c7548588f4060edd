#![no_main]
//! `cargo xtask fuzz written_query`, or `cargo +nightly fuzz run written_query` in the directory above `fuzz`.

#[path = "../emulator.rs"]
#[allow(dead_code, reason = "the checks of other targets")]
mod emulator;

libfuzzer_sys::fuzz_target!(|input: &[u8]| emulator::written_query(input));
