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
#[cfg(test)]
mod chat;
mod closed_pipe;
mod danger;
#[cfg(test)]
mod doctor;
mod exit_codes;
#[cfg(test)]
mod formats;
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
#[cfg(feature = "parquet")]
#[cfg(test)]
mod parquet;
#[cfg(test)]
mod pipeline;
#[cfg(unix)]
#[cfg(test)]
mod prompts;
#[cfg(unix)]
#[cfg(test)]
mod pty;
mod query;
#[cfg(test)]
mod run;
mod settings;
#[cfg(test)]
mod share;
mod shared_emulator;
#[cfg(all(test, unix))]
mod shell;
#[cfg(test)]
mod shells;
#[cfg(unix)]
#[cfg(test)]
mod sql;
#[cfg(test)]
mod support;
#[cfg(unix)]
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod token;
mod tracing;
#[cfg(test)]
mod upload;
#[cfg(test)]
mod usage;
#[cfg(test)]
mod verify;
