//! The number of requests in flight, by congestion control.
//!
//! The window is a real number. It grows by about one request per round trip, and three signals lower it:
//!
//! - Latency: recent responses took [`TOLERANCE`] times as long as those of an empty queue. The window is halved. Clients
//!   of one service see this at the same time, so their windows approach each other with each cut, and the queue drains,
//!   so that each of them measures the latency of an empty queue.
//! - Rejections (429 or 503): the window becomes the number of requests that the rate of answers since the last rejection
//!   needs. It then grows by time. A token bucket fills while the client pauses as requested, so a window that is a little too
//!   large between two pauses uses the whole rate, and rejections that stay away show a higher limit within a few round
//!   trips.
//!   A window that is small after a rejection stands for a rate, because a quota such as ten requests per second is passed by
//!   a single request in flight if it is answered fast. Below 1, the window is a pause between two requests. It grows by few
//!   percent up to the rate that was rejected, and faster beyond it.
//! - Failures: after two without an answer between them, a single request tests the service at growing intervals. The
//!   window doubles up to its earlier size when the service responds again.
//!
//! At most one of these cuts follows from the requests that are in flight together.
//!
//! Requests are spread over the round trip, so that a burst does not look like a queue, and does not meet an empty bucket
//! as a whole. A window of 2.5 admits the third request half of the time, without which two clients would share a short
//! queue by 2 : 3.

use std::{collections::VecDeque, time::Duration};

use crate::ingest::setting::SettingReason;

/// Latency at which the window is cut, by the latency of an empty queue.
const TOLERANCE: f64 = 1.5;
/// Latency at which the window no longer doubles, by the latency of an empty queue.
const DOUBLING_TOLERANCE: f64 = 1.25;
/// Differences of latency below this number of seconds are noise.
const NOISE: f64 = 0.001;
/// Share of the window that remains after a cut for latency.
const REMAINING: f64 = 0.58;
/// Number of cuts after which the latency of an empty queue is forgotten.
const CYCLES: usize = 8;
/// Maximum number of latencies whose median is compared.
const RECENT: usize = 5;
/// Smallest window, unless a smaller one is needed for [`MAX_INTERVAL`]. Below 1, single requests have pauses between them.
const SMALLEST: f64 = 1.0 / 16.0;
/// Longest time between two requests of the smallest window, in seconds.
const MAX_INTERVAL: f64 = 3.0;
/// Window below which rejections are taken as those of a quota that concurrency alone cannot express.
const PACED: f64 = 2.5;
/// Share of a paced window that remains after answers and a rejection, at least.
const PACED_LEAST: f64 = 0.7;
/// Share of the window that remains after a 429 without an answer since the last one.
const PACED_UNANSWERED_LEAST: f64 = 0.25;
/// Share of a larger window that remains after a 429, if the rate of the answers is that of a paced window.
const PACED_BEYOND_LEAST: f64 = 0.05;
/// Multiple of a paced window after a rejection at which the rejection is forgotten.
const PACED_FORGOTTEN: f64 = 6.0;
/// Share of the rate that was carried which remains after a rejection of a paced window.
const PACED_REMAINING: f64 = 0.9;
/// Number of answers in which a paced window grows beyond the rate that was rejected. Twice the number of the last answers
/// between two rejections, within these limits, so that the first rejections teach the rate fast and the later ones are rare.
const PACED_ANSWERS: (f64, f64) = (8.0, 40.0);
/// Growth of a paced window in this time, as shares of it: at a constant rate, and accelerating.
const PACED_GROWTH: (f64, f64) = (0.1, 0.12);
/// Requests per second at which [`PACED_ANSWERS`] applies. Slower clients take fewer answers, down to a half, and faster ones
/// more, because a growth by one share per answer would let the faster client of two displace the other.
const PACED_RATE: f64 = 10.0;
/// Number of consecutive 429 without a delay by which the window is lowered before the service counts as failing.
const PACED_UNANSWERED: u32 = 4;
/// Minimum time in which the window grows by [`GROWTH`] after a rejection: in rounds, in requests, and in pauses that the
/// server asks for.
const ROUNDS_PER_GROWTH: f64 = 5.0;
const REQUESTS_PER_GROWTH: f64 = 25.0;
const PAUSES_PER_GROWTH: f64 = 1.0;
/// Number of requests by which the window grows in this time. The same number for all clients makes their shares equal.
const GROWTH: f64 = 6.0;
/// Smallest share by which the window grows in this time, for large windows.
const GROWTH_SHARE: f64 = 0.3;
/// Multiple of the window after a rejection at which the rejection is forgotten.
const FORGOTTEN: f64 = 3.0;
/// Number of consecutive rejections with a delay after which the service counts as failing.
const UNANSWERED: u32 = 2;
/// Share of the usual interval that is kept between requests after a rejection.
const SPREAD: f64 = 0.8;
/// Time for which a request may be early, because timers are late, in seconds.
const EARLY: f64 = 0.002;
/// Latency that is assumed before the first answer, in seconds.
const FIRST_LATENCY: f64 = 0.1;
/// Interval of the first test after failures, its growth, and its maximum, in seconds.
const TEST_INTERVAL: f64 = 0.1;
const TEST_GROWTH: f64 = 1.5;
const MAX_TEST_INTERVAL: f64 = 3.0;

