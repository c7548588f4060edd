#![no_main]
//! `cargo xtask fuzz json_array`, or `cargo +nightly fuzz run json_array` in the directory above `fuzz`.

#[path = "../reading.rs"]
#[allow(dead_code, reason = "the checks of other targets")]
mod reading;

libfuzzer_sys::fuzz_target!(|input: &[u8]| reading::json_array(input));
