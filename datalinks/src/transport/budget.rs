//! A budget that keeps a dead server from being hammered.

use std::sync::{Mutex, PoisonError};

/// Tokens at the start, and at most.
const CAPACITY: u32 = 500;
/// What one repetition takes.
const COST: u32 = 5;
/// What one success gives back.
const GAIN: u32 = 1;

/// A token bucket shared by all clones of a client: repetitions take from it, successes fill it. When
/// it is empty, calls still get their first attempt.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<u32>);

impl Default for Budget {
    fn default() -> Self {
        Self(Mutex::new(CAPACITY))
    }
}

impl Budget {
    /// Whether one more repetition may be made; takes its cost if so.
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

    /// A request succeeded.
    pub(crate) fn refill(&self) {
        let mut left = self.lock();
        *left = (*left + GAIN).min(CAPACITY);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, u32> {
        // A number cannot be left half-written by a panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_server_gets_a_hundred_repetitions_and_then_none() {
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
