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
    /// About the number of bytes of the largest of the last bodies.
    usual_bytes: usize,
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

/// Returns `true` if two sizes differ by so much that the latencies of requests with them do, too.
fn is_far(before: usize, after: usize) -> bool {
    before.abs_diff(after) > before.max(after) / 8
}

impl Controller {
    pub(super) fn new(ceilings: Ceilings) -> Self {
        let first = if ceilings.adaptive_concurrency { 1 } else { ceilings.concurrency };
        Self {
            window: Window::new(ceilings.concurrency, first),
            batch_size: BatchSize::new(ceilings.batch_size, ceilings.max_batch_bytes),
            usual_bytes: 0,
            reason: SettingReason::Start,
            ceilings,
        }
    }

    pub(super) fn ceilings(&self) -> Ceilings {
        self.ceilings
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

    /// Returns `true` if a body is probably a half of a batch that was too large, which is answered faster than whole batches.
    fn is_part(&mut self, bytes: usize) -> bool {
        let usual = self.usual_bytes;
        self.usual_bytes = bytes.max(usual - usual.div_ceil(32));
        self.ceilings.adaptive_batch_size && self.batch_size.is_limited() && bytes < usual - usual / 4
    }

    /// Records the end of an attempt. Returns the new setting if it changed.
    pub(super) fn end(&mut self, now: Duration, attempt: InFlight, end: AttemptEnd) -> Option<IngestSetting> {
        let before = self.setting();
        let InFlight { started, at, bytes, max_bytes } = attempt;
        let seconds = now.as_secs_f64();
        let is_part = matches!(end, AttemptEnd::Answered | AttemptEnd::Declined) && self.is_part(bytes);
        let size = self.ceilings.adaptive_batch_size.then_some(&mut self.batch_size);
        let resized = match end {
            AttemptEnd::Answered | AttemptEnd::Declined => {
                self.window.answer(seconds, started, is_part);
                let latency = now.saturating_sub(at).as_secs_f64();
                size.is_some_and(|size| size.answer(latency, bytes, max_bytes))
            }
            AttemptEnd::TooLarge => size.is_some_and(|size| size.too_large(bytes)),
            AttemptEnd::OverQuota { retry_after } => {
                self.window.over_quota(seconds, started, retry_after);
                false
            }
            AttemptEnd::Rejected { retry_after } => {
                // The batches keep their size. A service that limits requests would receive more of them otherwise.
                self.window.reject(seconds, started, retry_after);
                false
            }
            AttemptEnd::Failed => {
                self.window.fail(seconds, started);
                size.is_some_and(BatchSize::halve)
            }
        };
        let setting = self.setting();
        if is_far(before.batch_size, setting.batch_size)
            || is_far(before.max_batch_bytes, setting.max_batch_bytes)
        {
            self.window.resize();
            self.usual_bytes = 0;
        }
        let concurrency = before.concurrency != self.concurrency();
        if !resized && !concurrency {
            return None;
        }
        self.reason = match end {
            AttemptEnd::TooLarge => SettingReason::TooLarge,
            AttemptEnd::OverQuota { .. } | AttemptEnd::Rejected { .. } => SettingReason::Rejected,
            AttemptEnd::Failed => SettingReason::Failed,
            AttemptEnd::Answered | AttemptEnd::Declined if concurrency => self.window.reason(),
            _ if self.setting().batch_size < before.batch_size => SettingReason::Latency,
            AttemptEnd::Answered | AttemptEnd::Declined => SettingReason::Growth,
        };
        Some(self.setting())
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    #[derive(Clone, Copy, Debug)]
    enum Event {
        /// Starts an attempt with this body if it is admitted.
        Start(usize),
        /// Starts the latency of an attempt in flight again.
        Sent(usize),
        End(usize, AttemptEnd),
        /// Withdraws an attempt.
        Withdraw(usize),
        Pass(Duration),
    }

    fn duration() -> impl Strategy<Value = Duration> {
        prop_oneof![
            Just(Duration::ZERO),
            (0..2_000_000_u64).prop_map(Duration::from_micros),
            (0..100_u64).prop_map(Duration::from_secs),
            Just(Duration::from_secs(31_536_000)),
        ]
    }

    fn end() -> impl Strategy<Value = AttemptEnd> {
        let retry_after = || proptest::option::of(prop_oneof![3 => duration(), 1 => Just(Duration::MAX)]);
        prop_oneof![
            6 => Just(AttemptEnd::Answered),
            2 => retry_after().prop_map(|retry_after| AttemptEnd::OverQuota { retry_after }),
            1 => retry_after().prop_map(|retry_after| AttemptEnd::Rejected { retry_after }),
            1 => Just(AttemptEnd::TooLarge),
            1 => Just(AttemptEnd::Failed),
        ]
    }

    fn bytes() -> impl Strategy<Value = usize> {
        prop_oneof![0..100_usize, 1_000..100_000_usize, Just(usize::MAX)]
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            4 => bytes().prop_map(Event::Start),
            1 => any::<usize>().prop_map(Event::Sent),
            6 => (any::<usize>(), end()).prop_map(|(which, end)| Event::End(which, end)),
            1 => any::<usize>().prop_map(Event::Withdraw),
            4 => duration().prop_map(Event::Pass),
        ]
    }

    fn ceilings() -> impl Strategy<Value = Ceilings> {
        let concurrency = prop_oneof![1..=64_usize, Just(usize::MAX)];
        let batch_size = prop_oneof![Just(0), 1..5_000_usize, Just(usize::MAX)];
        let max_batch_bytes = prop_oneof![1..40_usize, 1_000..9_000_000_usize, Just(usize::MAX)];
        (concurrency, any::<bool>(), batch_size, max_batch_bytes, any::<bool>()).prop_map(
            |(concurrency, adaptive_concurrency, batch_size, max_batch_bytes, adaptive_batch_size)| {
                Ceilings {
                    concurrency,
                    adaptive_concurrency,
                    batch_size,
                    max_batch_bytes,
                    adaptive_batch_size,
                }
            },
        )
    }

    fn fixed_ceilings(adaptive_batch_size: bool) -> Ceilings {
        Ceilings {
            concurrency: 8,
            adaptive_concurrency: true,
            batch_size: 100,
            max_batch_bytes: 1_000,
            adaptive_batch_size,
        }
    }

    /// The time in which an attempt waits for a permission or a token is not latency of the service.
    #[test]
    fn latency_counts_from_the_time_of_sending() {
        let started = |at: u64, sent: Option<u64>| {
            let mut controller = Controller::new(fixed_ceilings(true));
            let mut attempt = controller.start(Duration::from_secs(at), 1, 500);
            sent.into_iter().for_each(|sent| attempt.sent(Duration::from_secs(sent)));
            format!("{attempt:?}")
        };
        assert_eq!(started(0, Some(5)), started(5, None));
        assert_ne!(started(0, None), started(5, None));
    }

    #[test]
    fn bodies_smaller_than_the_usual_ones_are_parts_while_a_limit_is_known() {
        let parts = |adaptive: bool, limited: bool| {
            let mut controller = Controller::new(fixed_ceilings(adaptive));
            if limited {
                controller.batch_size.too_large(2_000);
            }
            let first = [1_000, 1_000, 750, 720, 500, 900].map(|bytes| controller.is_part(bytes));
            let last = (0..100).map(|_| controller.is_part(300)).last();
            (first, last)
        };
        let (none, last) = ([false; 6], Some(false));
        // Three quarters of the usual size are no part, and the usual size falls with each smaller body.
        assert_eq!(parts(true, true), ([false, false, false, true, true, false], last));
        assert_eq!(parts(true, false), (none, last));
        assert_eq!(parts(false, true), (none, last));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever the service does and whenever: the limits stay within the ceilings, and a run without an attempt in flight
        /// may always start one.
        #[test]
        fn limits_stay_within_the_ceilings(ceilings in ceilings(), events in vec(event(), 0..300)) {
            let mut controller = Controller::new(ceilings);
            let (mut now, mut in_flight) = (Duration::ZERO, Vec::new());
            for event in events {
                let started = in_flight.len();
                let index = |which: usize| which.checked_rem(started);
                match event {
                    Event::Start(bytes) => {
                        if let Some(at) = controller.admission(started).filter(|at| at.as_secs() < 1 << 40) {
                            now = now.max(at);
                            in_flight.push(controller.start(now, started + 1, bytes));
                        }
                    }
                    Event::Sent(which) => {
                        if let Some(which) = index(which) {
                            in_flight[which].sent(now);
                        }
                    }
                    Event::End(which, end) => {
                        if let Some(which) = index(which) {
                            let before = controller.setting();
                            let changed = controller.end(now, in_flight.swap_remove(which), end);
                            let setting = controller.setting();
                            prop_assert_eq!(changed, (setting != before).then_some(setting));
                        }
                    }
                    Event::Withdraw(which) => {
                        if let Some(which) = index(which) {
                            in_flight.swap_remove(which);
                        }
                    }
                    Event::Pass(time) => now += time,
                }
                let setting = controller.setting();
                prop_assert!((1..=ceilings.concurrency).contains(&setting.concurrency), "{:?}", controller);
                prop_assert!((1..=ceilings.max_batch_bytes).contains(&setting.max_batch_bytes), "{:?}", controller);
                let rows = if ceilings.batch_size == 0 { usize::MAX } else { ceilings.batch_size };
                if ceilings.adaptive_batch_size {
                    prop_assert!((1..=rows).contains(&setting.batch_size), "{:?}", controller);
                }
                prop_assert!(in_flight.len() <= ceilings.concurrency);
                prop_assert!(controller.admission(0).is_some(), "{:?}", controller);
            }
        }
    }
}
