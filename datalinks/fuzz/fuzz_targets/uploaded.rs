#![no_main]
//! `cargo xtask fuzz uploaded`, or `cargo +nightly fuzz run uploaded` in the directory above `fuzz`.

#[path = "../emulator.rs"]
#[allow(dead_code, reason = "the checks of other targets")]
mod emulator;

libfuzzer_sys::fuzz_target!(|input: &[u8]| emulator::uploaded(input));
