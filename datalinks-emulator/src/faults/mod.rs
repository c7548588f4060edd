//! Faults on demand: what a network and a busy service do to a client.

mod check;
mod effect;
mod garbage;
mod json;
mod list;
mod setting;
mod spec;
mod spoil;
mod text;

pub use check::FaultError;
pub(crate) use check::operations;
pub(crate) use effect::Effect;
pub use list::Faults;
pub(crate) use list::Plan;
pub(crate) use setting::names;
pub use spec::Fault;
pub(crate) use spoil::{Side, refusal, spoil};

/// A part put to its presigned URL: no operation of the API, but something that goes wrong.
pub(crate) const PUT_PART: &str = "putPart";
/// The ingestion of an uploaded file, which happens in the background.
pub(crate) const INGEST_FILE: &str = "ingestFile";
/// A run of the agent, whether or not its events are read.
pub(crate) const AGENT_RUN: &str = "agentRun";
