//! What the tests across crates share: the recorded calls, and servers that do as they are told.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::collections::BTreeSet;

pub mod a2a;
pub mod body_fields;
pub mod difference;
pub mod events;
pub mod fault_proxy;
pub mod recordings;
pub mod server;
pub mod world;

/// Fails if the message of an error says something twice. What stands in brackets is a place, and what a server sent is
/// its own affair, so that only clauses of at least two words count.
#[track_caller]
pub fn assert_reads_once(error: &datalinks::Error) {
    let line = error.to_string().to_lowercase();
    let message = line.split(" [").next().unwrap_or_default();
    let mut seen = BTreeSet::new();
    for clause in message.split([';', ':', ',']).map(str::trim).filter(|clause| clause.contains(' ')) {
        assert!(seen.insert(clause), "{clause:?} is said twice: {error}");
    }
}
