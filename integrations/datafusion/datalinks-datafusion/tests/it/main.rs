//! Statements on a real engine and an emulator. One program, because each one contains the whole engine.

#![allow(clippy::unwrap_used, clippy::disallowed_macros, reason = "helpers and values of tests")]

mod conformance;
mod insert;
mod insert_values;
mod properties;
mod support;