/// The window of one run. Times are seconds since its start.
#[derive(Debug)]
pub(super) struct Window {
    ceiling: f64,
    limit: f64,
    reason: SettingReason,
    /// The window doubles per round trip up to this number.
    threshold: f64,
    latencies: Latencies,
    /// Latency before the last cut, if the window has not grown since.
    congestion: Option<f64>,
    /// Answers without a queue since the last cut.
    calm: f64,
    /// Number of changes after which answers to earlier requests do not count.
    epoch: u64,
    /// Number of changes of the size of requests, after which the latencies of earlier ones do not count.
    size: u64,
    /// Time of the last cut, and the number of answers since.
    cut_at: f64,
    answered: u64,
    /// Set if a request that started since the last cut was answered.
    responds: bool,
    /// Set if the whole window was in use since the last change of it.
    used: bool,
    cap: Option<Cap>,
    /// Number of consecutive rejections without an answer between them.
    unanswered: u32,
    /// Number of consecutive failures that led to a cut.
    failures: u32,
    /// The window before these failures.
    before_failures: f64,
    not_before: f64,
    /// Time at which a request last used the fraction of the window beyond its whole number.
    fraction_used_at: f64,
    /// Time from which a request may start that is spread over time after a rejection.
    spread_at: f64,
}

/// An attempt in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Started {
    at: f64,
    epoch: u64,
    size: u64,
}

impl Started {
    /// Sets the time from which the latency counts.
    pub(super) fn sent(&mut self, now: f64) {
        self.at = now;
    }
}

/// The latencies of an epoch, and the lowest ones of the last cycles.
#[derive(Debug, Default)]
struct Latencies {
    recent: VecDeque<f64>,
    /// Lowest median since the last cut.
    lowest: Option<f64>,
    /// Lowest medians of earlier cycles.
    cycles: VecDeque<f64>,
    /// The last median.
    median: Option<f64>,
}

impl Latencies {
    /// Adds a latency. Returns the median of the last ones if there are enough of them.
    fn add(&mut self, latency: f64, window: f64) -> Option<f64> {
        self.recent.push_back(latency);
        let wanted = (window.round() as usize).clamp(2, RECENT);
        while self.recent.len() > wanted {
            self.recent.pop_front();
        }
        let first = self.median.is_none();
        if self.recent.len() < wanted && !first {
            return None;
        }
        let mut sorted: Vec<f64> = self.recent.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let median = sorted[(sorted.len() - 1) / 2];
        self.lowest = Some(self.lowest.map_or(median, |lowest| lowest.min(median)));
        self.median = Some(median);
        Some(median)
    }

