//! The emulator over HTTP.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

mod a2a;
mod agent;
mod agent_runs;
mod build_specs;
mod chat;
mod cleaning;
mod clock;
mod contract;
mod control;
mod datasets;
mod embedded;
mod extremes;
mod faults;
mod files;
mod links;
mod models;
mod page;
mod pipeline;
mod pipeline_models;
mod queries;
mod questions;
mod raw_values;
mod same_state;
mod server;
mod shares;
mod steps;
mod support;
mod uploads;
mod usage;
