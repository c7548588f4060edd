//! Tests of the commands as processes, against an emulator.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

// Clippy knows by `cfg(test)` that the helpers of a module are those of tests.
#[cfg(test)]
mod agent;
mod api;
#[cfg(test)]
mod ask;
mod auth;
#[cfg(test)]
mod build_spec;
mod closed_pipe;
mod danger;
mod exit_codes;
#[cfg(test)]
mod infer;
#[cfg(test)]
mod ingest;
#[cfg(test)]
mod link;
mod manual;
#[cfg(test)]
mod namespace;
#[cfg(test)]
mod ontology;
mod operations;
#[cfg(test)]
mod pipeline;
mod query;
#[cfg(test)]
mod run;
mod settings;
#[cfg(test)]
mod share;
mod shared_emulator;
#[cfg(test)]
mod shells;
#[cfg(test)]
mod support;
#[cfg(test)]
mod token;
mod tracing;
#[cfg(test)]
mod upload;
#[cfg(test)]
mod usage;
