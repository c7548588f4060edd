#![no_main]
//! `cargo xtask fuzz csv`, or `cargo +nightly fuzz run csv` in the directory above `fuzz`.

#[path = "../reading.rs"]
#[allow(dead_code, reason = "the checks of other targets")]
mod reading;

libfuzzer_sys::fuzz_target!(|input: &[u8]| reading::csv(input));
