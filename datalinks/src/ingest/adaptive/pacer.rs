//! The gate in front of the attempts of one run.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::future::BoxFuture;
use tokio::sync::Notify;

use super::controller::{Ceilings, Controller, InFlight};
use crate::{
    error::Error,
    ingest::{attempt_end::ended_before, options::IngestOptions, setting::IngestSetting},
    platform::clock::Instant,
    transport::{AttemptEnd, Gate, Pass},
};

/// Admits the attempts of one run, within the limits that its controller sets.
pub(crate) struct Pacer {
    start: Instant,
    state: Mutex<State>,
    /// Notified when an attempt ends.
    ended: Notify,
}

struct State {
    controller: Controller,
    /// Number of bytes of a body other than those of its rows.
    overhead: usize,
    /// Number of attempts in flight.
    in_flight: usize,
    /// Number of batches that pause before their next attempt.
    paused: usize,
}

impl Pacer {
    /// Creates a pacer, or returns `None` if no setting is adaptive.
    pub(crate) fn new(options: &IngestOptions) -> Option<Arc<Self>> {
        let concurrency = options.concurrency;
        if !concurrency.is_auto() && !options.adaptive_batch_size {
            return None;
        }
        let controller = Controller::new(Ceilings {
            concurrency: concurrency.max(),
            adaptive_concurrency: concurrency.is_auto(),
            batch_size: options.batch_size,
            max_batch_bytes: options.max_batch_bytes,
            adaptive_batch_size: options.adaptive_batch_size,
        });
        Some(Arc::new(Self {
            start: Instant::now(),
            state: Mutex::new(State { controller, overhead: 0, in_flight: 0, paused: 0 }),
            ended: Notify::new(),
        }))
    }

    /// Sets the number of bytes of a body other than those of its rows, which the limit on bytes does not count.
    pub(crate) fn set_overhead(&self, bytes: usize) {
        self.lock().overhead = bytes;
    }

    /// Returns the number of batches that may be in flight at present. Those that pause before a retry do not keep others
    /// from being sent.
    pub(crate) fn max_in_flight(&self) -> usize {
        let state = self.lock();
        (state.controller.concurrency() + state.paused)
            .clamp(1, state.controller.ceilings().concurrency.max(1))
    }

    /// Returns the maximum number of rows and of bytes of the next batch.
    pub(crate) fn batch_limits(&self) -> (usize, usize) {
        let setting = self.setting();
        (setting.batch_size, setting.max_batch_bytes)
    }

    /// Returns the present setting.
    pub(crate) fn setting(&self) -> IngestSetting {
        self.lock().controller.setting()
    }

    /// Waits until an attempt may start.
    async fn wait(&self, bytes: usize) -> InFlight {
        loop {
            // Created before the state is read, so that no notification is lost.
            let ended = self.ended.notified();
            let at = {
                let mut state = self.lock();
                let now = self.start.elapsed();
                match state.controller.admission(state.in_flight) {
                    Some(at) if at <= now => {
                        state.in_flight += 1;
                        let in_flight = state.in_flight;
                        let bytes = bytes.saturating_sub(state.overhead);
                        return state.controller.start(now, in_flight, bytes);
                    }
                    at => at,
                }
            };
            ended_before(ended, self.start, at).await;
        }
    }

    /// Releases an attempt, and records how it ended unless it was withdrawn.
    fn release(&self, attempt: InFlight, end: Option<AttemptEnd>) {
        let changed = {
            let mut state = self.lock();
            state.in_flight = state.in_flight.saturating_sub(1);
            end.and_then(|end| state.controller.end(self.start.elapsed(), attempt, end))
        };
        if let Some(IngestSetting { concurrency, batch_size, max_batch_bytes, reason }) = changed {
            tracing::debug!(concurrency, batch_size, max_batch_bytes, ?reason, "ingest setting changed");
        }
        self.ended.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code waits while it holds this lock, and a panic cannot leave the state invalid.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pacer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pacer").field("setting", &self.setting()).finish_non_exhaustive()
    }
}

impl Gate for Pacer {
    fn admit(self: Arc<Self>, bytes: usize) -> BoxFuture<'static, Result<Box<dyn Pass>, Error>> {
        Box::pin(async move {
            let attempt = self.wait(bytes).await;
            let pass: Box<dyn Pass> = Box::new(Admitted { pacer: self, attempt: Some(attempt) });
            Ok(pass)
        })
    }

    fn slows_down(&self) -> bool {
        // Rejections lower the number of attempts in flight.
        self.lock().controller.ceilings().adaptive_concurrency
    }

    fn pause(self: Arc<Self>) -> Box<dyn Send> {
        self.lock().paused += 1;
        Box::new(Paused { pacer: self })
    }

    fn record(&self, span: &tracing::Span) {
        let IngestSetting { concurrency, batch_size, reason, .. } = self.setting();
        span.record("datalinks.ingest.concurrency", concurrency);
        span.record("datalinks.ingest.batch_size", batch_size);
        span.record("datalinks.ingest.reason", tracing::field::debug(reason));
    }
}

/// A batch that pauses before its next attempt.
struct Paused {
    pacer: Arc<Pacer>,
}

impl Drop for Paused {
    fn drop(&mut self) {
        let mut state = self.pacer.lock();
        state.paused = state.paused.saturating_sub(1);
    }
}

/// An admitted attempt.
struct Admitted {
    pacer: Arc<Pacer>,
    attempt: Option<InFlight>,
}

impl Pass for Admitted {
    fn sent(&mut self) {
        if let Some(attempt) = &mut self.attempt {
            attempt.sent(self.pacer.start.elapsed());
        }
    }

    fn end(mut self: Box<Self>, end: AttemptEnd) {
        if let Some(attempt) = self.attempt.take() {
            self.pacer.release(attempt, Some(end));
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        if let Some(attempt) = self.attempt.take() {
            self.pacer.release(attempt, None);
        }
    }
}
