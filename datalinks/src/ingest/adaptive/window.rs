//! The number of requests in flight, by congestion control.
//!
//! The window is a real number. It grows once per round, which ends when a request that was sent in the round is
//! answered. Three signals lower it by a share:
//!
//! - Latency: the number of requests that wait at the service, estimated as in TCP Vegas from the lowest median of a
//!   round, exceeds a small number. The lowest median is measured again with half the window if it is old.
//! - Refusals (429 or 503): the window then approaches the number that was refused along a concave curve, as in
//!   CUBIC, so that it stays long where it is known to work. The time until it grows beyond is a multiple of the
//!   pause that a refusal costs.
//! - Failures: after two without an answer between them, a single request tests the service at growing intervals.
//!
//! At most one of these cuts follows from the requests that are in flight together.

use std::time::Duration;

use crate::ingest::setting::SettingReason;

/// Number of requests that may wait at the service.
const QUEUE: f64 = 1.5;
/// Share of the window that may wait at the service.
const QUEUE_SHARE: f64 = 0.25;
/// Share of the window that remains after a cut for latency or a failure.
const REMAINING: f64 = 0.75;
/// Smallest window. Below 1, single requests have pauses between them.
const SMALLEST: f64 = 1.0 / 16.0;
/// Rounds after which the lowest latency is measured again.
const MAX_AGE: u32 = 25;
/// Minimum time between refusals, in rounds, in requests, and in pauses that the server asks for.
const ROUNDS_PER_REFUSAL: f64 = 5.0;
const REQUESTS_PER_REFUSAL: f64 = 100.0;
const PAUSES_PER_REFUSAL: f64 = 10.0;
/// Latency that is assumed before the first answer, in seconds.
const FIRST_LATENCY: f64 = 0.1;

/// The window of one run. Times are seconds since its start.
#[derive(Debug)]
pub(super) struct Window {
    ceiling: f64,
    limit: f64,
    reason: SettingReason,
    /// The window doubles per round up to this number.
    threshold: f64,
    round: Round,
    /// Lowest median latency of a round.
    base: Option<f64>,
    /// Rounds since a median was close to the lowest one.
    age: u32,
    /// The window to restore after the lowest latency was measured again.
    probed: Option<f64>,
    /// Number of consecutive rounds without a queue at the service.
    calm: u32,
    /// Window and latency at the beginning of a sequence of cuts for latency.
    congestion: Option<(f64, f64)>,
    /// Number of changes after which answers to earlier requests do not count.
    epoch: u64,
    /// Time of the last cut, and the number of answers since.
    cut_at: f64,
    answered: u64,
    /// Set until the round after a cut ends, in which the queue drains.
    draining: bool,
    cap: Option<Cap>,
    /// Number of consecutive failures that led to a cut.
    failures: u32,
    not_before: f64,
    last_start: f64,
}

/// An attempt in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Started {
    at: f64,
    epoch: u64,
    /// Number of attempts in flight, with this one.
    in_flight: f64,
}

#[derive(Debug, Default)]
struct Round {
    start: f64,
    latencies: Vec<f64>,
    /// Set if the whole window was in use.
    used: bool,
}

/// The bound of the window after a refusal.
#[derive(Clone, Copy, Debug)]
struct Cap {
    low: f64,
    high: f64,
    since: f64,
    length: f64,
}

impl Cap {
    /// Returns the bound, or `None` after its end.
    fn at(self, now: f64) -> Option<f64> {
        let part = (now - self.since) / self.length;
        let left = 1.0 - part.max(0.0);
        (part < 1.0).then(|| self.high - (self.high - self.low) * left.powi(3))
    }
}

