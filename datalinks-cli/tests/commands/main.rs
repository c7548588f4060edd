//! Tests of the commands as processes, against an emulator.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

// Clippy knows by `cfg(test)` that the helpers of a module are those of tests.
#[cfg(test)]
mod agent;
mod api;
#[cfg(test)]
mod ask;
mod auth;
mod build_spec;
mod closed_pipe;
mod danger;
mod exit_codes;
mod infer;
mod ingest;
mod link;
mod manual;
mod namespace;
mod ontology;
#[cfg(test)]
mod pipeline;
mod query;
#[cfg(test)]
mod run;
mod settings;
mod share;
mod shared_emulator;
#[cfg(test)]
mod support;
mod token;
mod tracing;
mod upload;
mod usage;
