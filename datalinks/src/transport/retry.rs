//! Retry policies, backoff and attempts.

pub use super::{backoff::Backoff, observe::Attempt, policy::RetryPolicy};
