//! The retry budget, which limits the load on a server that fails.

use std::sync::{Mutex, PoisonError};

/// Number of tokens at the start, and maximum number of tokens.
const CAPACITY: u32 = 500;
/// Number of tokens that a retry takes.
const COST: u32 = 5;
/// Number of tokens that a success returns.
const GAIN: u32 = 1;

/// A token bucket that all clones of a client share. Retries take tokens, and successes return them. If the bucket is empty,
/// calls still make their first attempt.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<u32>);

impl Default for Budget {
    fn default() -> Self {
        Self(Mutex::new(CAPACITY))
    }
}

impl Budget {
    /// Takes the tokens of one retry. Returns `false` if there are too few.
    pub(crate) fn take(&self) -> bool {
        let mut left = self.lock();
        match left.checked_sub(COST) {
            Some(rest) => {
                *left = rest;
                true
            }
            None => false,
        }
    }

    /// Returns the tokens of one success.
    pub(crate) fn refill(&self) {
        let mut left = self.lock();
        *left = (*left + GAIN).min(CAPACITY);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, u32> {
        // A panic elsewhere cannot leave the number in an invalid state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_budget_stops_retries_after_one_hundred() {
        let budget = Budget::default();
        assert_eq!((0..1_000).filter(|_| budget.take()).count(), 100);
        (0..4).for_each(|_| budget.refill());
        assert!(!budget.take());
        budget.refill();
        assert!(budget.take());
        (0..10_000).for_each(|_| budget.refill());
        assert_eq!((0..1_000).filter(|_| budget.take()).count(), 100);
    }
}
