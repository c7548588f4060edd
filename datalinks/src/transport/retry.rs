//! Retry policies, attempts and observers.

pub use super::{observe::Attempt, policy::RetryPolicy};
