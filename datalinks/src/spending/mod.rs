//! What models cost, as the service reports it: exact amounts, and the usage since a moment.
//!
//! [`DataLinks::usage_meter`](crate::DataLinks::usage_meter) begins a measurement. Budgets of ingestions and estimates of
//! their cost are in [`ingest`](crate::ingest).

mod amount;
mod meter;
mod usd;

pub use amount::Amount;
pub(crate) use meter::{AccountUsage, STABLE, UsageReading, settled};
pub use meter::{Spent, UsageMeter};
pub use usd::Usd;
