//! Decisions on the setting of a run, from the times and outcomes of its attempts.

use std::time::Duration;

use super::{
    batch_size::BatchSize,
    window::{Started, Window},
};
use crate::{
    ingest::setting::{IngestSetting, SettingReason},
    transport::AttemptEnd,
};

/// The ceilings of a run, and what of it is adaptive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ceilings {
    pub(super) concurrency: usize,
    pub(super) adaptive_concurrency: bool,
    pub(super) batch_size: usize,
    pub(super) max_batch_bytes: usize,
    pub(super) adaptive_batch_size: bool,
}

/// Decides on the setting of one run. Times count from the start of the run.
#[derive(Debug)]
pub(super) struct Controller {
    ceilings: Ceilings,
    window: Window,
    batch_size: BatchSize,
    reason: SettingReason,
}

/// An attempt in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct InFlight {
    started: Started,
    at: Duration,
    bytes: usize,
    /// Maximum number of bytes when the attempt started.
    max_bytes: usize,
}

impl InFlight {
    /// Sets the time from which the latency counts.
    pub(super) fn sent(&mut self, now: Duration) {
        self.at = now;
        self.started.sent(now.as_secs_f64());
    }
}

impl Controller {
    pub(super) fn new(ceilings: Ceilings) -> Self {
        let first = if ceilings.adaptive_concurrency { 1 } else { ceilings.concurrency };
        Self {
            window: Window::new(ceilings.concurrency, first),
            batch_size: BatchSize::new(ceilings.batch_size, ceilings.max_batch_bytes),
            reason: SettingReason::Start,
            ceilings,
        }
    }

    pub(super) fn concurrency(&self) -> usize {
        if self.ceilings.adaptive_concurrency { self.window.limit() } else { self.ceilings.concurrency }
    }

    /// Returns the time from which another attempt may start, or `None` if one of those in flight must end before.
    pub(super) fn admission(&self, in_flight: usize) -> Option<Duration> {
        if !self.ceilings.adaptive_concurrency {
            return (in_flight < self.ceilings.concurrency).then_some(Duration::ZERO);
        }
        let seconds = self.window.admission(in_flight)?;
        // A time beyond the range of `Duration` is never reached.
        Some(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX))
    }

    pub(super) fn setting(&self) -> IngestSetting {
        let Ceilings { batch_size, max_batch_bytes, adaptive_batch_size, .. } = self.ceilings;
        let (batch_size, max_batch_bytes) = if adaptive_batch_size {
            (self.batch_size.rows(), self.batch_size.bytes())
        } else {
            (batch_size, max_batch_bytes)
        };
        IngestSetting { concurrency: self.concurrency(), batch_size, max_batch_bytes, reason: self.reason }
    }

    /// Records that an attempt starts. `in_flight` includes it.
    pub(super) fn start(&mut self, now: Duration, in_flight: usize, bytes: usize) -> InFlight {
        let max_bytes = self.batch_size.bytes();
        InFlight { started: self.window.start(now.as_secs_f64(), in_flight), at: now, bytes, max_bytes }
    }

    /// Records the end of an attempt. Returns the new setting if it changed.
    pub(super) fn end(&mut self, now: Duration, attempt: InFlight, end: AttemptEnd) -> Option<IngestSetting> {
        let before = self.setting();
        let InFlight { started, at, bytes, max_bytes } = attempt;
        let seconds = now.as_secs_f64();
        let size = self.ceilings.adaptive_batch_size.then_some(&mut self.batch_size);
        let resized = match end {
            AttemptEnd::Answered => {
                self.window.answer(seconds, started);
                let latency = now.saturating_sub(at).as_secs_f64();
                size.is_some_and(|size| size.answer(latency, bytes))
            }
            AttemptEnd::TooLarge => size.is_some_and(|size| size.too_large(bytes, max_bytes)),
            AttemptEnd::Rejected { retry_after } => {
                let last = self.window.is_exhausted();
                self.window.reject(seconds, started, retry_after);
                last && size.is_some_and(BatchSize::halve)
            }
            AttemptEnd::Failed => {
                self.window.fail(seconds, started);
                size.is_some_and(BatchSize::halve)
            }
        };
        if resized {
            self.window.resize();
        }
        let concurrency = before.concurrency != self.concurrency();
        if !resized && !concurrency {
            return None;
        }
        self.reason = match end {
            AttemptEnd::TooLarge => SettingReason::TooLarge,
            AttemptEnd::Rejected { .. } => SettingReason::Rejected,
            AttemptEnd::Failed => SettingReason::Failed,
            AttemptEnd::Answered if concurrency => self.window.reason(),
            AttemptEnd::Answered if self.setting().batch_size < before.batch_size => SettingReason::Latency,
            AttemptEnd::Answered => SettingReason::Growth,
        };
        Some(self.setting())
    }
}
