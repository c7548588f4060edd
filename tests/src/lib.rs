//! Code that the tests across crates share: the recorded calls, and scripted servers.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::collections::BTreeSet;

pub mod a2a;
pub mod body_fields;
pub mod clock;
pub mod difference;
pub mod events;
pub mod fault_proxy;
pub mod gate;
pub mod log;
pub mod recordings;
pub mod server;
pub mod world;

/// The code in the README of the project compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// Fails if the message of an error repeats a clause. Only clauses of at least two words count, because text in
/// brackets is a location, and the server decides the text that it sends.
#[track_caller]
pub fn assert_reads_once(error: &datalinks::Error) {
    let line = error.to_string().to_lowercase();
    let message = line.split(" [").next().unwrap_or_default();
    let mut seen = BTreeSet::new();
    for clause in message.split([';', ':', ',']).map(str::trim).filter(|clause| clause.contains(' ')) {
        assert!(seen.insert(clause), "the message repeats {clause:?}: {error}");
    }
}
