//! The timers of the limits of requests, which requests reuse.
//!
//! Starting a timer is cheap, but it wakes the driver of the runtime, which is a system call and a switch to another thread. A
//! request that takes a fraction of a millisecond would pay that for a limit of a minute. Therefore, a timer keeps running
//! after its request, and the next request takes it. A timer that ends before the limit of its request is started again, so a
//! series of requests starts one timer per limit, and not one per request.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};

use futures::FutureExt as _;
use tokio::{
    runtime::{Handle, Id},
    task::unconstrained,
};

use crate::platform::clock::{Instant, Sleep, sleep_until};

/// Maximum number of timers that are kept.
const MOST: usize = 64;

/// The running timers that no request uses. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers(Arc<Mutex<Vec<Running>>>);

/// A timer that was started.
#[derive(Debug)]
pub(super) struct Running {
    /// The runtime that drives the timer. Another one may outlive it, or run while it stands still.
    runtime: Id,
    sleep: Pin<Box<Sleep>>,
}

impl Running {
    /// Starts a timer that ends at `end`.
    pub(super) fn start(end: Instant) -> Self {
        Self { runtime: Handle::current().id(), sleep: Box::pin(sleep_until(end)) }
    }

    /// Returns `true` if the timer can be used for another limit.
    pub(super) fn is_usable(&self) -> bool {
        !self.sleep.is_elapsed() && self.runtime == Handle::current().id()
    }

    /// Completes at `end`. The timer may have been started for another time.
    pub(super) fn poll_until(&mut self, end: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if self.sleep.deadline() > end {
            self.sleep.as_mut().reset(end);
        }
        loop {
            // Work that is always ready must not keep the timer from being polled.
            ready!(pin!(unconstrained(self.sleep.as_mut())).poll(cx));
            if self.sleep.deadline() >= end {
                return Poll::Ready(());
            }
            self.sleep.as_mut().reset(end);
        }
    }
}

impl Timers {
    /// Returns a timer for one request. It is started at its first use.
    pub(crate) fn timer(&self) -> Timer<'_> {
        Timer { timers: self, running: None }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Running>> {
        // A panic elsewhere cannot leave the list invalid.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a running timer of the current runtime, or starts one that ends at `end`.
    fn take(&self, end: Instant) -> Running {
        let mut timers = self.lock();
        let usable = timers.iter().rposition(Running::is_usable);
        usable.map_or_else(|| Running::start(end), |index| timers.swap_remove(index))
    }

    fn put_back(&self, timer: Running) {
        let mut timers = self.lock();
        // A runtime that shuts down ends its timers, so none of them keeps it in memory.
        timers.retain(|timer| !timer.sleep.is_elapsed());
        if timers.len() < MOST {
            timers.push(timer);
        }
    }
}

/// A timer of one request.
#[derive(Debug)]
pub(crate) struct Timer<'a> {
    timers: &'a Timers,
    running: Option<Running>,
}

impl Timer<'_> {
    /// Returns the output of `work`, or `None` if `end` comes first.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe if `work` is.
    pub(crate) async fn run_until<T>(
        &mut self,
        end: Option<Instant>,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Some(done));
            }
            match end {
                Some(end) => {
                    let timer = self.running.get_or_insert_with(|| self.timers.take(end));
                    timer.poll_until(end, cx).map(|()| None)
                }
                None => Poll::Pending,
            }
        })
        .await
    }

    /// Keeps the timer for another request. A timer that is dropped instead is stopped.
    pub(crate) fn keep(mut self) {
        let Some(mut timer) = self.running.take().filter(|timer| !timer.sleep.is_elapsed()) else { return };
        // Frees the task of this request.
        let _ = timer.sleep.poll_unpin(&mut Context::from_waker(Waker::noop()));
        self.timers.put_back(timer);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, ready},
        time::Duration,
    };

    use tokio::{runtime::Builder, task::yield_now, time::sleep};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Returns the ends of the timers that are kept.
    fn kept(timers: &Timers) -> Vec<Instant> {
        timers.lock().iter().map(|timer| timer.sleep.deadline()).collect()
    }

    /// Runs work that is not ready at once, and keeps the timer.
    async fn run(timers: &Timers, limit: Duration, work: impl Future<Output = ()>) -> Option<()> {
        let mut timer = timers.timer();
        let done = timer.run_until(Some(Instant::now() + limit), work).await;
        timer.keep();
        done
    }

    #[tokio::test(start_paused = true)]
    async fn requests_share_one_timer() {
        let (timers, start) = (Timers::default(), Instant::now());
        for _ in 0..100 {
            assert!(run(&timers, 60 * SECOND, sleep(SECOND / 10)).await.is_some());
        }
        assert_eq!(kept(&timers), [start + 60 * SECOND], "the timer was started once");
        // A shorter limit ends it earlier, and the next request continues with that.
        assert!(run(&timers, 5 * SECOND, yield_now()).await.is_some());
        assert!(run(&timers, 60 * SECOND, yield_now()).await.is_some());
        assert_eq!(kept(&timers), [start + 15 * SECOND]);
        // Work that is ready at once needs no timer.
        assert!(run(&Timers::default(), SECOND, ready(())).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn timer_of_an_earlier_request_does_not_end_a_later_one() {
        let (timers, start) = (Timers::default(), Instant::now());
        run(&timers, 10 * SECOND, sleep(7 * SECOND)).await.unwrap();
        assert_eq!(run(&timers, 10 * SECOND, pending()).await, None);
        assert_eq!(start.elapsed(), 17 * SECOND);
        assert!(kept(&timers).is_empty(), "a timer that ended is not kept");
        // Without a limit, there is no timer.
        let mut timer = timers.timer();
        assert_eq!(timer.run_until(None, sleep(100 * SECOND)).await, Some(()));
        assert!(timer.running.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn concurrent_requests_have_their_own_timers() {
        let timers = Timers::default();
        let runs = (1..=100).map(|n| run(&timers, n * SECOND, sleep(200 * SECOND - n * SECOND)));
        let start = Instant::now();
        let done = futures::future::join_all(runs).await;
        // With a limit of 100 s, the work ends at the same time as the limit, and comes first.
        assert_eq!(done.iter().flatten().count(), 1);
        assert_eq!(start.elapsed(), 100 * SECOND);
        futures::future::join_all((0..100).map(|_| run(&timers, SECOND, yield_now()))).await;
        assert_eq!(kept(&timers).len(), MOST);
    }

    #[tokio::test(start_paused = true)]
    async fn dropped_request_stops_its_timer() {
        let timers = Timers::default();
        let mut request = Box::pin(run(&timers, SECOND, pending()));
        assert!(futures::poll!(&mut request).is_pending());
        drop(request);
        assert!(kept(&timers).is_empty());
    }

    /// A timer of a runtime that stands still would never end.
    #[test]
    fn each_runtime_has_its_own_timers() {
        let timers = Timers::default();
        let runtime = || Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (one, other) = (runtime(), runtime());
        let request = || run(&timers, SECOND, yield_now());
        one.block_on(request()).unwrap();
        other.block_on(request()).unwrap();
        assert_eq!(kept(&timers).len(), 2);
        one.block_on(request()).unwrap();
        assert_eq!(other.block_on(run(&timers, SECOND, pending())), None);
        assert_eq!(kept(&timers).len(), 1);
        // The timers of a runtime that shut down are dropped.
        drop(one);
        other.block_on(request()).unwrap();
        let ids: Vec<Id> = timers.lock().iter().map(|timer| timer.runtime).collect();
        assert_eq!(ids, [other.handle().id()]);
    }
}