    /// Returns the latency of an empty queue.
    fn base(&self) -> Option<f64> {
        self.cycles.iter().copied().chain(self.lowest).reduce(f64::min)
    }

    fn end_cycle(&mut self) {
        self.cycles.extend(self.lowest.take());
        while self.cycles.len() > CYCLES {
            self.cycles.pop_front();
        }
    }
}

/// The bound of the window after a rejection, which grows with time.
#[derive(Clone, Copy, Debug)]
struct Cap {
    low: f64,
    since: f64,
    per_second: f64,
    /// Growth that accelerates, per second and second.
    acceleration: f64,
    /// Latency at the rejection, with which a paced window stands for a rate.
    latency: f64,
}

impl Cap {
    fn at(self, now: f64) -> f64 {
        let time = (now - self.since).max(0.0);
        self.low + (self.per_second + self.acceleration * time) * time
    }

    /// Returns the bound of a paced window, which grows slowly near the rate that was rejected and faster beyond it.
    fn paced(low: f64, since: f64, latency: f64, answered: u64) -> Self {
        let (fewest, most) = PACED_ANSWERS;
        let answers = (2.0 * answered as f64).clamp(fewest, most);
        let rate = low / latency;
        let length = (answers / (rate * PACED_RATE).sqrt()).max(answers / 2.0 / rate);
        let (steady, accelerating) = PACED_GROWTH;
        let (per_second, acceleration) = (steady * low / length, accelerating * low / length.powi(2));
        Self { low, since, per_second, acceleration, latency }
    }
}

impl Window {
    pub(super) fn new(ceiling: usize, first: usize) -> Self {
        Self {
            ceiling: ceiling as f64,
            limit: first as f64,
            reason: SettingReason::Start,
            threshold: f64::INFINITY,
            latencies: Latencies::default(),
            congestion: None,
            calm: 0.0,
            epoch: 0,
            size: 0,
            unanswered: 0,
            cut_at: 0.0,
            answered: 0,
            responds: false,
            used: false,
            cap: None,
            failures: 0,
            before_failures: 1.0,
            not_before: 0.0,
            fraction_used_at: f64::NEG_INFINITY,
            spread_at: 0.0,
        }
    }

    /// Returns the maximum number of requests in flight, at least 1.
    pub(super) fn limit(&self) -> usize {
        (self.limit.ceil() as usize).max(1)
    }

    pub(super) fn reason(&self) -> SettingReason {
        self.reason
    }

    /// Returns the time from which another request may start, or `None` if one must end before.
    pub(super) fn admission(&self, in_flight: usize) -> Option<f64> {
        let (in_flight, whole) = (in_flight as f64, self.limit.floor());
        let earliest = self.not_before.max(self.spread_at);
        if in_flight < whole {
            Some(earliest)
        } else if in_flight == whole && self.limit > whole {
            // A small window stands for a rate, which does not change with the latency.
            let latency = self.cap.filter(|_| self.limit < 1.0).map_or(self.latency(), |cap| cap.latency);
            Some(earliest.max(self.fraction_used_at + latency / self.limit.fract()))
        } else {
            None
        }
    }

    /// Forgets the latencies, because requests have another size now. Rejections and failures of earlier requests still count.
    pub(super) fn resize(&mut self) {
        self.latencies = Latencies::default();
        self.congestion = None;
        self.size += 1;
    }

    /// Records that an attempt starts. `in_flight` includes it.
    pub(super) fn start(&mut self, now: f64, in_flight: usize) -> Started {
        let in_flight = in_flight as f64;
        if in_flight > self.limit.floor() {
            self.fraction_used_at = now;
        }
        if let Some(latency) = self.latencies.base() {
            let spread = if self.limit < self.threshold { SPREAD / 2.0 } else { SPREAD };
            self.spread_at = self.spread_at.max(now - EARLY) + spread * latency / self.limit;
        }
        self.used |= in_flight >= self.limit.floor();
        Started { at: now, epoch: self.epoch, size: self.size }
    }

