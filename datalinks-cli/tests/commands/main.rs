//! Tests of the commands as processes, against an emulator.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

mod api;
mod auth;
mod build_spec;
mod closed_pipe;
mod danger;
mod exit_codes;
mod link;
mod manual;
mod namespace;
mod ontology;
mod query;
mod settings;
mod share;
mod shared_emulator;
// Clippy then knows that its functions are those of tests.
#[cfg(test)]
mod support;
mod token;
mod tracing;
mod usage;
