#![no_main]
//! `cargo +nightly fuzz run ndjson NEW fuzz/corpus/ndjson -- -max_len=512`, in the directory above `fuzz`. What is
//! found goes to the directory `NEW`, so that the corpus stays small.

#[path = "../checks.rs"]
#[allow(dead_code, reason = "the checks of the other target")]
mod checks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::ndjson(input));