    /// Returns the usual latency at present.
    fn latency(&self) -> f64 {
        self.latencies.median.unwrap_or(FIRST_LATENCY)
    }

    /// Records that the server responded to the content of a request. The latency of a part of a batch does not count.
    pub(super) fn answer(&mut self, now: f64, started: Started, is_part: bool) {
        self.answered += 1;
        if started.epoch != self.epoch {
            return;
        }
        self.responds = true;
        (self.failures, self.unanswered) = (0, 0);
        if is_part || started.size != self.size {
            return;
        }
        // Clocks of tests may stand still during an attempt.
        let Some(latency) = self.latencies.add((now - started.at).max(1e-6), self.limit) else { return };
        let base = self.latencies.base().unwrap_or(latency);
        let doubling = self.limit < self.threshold;
        let tolerance = if doubling { DOUBLING_TOLERANCE } else { TOLERANCE };
        if latency > tolerance * base + NOISE {
            if doubling {
                self.threshold = self.limit;
            }
            if !doubling || latency > TOLERANCE * base + NOISE {
                self.relieve(now, latency);
            }
        } else if self.used {
            self.congestion = None;
            let calm = latency < DOUBLING_TOLERANCE * base + NOISE;
            self.grow(now, calm);
        }
    }

    /// Records a 503.
    pub(super) fn reject(&mut self, now: f64, started: Started, retry_after: Option<Duration>) {
        self.lower(now, started, retry_after, false);
    }

    /// Records a 429.
    pub(super) fn over_quota(&mut self, now: f64, started: Started, retry_after: Option<Duration>) {
        self.lower(now, started, retry_after, true);
    }

    fn lower(&mut self, now: f64, started: Started, retry_after: Option<Duration>, is_quota: bool) {
        let pause = retry_after.map_or(0.0, |wait| wait.as_secs_f64());
        self.not_before = self.not_before.max(now + pause);
        if started.epoch != self.epoch {
            return;
        }
        if self.is_failing() {
            self.unanswered += 1;
            let bearable = match retry_after {
                // A quota that is used up rejects the next request, too.
                None if is_quota => PACED_UNANSWERED,
                None => 0,
                Some(_) => UNANSWERED,
            };
            if self.unanswered > bearable {
                return self.fail(now, started);
            }
        }
        let (latency, limit) = (self.latency(), self.limit);
        // Between two rejections by a token bucket, the answers show its rate. The pause is a part of the time.
        let low = if self.cap.is_some() {
            let carried = self.answered as f64 / (now - self.cut_at).max(0.001) * latency;
            // Few answers say little about the rate.
            let least = match self.answered {
                0 if is_quota => PACED_UNANSWERED_LEAST,
                2.. if is_quota && limit < PACED => PACED_LEAST,
                // The window is beyond a quota that concurrency cannot express.
                2.. if is_quota && carried < PACED => PACED_BEYOND_LEAST,
                _ => 0.4,
            };
            carried.clamp(least * limit, limit)
        } else {
            0.5 * limit
        };
        let low = low.max(SMALLEST.min(latency / MAX_INTERVAL));
        self.note_failure(limit);
        if is_quota && low < PACED {
            let low = PACED_REMAINING * low;
            self.cap = Some(Cap::paced(low, now + pause, latency, self.answered));
            self.threshold = low;
            self.fraction_used_at = now;
            return self.cut(now, low, SettingReason::Rejected);
        }
        let length = (ROUNDS_PER_GROWTH * latency)
            .max(REQUESTS_PER_GROWTH / low * latency)
            .max(PAUSES_PER_GROWTH * pause);
        let per_second = GROWTH.max(GROWTH_SHARE * low) / length;
        self.cap = Some(Cap { low, since: now + pause, per_second, acceleration: 0.0, latency });
        self.threshold = low;
        self.cut(now, low, SettingReason::Rejected);
    }

