//! Time that passes at the word of a test.
//!
//! Tests with sockets use limits that are too long to end by themselves. When nothing but a limit can end a wait, the test
//! lets the time of the limit pass. A slow machine then makes a test slow, and does not make it fail.

use std::{pin::pin, time::Duration};

/// Lets `time` pass on the clock of tokio. Limits that end within it have ended afterwards.
///
/// # Panics
///
/// Panics outside a runtime of one thread, and while the clock is paused.
pub async fn skip(time: Duration) {
    /// Lets the clock go on, even if the wait is dropped.
    struct Paused;
    impl Drop for Paused {
        fn drop(&mut self) {
            tokio::time::resume();
        }
    }
    tokio::time::pause();
    let _paused = Paused;
    tokio::time::advance(time).await;
}

/// Awaits `wait`, which only a time limit can end, and lets the time of the limit pass until it ends.
pub async fn until_limit<T>(limit: Duration, wait: impl Future<Output = T>) -> T {
    let mut wait = pin!(wait);
    loop {
        if let std::task::Poll::Ready(ended) = futures::poll!(&mut wait) {
            return ended;
        }
        skip(limit).await;
    }
}

/// Runs the other tasks until a condition holds.
///
/// # Panics
///
/// Panics if the condition does not hold within a minute.
pub async fn settle(done: impl Fn() -> bool) {
    let begin = std::time::Instant::now();
    while !done() {
        assert!(begin.elapsed() < Duration::from_secs(60), "the condition never held");
        tokio::task::yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, sleep};

    use super::*;

    #[tokio::test]
    async fn limits_end_without_waiting() {
        let (real, start) = (std::time::Instant::now(), Instant::now());
        let day = Duration::from_secs(86_400);
        until_limit(Duration::from_secs(3_600), sleep(day)).await;
        assert!(start.elapsed() >= day && real.elapsed() < day);
        // The clock goes on.
        let start = Instant::now();
        settle(|| start.elapsed() > Duration::ZERO).await;
    }
}
