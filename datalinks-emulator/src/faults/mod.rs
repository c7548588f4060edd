//! Injected faults, which imitate failures of a network and of a busy service.

mod apply;
mod check;
mod connection_control;
mod effect;
mod error;
mod fault;
mod garbage;
mod json;
mod list;
mod names;
mod set;
mod setting;
mod text;

pub(crate) use apply::{Side, apply_fault, error_response};
pub(crate) use connection_control::ConnectionControl;
pub(crate) use effect::Effect;
pub use error::FaultError;
pub use fault::Fault;
pub(crate) use list::ActiveFault;
pub use list::Faults;
pub(crate) use names::{AGENT_RUN, INGEST_FILE, PUT_PART, operations};
pub(crate) use setting::names;