    /// Keeps the window before the first of consecutive failures.
    fn note_failure(&mut self, limit: f64) {
        if self.failures == 0 && self.unanswered == 0 {
            self.before_failures = limit;
        }
    }

    /// Returns `true` if no request was answered since the last cut, which was for a rejection or a failure.
    fn is_failing(&self) -> bool {
        !self.responds && matches!(self.reason, SettingReason::Rejected | SettingReason::Failed)
    }

    /// Records that the service failed or did not respond.
    pub(super) fn fail(&mut self, now: f64, started: Started) {
        if started.epoch != self.epoch {
            return;
        }
        if self.is_failing() {
            let tests = i32::try_from(self.failures.min(20)).unwrap_or(20) - 1;
            let interval = (TEST_INTERVAL * TEST_GROWTH.powi(tests)).min(MAX_TEST_INTERVAL);
            self.not_before = self.not_before.max(now + interval);
            self.threshold = self.before_failures;
            // The quota of requests is the same after the failures.
            self.cap = self.cap.filter(|_| self.before_failures < 1.0).map(|cap| {
                let low = REMAINING * self.before_failures;
                Cap::paced(low, self.not_before, cap.latency, 0)
            });
            self.cut(now, self.limit.min(1.0), SettingReason::Failed);
        } else {
            self.before_failures = self.limit;
            self.threshold = (REMAINING * self.limit).max(1.0);
            self.cut(now, self.threshold.min(self.limit), SettingReason::Failed);
        }
        self.failures = self.failures.saturating_add(1);
    }

    fn cut(&mut self, now: f64, limit: f64, reason: SettingReason) {
        self.limit = limit.max(SMALLEST.min(self.latency() / MAX_INTERVAL)).min(self.ceiling);
        self.reason = reason;
        if reason != SettingReason::Latency {
            self.answered = 0;
            self.cut_at = now;
        }
        self.calm = 0.0;
        self.begin_epoch();
    }

    fn begin_epoch(&mut self) {
        self.epoch += 1;
        self.responds = false;
        self.used = false;
        self.latencies.recent.clear();
    }

    /// Lowers the window because requests wait at the service.
    fn relieve(&mut self, now: f64, latency: f64) {
        if self.congestion.is_some_and(|before| latency > 0.85 * before) {
            // The latency does not depend on the window, so the service itself has become slower.
            self.latencies.cycles.clear();
            self.latencies.lowest = Some(latency);
            self.congestion = None;
            return;
        }
        self.congestion = Some(latency);
        let limit = REMAINING * self.limit;
        self.threshold = limit;
        self.latencies.end_cycle();
        self.cut(now, limit, SettingReason::Latency);
    }

