//! Retry policies, attempts and observers.

pub use super::{backoff::Backoff, observe::Attempt, policy::RetryPolicy};
