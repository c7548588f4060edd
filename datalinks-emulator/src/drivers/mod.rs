//! Work that goes on beside requests: runs that answer questions, pipeline runs and ingestions.
//!
//! Each is a branch of the future that serves, not a task: it ends with the server.

pub(crate) mod agent_runs;
pub(crate) mod ingestions;
pub(crate) mod pipeline_runs;
mod run_driver;