    fn grow(&mut self, now: f64, calm: bool) {
        self.cap = self
            .cap
            .filter(|cap| self.limit < cap.low * if cap.low < PACED { PACED_FORGOTTEN } else { FORGOTTEN });
        let cap = self.cap.map(|cap| cap.at(now));
        // The window grows faster after round trips without a queue, once the cap has ended.
        self.calm = if calm && cap.is_none() { self.calm + 1.0 / self.limit.max(1.0) } else { 0.0 };
        let per_round = if self.limit < self.threshold {
            self.limit.min(self.threshold - self.limit).max(1.0)
        } else {
            2_f64.powf((self.calm - 3.0).clamp(0.0, 4.0))
        };
        let grown = cap.unwrap_or(self.limit + per_round / self.limit.max(1.0)).min(self.ceiling);
        if grown > self.limit {
            self.limit = grown;
            self.reason = SettingReason::Growth;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers requests of one latency, one after the other, for some seconds. Returns the time at the end.
    fn answers(window: &mut Window, from: f64, seconds: f64, latency: f64) -> f64 {
        let mut now = from;
        while now < from + seconds {
            let in_flight = window.limit();
            let started = window.start(now, in_flight);
            window.answer(now + latency, started, false);
            now += latency / window.limit;
        }
        now
    }

    #[test]
    fn window_doubles_until_the_latency_rises_and_is_then_cut() {
        let mut window = Window::new(64, 1);
        assert_eq!((window.limit(), window.admission(0), window.admission(1)), (1, Some(0.0), None));
        let now = answers(&mut window, 0.0, 0.5, 0.1);
        let before = window.limit;
        assert!(before > 8.0, "{before}");
        assert_eq!(window.reason(), SettingReason::Growth);
        // Answers to requests that are in flight together lower it once.
        let started: Vec<Started> = (0..8).map(|_| window.start(now, 8)).collect();
        started.into_iter().for_each(|started| window.answer(now + 0.4, started, false));
        assert_eq!(window.limit, REMAINING * before);
        assert_eq!(window.reason(), SettingReason::Latency);
    }

    #[test]
    fn latency_that_stays_after_a_cut_becomes_the_base() {
        let mut window = Window::new(64, 8);
        let now = answers(&mut window, 0.0, 1.0, 0.1);
        answers(&mut window, now, 5.0, 0.3);
        assert!(window.latencies.base().unwrap() > 0.29);
        assert!(window.limit > 8.0, "{}", window.limit);
    }

    /// Without a queue, the window grows by more than one request per round trip.
    #[test]
    fn steady_latency_lets_the_window_grow_faster() {
        let mut window = Window::new(1_000, 8);
        window.threshold = 1.0;
        // These are about 20 round trips.
        answers(&mut window, 0.0, 2.0, 0.1);
        assert!(window.limit > 100.0, "{}", window.limit);
    }

    #[test]
    fn fraction_of_the_window_admits_a_request_for_this_share_of_time() {
        let mut window = Window::new(64, 1);
        window.limit = 2.5;
        window.threshold = 1.0;
        assert_eq!(window.limit(), 3);
        window.start(1.0, 3);
        assert_eq!(window.admission(1), Some(0.0));
        assert_eq!(window.admission(2), Some(1.0 + FIRST_LATENCY / 0.5));
        assert_eq!(window.admission(3), None);
    }

    #[test]
    fn rejection_pauses_and_keeps_the_rate_that_was_carried() {
        let mut window = Window::new(64, 20);
        window.threshold = 1.0;
        let started = window.start(0.0, 20);
        window.reject(0.01, started, Some(Duration::from_secs(1)));
        assert_eq!((window.limit, window.admission(0)), (10.0, Some(1.01)));
        // The second rejection of the same requests changes nothing.
        window.reject(0.01, started, Some(Duration::from_secs(1)));
        assert_eq!(window.limit, 10.0);
        // Within two seconds, 160 requests are answered, which at 0.1 s are 8 at a time.
        let started: Vec<Started> = (0..160).map(|_| window.start(1.9, 10)).collect();
        started.into_iter().for_each(|started| window.answer(2.0, started, false));
        let started = window.start(2.01, 10);
        window.reject(2.01, started, Some(Duration::from_secs(1)));
        assert!((window.limit - 8.0).abs() < 0.1, "{}", window.limit);
        assert_eq!(window.reason(), SettingReason::Rejected);
        // After the pause, it grows by the same number of requests per second for all clients.
        let cap = window.cap.unwrap();
        assert!((cap.at(4.01) - cap.at(3.01) - GROWTH).abs() < 1e-9);
    }

    #[test]
    fn rate_that_was_carried_counts_from_the_last_cut() {
        for start in [0.0, 1_000.0] {
            let mut window = Window::new(64, 20);
            window.threshold = 1.0;
            let started = window.start(start, 20);
            window.reject(start + 0.01, started, Some(Duration::from_secs(1)));
            let started: Vec<Started> = (0..160).map(|_| window.start(start + 1.9, 10)).collect();
            started.into_iter().for_each(|started| window.answer(start + 2.0, started, false));
            let started = window.start(start + 2.01, 10);
            window.reject(start + 2.01, started, Some(Duration::from_secs(1)));
            assert!((window.limit - 8.0).abs() < 0.1, "{} from {start} s", window.limit);
        }
    }

    #[test]
    fn failures_are_tested_by_one_request_and_the_window_returns() {
        let mut window = Window::new(64, 8);
        window.threshold = 1.0;
        let mut now = answers(&mut window, 0.0, 1.0, 0.1);
        let before = window.limit;
        let mut waits = Vec::new();
        for _ in 0..12 {
            let started = window.start(now, 1);
            window.fail(now, started);
            waits.push(window.not_before - now);
            now = now.max(window.not_before);
        }
        assert_eq!(window.limit(), 1);
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1] + 1e-9), "{waits:?}");
        assert!((waits[11] - MAX_TEST_INTERVAL).abs() < 1e-9, "{waits:?}");
        answers(&mut window, now, 0.6, 0.1);
        assert!(window.limit >= 0.9 * before, "{} after {before}", window.limit);
    }

    #[test]
    fn ceiling_is_never_exceeded() {
        let mut window = Window::new(4, 1);
        answers(&mut window, 0.0, 20.0, 0.1);
        assert_eq!(window.limit(), 4);
    }

    /// Each rejection lowered the window further, and a request per minute was sent after the service had returned.
    #[test]
    fn outage_with_a_delay_does_not_shrink_the_window_for_long() {
        let mut window = Window::new(64, 8);
        window.threshold = 1.0;
        let mut now = answers(&mut window, 0.0, 20.0, 2.0);
        let before = window.limit;
        for _ in 0..20 {
            let started = window.start(now, 1);
            window.reject(now, started, Some(Duration::from_secs(1)));
            now = window.admission(0).unwrap();
        }
        answers(&mut window, now, 12.0, 2.0);
        assert!(window.limit >= 0.58 * before, "{} after {before}", window.limit);
    }

    /// With adaptive batches, rejections had no effect while the size of requests changed with each few answers.
    #[test]
    fn requests_of_an_earlier_size_are_rejected() {
        let mut window = Window::new(64, 8);
        let started = window.start(0.0, 8);
        window.resize();
        window.reject(0.1, started, None);
        assert_eq!((window.limit, window.reason()), (4.0, SettingReason::Rejected));
    }

    /// One request in flight passes a quota of ten per second if it is answered in 20 ms. Up to half of them were rejected.
    #[test]
    fn quota_below_one_request_in_flight_is_learned_as_a_rate() {
        for retry_after in [None, Some(Duration::from_secs(1))] {
            let mut window = Window::new(64, 1);
            let (mut now, mut tokens, mut sent, mut rejected) = (0.0_f64, 1.0_f64, 0, 0);
            while now < 60.0 {
                let at = window.admission(0).unwrap().max(now);
                tokens = (tokens + (at - now) * 10.0).min(10.0);
                let started = window.start(at, 1);
                now = at + 0.02;
                let counts = at > 10.0;
                sent += u32::from(counts);
                if tokens < 1.0 {
                    rejected += u32::from(counts);
                    window.over_quota(now, started, retry_after);
                } else {
                    tokens -= 1.0;
                    window.answer(now, started, false);
                }
                tokens = (tokens + 0.2).min(10.0);
            }
            assert!(sent - rejected >= 450, "{sent} sent, {rejected} rejected");
            assert!(rejected > 0 && rejected * 20 < sent, "{sent} sent, {rejected} rejected");
        }
    }

    /// The pause between requests was forgotten in an outage, and learned again by rejections.
    #[test]
    fn pause_between_requests_outlasts_an_outage() {
        let mut window = Window::new(64, 1);
        window.limit = 0.2;
        window.threshold = 0.2;
        window.latencies.median = Some(0.02);
        let started = window.start(0.0, 1);
        window.over_quota(0.01, started, None);
        let before = window.limit;
        let mut now = 0.01;
        for _ in 0..8 {
            now = window.admission(0).unwrap().max(now);
            let started = window.start(now, 1);
            window.over_quota(now, started, None);
        }
        assert_eq!(window.reason(), SettingReason::Failed);
        for _ in 0..2 {
            now = window.admission(0).unwrap();
            let started = window.start(now, 1);
            window.answer(now + 0.02, started, false);
        }
        assert!(window.limit >= before / 2.0 && window.limit < 1.0, "{} after {before}", window.limit);
    }

    /// Returns what a window decides in a random run that starts at a time.
    fn decisions(seed: u64, start: f64) -> Vec<(f64, SettingReason, Option<f64>, Option<f64>)> {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut window = Window::new(64, rng.usize(1..40));
        let (mut now, mut flying) = (start, Vec::new());
        let mut decided = Vec::new();
        for _ in 0..400 {
            // Differences of such times are exact, so that rounding decides nothing.
            now += f64::from(rng.u32(0..32)) / 256.0;
            let retry_after = rng.bool().then(|| Duration::from_millis(125 * rng.u64(0..16)));
            let ended = (!flying.is_empty()).then(|| rng.usize(..flying.len()));
            match (rng.u32(..40), ended.map(|at| flying.swap_remove(at))) {
                (0, Some(started)) => window.fail(now, started),
                (1, Some(started)) => window.reject(now, started, retry_after),
                (2, Some(started)) => window.over_quota(now, started, retry_after),
                (3, _) => window.resize(),
                (4..20, Some(started)) => window.answer(now, started, false),
                (20, Some(started)) => window.answer(now, started, true),
                _ => flying.push(window.start(now, flying.len() + 1)),
            }
            let wait = |at: Option<f64>| at.map(|at| at.max(now) - now);
            let (none, all) = (wait(window.admission(0)), wait(window.admission(window.limit() - 1)));
            decided.push((window.limit, window.reason(), none, all));
        }
        decided
    }

    #[test]
    fn decisions_do_not_depend_on_the_time_since_the_start() {
        let is_close = |one: f64, other: f64| (one - other).abs() < 1e-6;
        let are_close = |one: Option<f64>, other: Option<f64>| match (one, other) {
            (Some(one), Some(other)) => is_close(one, other),
            (one, other) => one == other,
        };
        for seed in 0..100 {
            let (early, late) = (decisions(seed, 64.0), decisions(seed, 4096.0));
            for (step, (one, other)) in early.into_iter().zip(late).enumerate() {
                let same = is_close(one.0, other.0)
                    && one.1 == other.1
                    && are_close(one.2, other.2)
                    && are_close(one.3, other.3);
                assert!(same, "seed {seed}, step {step}: {one:?} at 64 s, {other:?} at 4096 s");
            }
        }
    }

    /// A quota is remembered longer than another rejection.
    #[test]
    fn cap_ends_at_a_multiple_of_the_window_after_the_rejection() {
        for (low, multiple) in
            [(1.0, PACED_FORGOTTEN), (2.25, PACED_FORGOTTEN), (PACED, FORGOTTEN), (8.0, FORGOTTEN)]
        {
            let mut window = Window::new(64, 1);
            window.cap = Some(Cap::paced(low, 0.0, 0.1, 4));
            window.limit = 0.99 * low * multiple;
            window.grow(0.0, false);
            assert!(window.cap.is_some(), "{low}");
            assert_eq!(window.limit, 0.99 * low * multiple, "{low}: the bound is lower");
            window.limit = low * multiple;
            window.grow(0.0, false);
            assert!(window.cap.is_none() && window.limit > low * multiple, "{low}");
        }
    }
}
