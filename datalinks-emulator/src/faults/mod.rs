//! Faults on demand: what a network and a busy service do to a client.

mod check;
mod cord;
mod effect;
mod error;
mod garbage;
mod json;
mod list;
mod names;
mod set;
mod setting;
mod spec;
mod spoil;
mod text;

pub(crate) use cord::Cord;
pub(crate) use effect::Effect;
pub use error::FaultError;
pub use list::Faults;
pub(crate) use list::Plan;
pub(crate) use names::{AGENT_RUN, INGEST_FILE, PUT_PART, operations};
pub(crate) use setting::names;
pub use spec::Fault;
pub(crate) use spoil::{Side, refusal, spoil};