impl Window {
    pub(super) fn new(ceiling: usize, first: usize) -> Self {
        Self {
            ceiling: ceiling as f64,
            limit: first as f64,
            reason: SettingReason::Start,
            threshold: f64::INFINITY,
            round: Round::default(),
            base: None,
            age: 0,
            probed: None,
            calm: 0,
            congestion: None,
            epoch: 0,
            cut_at: 0.0,
            answered: 0,
            draining: false,
            cap: None,
            failures: 0,
            not_before: 0.0,
            last_start: f64::NEG_INFINITY,
        }
    }

    /// Returns the number of requests that may be in flight, at least 1.
    pub(super) fn limit(&self) -> usize {
        ((self.limit + 0.5) as usize).max(1)
    }

    /// Returns `true` if fewer requests than one may be in flight on average.
    pub(super) fn is_exhausted(&self) -> bool {
        self.limit <= 1.0
    }

    pub(super) fn reason(&self) -> SettingReason {
        self.reason
    }

    /// Returns the time before which no attempt may start.
    pub(super) fn not_before(&self) -> f64 {
        let gap = if self.limit < 1.0 { self.base.unwrap_or(FIRST_LATENCY) / self.limit } else { 0.0 };
        self.not_before.max(self.last_start + gap)
    }

    /// Forgets the latencies, because requests have another size now.
    pub(super) fn resize(&mut self, now: f64) {
        self.base = None;
        self.congestion = None;
        if let Some(limit) = self.probed.take() {
            self.limit = limit;
        }
        self.begin_epoch(now);
    }

    /// Records that an attempt starts. `in_flight` includes it.
    pub(super) fn start(&mut self, now: f64, in_flight: usize) -> Started {
        self.last_start = now;
        self.round.used |= in_flight >= self.limit();
        Started { at: now, epoch: self.epoch, in_flight: in_flight as f64 }
    }

    /// Records that the server responded to the content of a request.
    pub(super) fn answer(&mut self, now: f64, started: Started) {
        self.answered += 1;
        self.failures = 0;
        if started.epoch == self.epoch {
            self.round.latencies.push(now - started.at);
            if started.at >= self.round.start {
                self.end_round(now);
            }
        }
    }

    /// Records a 429 or 503.
    pub(super) fn refuse(&mut self, now: f64, started: Started, retry_after: Option<Duration>) {
        let pause = retry_after.map_or(0.0, |wait| wait.as_secs_f64());
        self.not_before = self.not_before.max(now + pause);
        if started.epoch != self.epoch {
            return;
        }
        if self.answered == 0 && self.cap.is_some() && retry_after.is_none() {
            return self.fail(now, started);
        }
        let latency = self.base.unwrap_or(FIRST_LATENCY);
        let limit = self.limit;
        // Between two refusals by a token bucket, the answers show its rate. The pause is a part of the time.
        let low = if self.cap.is_some() {
            let carried = self.answered as f64 / (now - self.cut_at).max(0.001) * latency;
            (carried.powf(0.6) * limit.powf(0.4)).clamp(0.4 * limit, 0.85 * limit)
        } else {
            0.5 * limit
        };
        // A refusal below the known bound shows another client, or a lower limit.
        let known = self.cap.is_some_and(|cap| started.in_flight <= cap.high + 0.5);
        let most = if known {
            0.8 * started.in_flight
        } else {
            (0.9 * started.in_flight).max(started.in_flight - 1.0)
        };
        let high = most.max(SMALLEST);
        let low = low.min(high);
        let length = (ROUNDS_PER_REFUSAL * latency)
            .max(REQUESTS_PER_REFUSAL / limit * latency)
            .max(PAUSES_PER_REFUSAL * pause);
        self.cap = Some(Cap { low, high, since: now + pause, length });
        self.threshold = low;
        self.cut(now, low, SettingReason::Refused);
    }

