//! Work on input of any size, which is counted and either yields or runs in the background.
//!
//! One thread serves all requests, so work on it must not take long. There are two ways:
//!
//! - [`Pace`] yields to other requests after a bounded number of steps. It fits work on borrowed rows.
//! - [`background`] runs a function on the runtime's threads for blocking work. It fits work on owned values, such as a
//!   snapshot of the store. The function changes no shared state, and the serving thread uses or discards the result.
//!   Therefore responses depend only on the order of requests, as if all work ran on one thread. Replacements of the
//!   state are the exception: they exclude other work, see
//!   [`Generations`](crate::concurrency::generation::Generations).
//!
//! Steps are counted, so that tests can compare the work for one input with the work for an input of twice the size
//! without measuring time. A step is about one cell, one name or one comparison.

use std::cell::Cell;
use std::hash::{BuildHasher, DefaultHasher, RandomState};
use std::panic::resume_unwind;

use indexmap::{IndexMap, IndexSet};

/// Number of steps after which other requests are served. This takes a few milliseconds.
const STEPS_AT_ONCE: usize = 10_000;

/// Size in bytes from which a body is parsed in the background. Parsing a smaller one takes at most a few milliseconds.
pub(crate) const LARGE: usize = 256 * 1024;

thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// Counts steps of the current thread.
pub(crate) fn count(steps: usize) {
    STEPS.set(STEPS.get().wrapping_add(steps as u64));
}

/// Returns the number of steps that the current thread has counted, including the [`background`] work that it waited for.
pub(crate) fn counted() -> u64 {
    STEPS.get()
}

/// A counter of steps that yields to other requests after enough steps.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    steps: usize,
}

impl Pace {
    /// Counts steps, and yields to other requests if enough steps have accumulated.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the steps are counted before the first await.
    pub(crate) async fn step(&mut self, steps: usize) {
        count(steps);
        self.steps = self.steps.saturating_add(steps);
        if self.steps >= STEPS_AT_ONCE {
            self.steps = 0;
            tokio::task::yield_now().await;
        }
    }
}

/// Runs a function on a thread for blocking work while other requests are served.
///
/// A panic in the function continues in the caller.
///
/// # Cancel safety
///
/// If the future is dropped, the function runs to its end and its result is discarded. The function must not change shared
/// state, except in one change that excludes other work, such as a replacement of the state.
pub(crate) async fn background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let work = move || {
        let before = counted();
        let done = work();
        (done, counted().wrapping_sub(before))
    };
    match tokio::task::spawn_blocking(work).await {
        Ok((done, steps)) => {
            STEPS.set(STEPS.get().wrapping_add(steps));
            done
        }
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime shuts down and drops this future.
            Err(_) => std::future::pending().await,
        },
    }
}

/// An insertion-ordered map whose lookups are counted.
pub(crate) type Map<K, V> = IndexMap<K, V, Counting>;

/// An insertion-ordered set whose lookups are counted.
pub(crate) type Set<K> = IndexSet<K, Counting>;

/// The hasher of the standard library, which counts each hash as a step.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counting(RandomState);

impl BuildHasher for Counting {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        count(1);
        self.0.build_hasher()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Runs a future to its end on this thread.
    pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    /// Asserts that twice the input takes about twice the steps, so that the work is at most O(n log n).
    pub(crate) fn assert_proportional(size: usize, mut work: impl FnMut(usize)) {
        let mut steps = |size| {
            let before = counted();
            work(size);
            counted() - before
        };
        let (one, two) = (steps(size), steps(2 * size));
        assert!(one >= size as u64, "only {one} steps are counted for {size} items");
        assert!(two as f64 <= 2.3 * one as f64, "{one} steps for {size} items, {two} for twice as many");
    }

    #[tokio::test]
    async fn pace_yields_to_other_work() {
        let long = async {
            let mut pace = Pace::default();
            for _ in 0..3 * STEPS_AT_ONCE {
                pace.step(1).await;
            }
        };
        let mut turns = 0;
        let other = async {
            loop {
                turns += 1;
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = long => {}
            () = other => {}
        }
        assert_eq!(turns, 3, "one turn for each yield");
    }

    #[tokio::test]
    async fn background_steps_count_for_the_waiting_thread() {
        let before = counted();
        background(|| count(7)).await;
        assert_eq!(counted() - before, 7);
    }

    #[tokio::test]
    #[should_panic(expected = "in the background")]
    async fn background_panic_continues_in_the_caller() {
        background(|| panic!("in the background")).await;
    }

    #[test]
    #[should_panic(expected = "for twice as many")]
    fn quadratic_work_fails_the_assertion() {
        assert_proportional(100, |size| count(size * size));
    }
}
