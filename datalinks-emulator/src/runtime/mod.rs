//! The clock, the ids and the log of requests of one emulator.

pub(crate) mod clock;
pub(crate) mod ids;
pub(crate) mod request_log;

pub(crate) use clock::{Clock, Watch};
pub(crate) use ids::{Ids, Kind, mix};
pub(crate) use request_log::Log;
pub use request_log::RequestRecord;