    /// Records that the service failed or did not respond.
    pub(super) fn fail(&mut self, now: f64, started: Started) {
        if started.epoch != self.epoch {
            return;
        }
        let again = self.answered == 0 && self.failures > 0;
        self.failures = self.failures.saturating_add(1);
        if again {
            let doublings = i32::try_from(self.failures.min(7)).unwrap_or(7) - 2;
            self.not_before = self.not_before.max(now + 0.1 * 2_f64.powi(doublings));
            self.cut(now, self.limit.min(1.0), SettingReason::Failed);
        } else {
            self.threshold = (REMAINING * self.limit).max(1.0);
            self.cut(now, self.threshold.min(self.limit), SettingReason::Failed);
        }
    }

    fn cut(&mut self, now: f64, limit: f64, reason: SettingReason) {
        self.limit = limit.max(SMALLEST).min(self.ceiling);
        self.reason = reason;
        self.answered = 0;
        self.cut_at = now;
        self.calm = 0;
        self.draining = true;
        self.probed = None;
        self.begin_epoch(now);
    }

    fn begin_epoch(&mut self, now: f64) {
        self.epoch += 1;
        self.round = Round { start: now, ..Round::default() };
    }

    fn end_round(&mut self, now: f64) {
        let mut round = std::mem::replace(&mut self.round, Round { start: now, ..Round::default() });
        round.latencies.sort_by(f64::total_cmp);
        // The answer that ends the round is in it. Clocks of tests may stand still during an attempt.
        let latency = round.latencies[round.latencies.len() / 2].max(1e-6);
        let base = self.base.map_or(latency, |base| latency.min(base));
        self.base = Some(base);
        self.age = if latency <= base * 1.05 { 0 } else { self.age + 1 };
        if std::mem::take(&mut self.draining) {
            return;
        }
        if let Some(limit) = self.probed.take() {
            (self.base, self.age, self.limit) = (Some(latency), 0, limit);
            return;
        }
        if self.age > MAX_AGE && self.limit >= 2.0 {
            self.probed = Some(self.limit);
            self.limit = (self.limit / 2.0).max(1.0);
            self.reason = SettingReason::Probe;
            return self.begin_epoch(now);
        }
        let queue = self.limit * (1.0 - base / latency);
        let allowed = QUEUE.max(QUEUE_SHARE * self.limit);
        if queue > allowed {
            self.relieve(now, base, latency);
        } else {
            self.congestion = None;
            if round.used {
                self.grow(now, queue < allowed / 2.0);
            }
        }
    }

    /// Lowers the window because requests wait at the service.
    fn relieve(&mut self, now: f64, base: f64, latency: f64) {
        let (limit, before) = *self.congestion.get_or_insert((self.limit, latency));
        if self.limit < 0.6 * limit && latency > 0.85 * before {
            // The latency does not depend on the window, so the service itself has become slower.
            self.base = Some(latency);
            self.congestion = None;
            self.threshold = limit;
            return;
        }
        let mut limit = self.limit * REMAINING;
        if self.limit < self.threshold {
            // The window has doubled past the limit of the service, which the latency shows.
            limit = limit.min(self.limit * base / latency + 1.0);
        }
        self.threshold = limit.max(1.0);
        self.cut(now, self.threshold, SettingReason::Latency);
    }

    fn grow(&mut self, now: f64, calm: bool) {
        let cap = self.cap.and_then(|cap| cap.at(now));
        // The window grows faster after rounds without a queue, once the cap has ended.
        self.calm = if calm && cap.is_none() { self.calm + 1 } else { 0 };
        let grown = if self.limit < 1.0 {
            self.limit * 1.25
        } else if self.limit < self.threshold {
            (self.limit * 2.0).min(self.threshold.max(self.limit + 1.0))
        } else {
            self.limit + 2_f64.powi(i32::try_from(self.calm.saturating_sub(1).min(4)).unwrap_or(4))
        };
        let grown = grown.min(cap.unwrap_or(f64::INFINITY)).min(self.ceiling);
        if grown > self.limit {
            self.limit = grown;
            self.reason = SettingReason::Growth;
        }
    }
}
