//! Tests of the commands as processes, against an emulator.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

// Clippy knows by `cfg(test)` that the helpers of a module are those of tests.
#[cfg(test)]
mod agent;
mod api;
#[cfg(test)]
mod ask;
mod auth;
mod closed_pipe;
mod danger;
mod exit_codes;
mod infer;
mod ingest;
mod manual;
#[cfg(test)]
mod pipeline;
mod query;
#[cfg(test)]
mod run;
mod settings;
mod shared_emulator;
#[cfg(test)]
mod support;
mod tracing;
mod upload;
