//! Background work: agent runs, pipeline runs and ingestions.
//!
//! Each driver is a branch of the serving future, not a task, so it ends with the server.

pub(crate) mod agent_runs;
pub(crate) mod ingestions;
pub(crate) mod pipeline_runs;
mod run_driver;
