//! Rows go in once, and are accounted for exactly.
//!
//! [`encode`] turns each row into JSON, once; [`batch`] cuts the encoded rows into requests; [`engine`]
//! sends them, halves and bisects what is refused, and keeps the account; [`result`] is the account.

mod batch;
mod bisect;
mod encode;
mod engine;
mod options;
mod progress;
mod result;

pub(crate) use engine::{Acknowledged, Deliver, run};
pub use options::Delivery;
pub(crate) use options::IngestOptions;
pub use progress::Progress;
pub use result::{FailedRow, IngestionResult, ShortBatch};

#[cfg(test)]
mod tests;
