//! Tests of the commands as processes, against an emulator.

mod api;
mod auth;
mod closed_pipe;
mod danger;
mod exit_codes;
mod manual;
mod query;
mod settings;
mod shared_emulator;
mod support;
mod tracing;
