//! The requests of a run, what usage reports for them, and whether another one may start.
//!
//! Usage has no reference to a request. A request counts as reported if usage was read after its end and the delay of
//! the budget. Until then, its estimate is added to the reported usage, although a part of it may be in both.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use super::{
    Budget,
    report::{BudgetReport, BudgetState},
};
use crate::spending::Amount;

/// Maximum age of the reading of usage when a request starts.
pub(super) const READ_EVERY: Duration = Duration::from_secs(10);
/// Minimum time between two readings while a request waits.
const READ_AT_MOST_EVERY: Duration = Duration::from_secs(1);

/// The decision about a request that wants to start. Times are since the start of the run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Decision {
    Start,
    /// Read usage, then decide again.
    Read,
    /// Decide again at this time, or when a request ends.
    WaitUntil(Duration),
    /// Decide again when a request ends.
    WaitForEnd,
    Stop(BudgetState),
}

/// What an attempt may have cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum AttemptCost {
    /// Nothing, because it was not sent.
    None,
    /// Nothing or its whole cost, because it failed or was declined. It counts until usage is read, but says nothing about the
    /// cost of others.
    Unknown,
    /// Its whole cost.
    Whole,
}

/// A cost, and the bytes that cost as much.
#[derive(Clone, Copy, Debug)]
struct Rate {
    units: u64,
    bytes: u64,
}

impl Rate {
    /// Returns the estimated cost of `bytes` bytes, rounded up.
    fn of(self, bytes: u64) -> u64 {
        let units = (u128::from(self.units) * u128::from(bytes)).div_ceil(u128::from(self.bytes.max(1)));
        u64::try_from(units).unwrap_or(u64::MAX)
    }

    fn is_below(self, other: Self) -> bool {
        u128::from(self.units) * u128::from(other.bytes) < u128::from(other.units) * u128::from(self.bytes)
    }

    fn min(self, other: Self) -> Self {
        if other.is_below(self) { other } else { self }
    }

    fn max(self, other: Self) -> Self {
        if self.is_below(other) { other } else { self }
    }
}

/// An attempt that has ended.
#[derive(Clone, Copy, Debug)]
struct Ended {
    at: Duration,
    bytes: u64,
    cost: AttemptCost,
}

/// The requests of a run and their cost. Amounts are in the smallest unit of the limit.
#[derive(Debug)]
pub(super) struct Book {
    budget: Budget,
    /// Bytes of the attempts in flight, by their numbers.
    in_flight: BTreeMap<u64, u64>,
    next: u64,
    /// The attempts whose usage may not be reported yet, in the order in which they ended.
    ended: VecDeque<Ended>,
    /// Bytes of the attempts whose usage is reported.
    counted: u64,
    /// Bytes of the failed attempts whose usage would be reported by now.
    failed: u64,
    /// Usage at the last reading.
    reported: u64,
    /// The begin of the last reading. The usage of attempts that end later is not in it.
    read_at: Option<Duration>,
    /// The end of the last reading, from which its age counts.
    received_at: Duration,
    /// The cost of all attempts up to the last reading after which none was unreported.
    complete: Option<Rate>,
    pub(super) state: BudgetState,
}

impl Book {
    pub(super) fn new(budget: Budget) -> Self {
        Self {
            budget,
            in_flight: BTreeMap::new(),
            next: 0,
            ended: VecDeque::new(),
            counted: 0,
            failed: 0,
            reported: 0,
            read_at: None,
            received_at: Duration::ZERO,
            complete: None,
            state: BudgetState::Within,
        }
    }

    pub(super) fn limit(&self) -> Amount {
        self.budget.limit
    }

    /// Decides whether a request with `bytes` bytes may start.
    pub(super) fn decide(&self, bytes: u64, now: Duration) -> Decision {
        let Some(read_at) = self.read_at else { return Decision::Read };
        if now.saturating_sub(self.received_at) >= READ_EVERY {
            return Decision::Read;
        }
        if self.counted > 0 && self.reported == 0 {
            return Decision::Stop(BudgetState::NotReported);
        }
        let unreported = self.unreported();
        let fits = match self.rate() {
            // Nothing is known until the first request is reported.
            None => unreported == 0 && self.reported < self.budget.limit.units(),
            Some(rate) => {
                let estimate = rate.of(unreported.saturating_add(bytes));
                self.reported.saturating_add(estimate) <= self.budget.limit.units()
            }
        };
        if fits {
            return Decision::Start;
        }
        match self.ended.front() {
            None if self.in_flight.is_empty() => Decision::Stop(BudgetState::Reached),
            None => Decision::WaitForEnd,
            Some(first) => {
                let reported_at = first.at.saturating_add(self.budget.usage_delay);
                let at =
                    reported_at.max(read_at.saturating_add(READ_AT_MOST_EVERY.min(self.budget.usage_delay)));
                if at <= now { Decision::Read } else { Decision::WaitUntil(at) }
            }
        }
    }

    /// Records that an attempt starts, and returns its number.
    pub(super) fn start(&mut self, bytes: u64) -> u64 {
        let number = self.next;
        self.next += 1;
        self.in_flight.insert(number, bytes);
        number
    }

    /// Records that an attempt ended.
    pub(super) fn end(&mut self, number: u64, cost: AttemptCost, now: Duration) {
        if let Some(bytes) = self.in_flight.remove(&number).filter(|_| cost != AttemptCost::None) {
            self.ended.push_back(Ended { at: now, bytes, cost });
        }
    }

    /// Records a reading of usage that began at `at` and was received at `now`. A reading below an earlier one is not taken for
    /// a refund.
    pub(super) fn read(&mut self, reported: u64, at: Duration, now: Duration) {
        self.reported = self.reported.max(reported);
        self.read_at = Some(at);
        self.received_at = now;
        while let Some(first) = self.ended.front().copied()
            && first.at.saturating_add(self.budget.usage_delay) <= at
        {
            self.ended.pop_front();
            let sum = if first.cost == AttemptCost::Whole { &mut self.counted } else { &mut self.failed };
            *sum = sum.saturating_add(first.bytes);
        }
        if self.unreported() == 0 && self.counted > 0 {
            self.complete = Some(Rate { units: self.reported, bytes: self.counted });
        }
    }

    /// Returns the time from which a reading contains all attempts that have ended, or `None` if the last one does.
    pub(super) fn settled_at(&self) -> Option<Duration> {
        self.ended.back().map(|last| last.at.saturating_add(self.budget.usage_delay))
    }

    /// Returns the bytes of the attempts that may not be reported yet.
    fn unreported(&self) -> u64 {
        self.in_flight.values().chain(self.ended.iter().map(|ended| &ended.bytes)).sum()
    }

    /// Returns the cost by which requests are estimated.
    ///
    /// The reported usage belongs to at least the attempts that are counted and at most to all that were started. The first
    /// number is too small if usage is reported early, which would estimate too much.
    fn rate(&self) -> Option<Rate> {
        let all = self.counted.saturating_add(self.unreported());
        let least = Rate { units: self.reported, bytes: all };
        // Failed attempts may have cost nothing, so they are used only if there are no others.
        let counted = match self.counted {
            0 if self.reported > 0 => self.failed,
            counted => counted,
        };
        if counted == 0 {
            let (units, bytes) = self.budget.rate?;
            let given = Rate { units, bytes };
            return Some(if all > 0 { given.max(least) } else { given });
        }
        let most = Rate { units: self.reported, bytes: counted };
        Some(self.complete.map_or(most, |complete| complete.min(most)).max(least))
    }

    pub(super) fn report(&self) -> BudgetReport {
        let limit = self.budget.limit;
        let unreported = self.unreported();
        let estimate = match (unreported, self.rate()) {
            (0, _) => Some(0),
            (_, rate) => rate.map(|rate| rate.of(unreported)),
        };
        let exceeds = |estimate: u64| self.reported.saturating_add(estimate).saturating_sub(limit.units());
        BudgetReport {
            limit,
            reported: limit.with_units(self.reported),
            unreported_requests: self.in_flight.len() + self.ended.len(),
            unreported_estimate: estimate.map(|estimate| limit.with_units(estimate)),
            may_exceed_by: estimate.map(|estimate| limit.with_units(exceeds(estimate))),
            state: self.state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn first_request_is_alone_until_it_is_reported() {
        let mut book = Book::new(Budget::tokens(1_000));
        assert_eq!(book.decide(10, s(0)), Decision::Read, "usage before the run does not count");
        book.read(0, s(0), s(0));
        assert_eq!(book.decide(10, s(0)), Decision::Start);
        let first = book.start(10);
        assert_eq!(book.decide(10, s(1)), Decision::WaitForEnd);
        book.end(first, AttemptCost::Whole, s(2));
        assert_eq!(book.decide(10, s(3)), Decision::WaitUntil(s(32)));
        assert_eq!(book.decide(10, s(10)), Decision::Read, "the last reading is too old");
        // The usage is there, but may be incomplete.
        book.read(100, s(31), s(31));
        assert_eq!(book.decide(10, s(31)), Decision::WaitUntil(s(32)));
        book.read(300, s(32), s(32));
        assert_eq!(book.decide(10, s(32)), Decision::Start);
        book.start(10);
        assert_eq!(book.decide(10, s(33)), Decision::Start);
        book.start(10);
        // 300 reported and 3 times 300 estimated are above 1,000.
        assert_eq!(book.decide(10, s(34)), Decision::WaitForEnd);
        let report = book.report();
        assert_eq!(report.unreported_requests, 2);
        assert_eq!(report.unreported_estimate.unwrap().units(), 600);
    }

    #[test]
    fn run_stops_when_the_next_estimate_passes_the_limit() {
        let mut book = Book::new(Budget { rate: Some((50, 10)), ..Budget::tokens(100) });
        book.read(0, s(0), s(0));
        assert_eq!(book.decide(21, s(0)), Decision::Stop(BudgetState::Reached));
        assert_eq!(book.decide(20, s(0)), Decision::Start, "exactly the limit");
        let first = book.start(20);
        book.end(first, AttemptCost::Whole, s(1));
        book.read(90, s(31), s(31));
        assert_eq!(book.decide(2, s(31)), Decision::Start, "90 reported and 9 estimated");
        assert_eq!(book.decide(3, s(31)), Decision::Stop(BudgetState::Reached));
        assert_eq!(book.report().may_exceed_by.unwrap().units(), 0);
    }

    #[test]
    fn rate_is_exact_only_where_all_attempts_are_counted() {
        let mut book = Book::new(Budget { rate: Some((50, 10)), ..Budget::tokens(1_000) });
        let estimate = |book: &Book| book.report().unreported_estimate.unwrap().units();
        // A reading without attempts says nothing about the rate.
        book.read(0, s(0), s(0));
        let (first, second) = (book.start(10), book.start(10));
        book.end(first, AttemptCost::Whole, s(1));
        book.read(60, s(31), s(31));
        assert_eq!(estimate(&book), 60, "60 for the first 10 bytes");
        book.end(second, AttemptCost::Whole, s(32));
        book.read(140, s(62), s(62));
        assert_eq!(estimate(&book), 0);
        // The usage of the third attempt is there before it is counted. It does not raise the rate of 70 for 10 bytes.
        let third = book.start(10);
        book.end(third, AttemptCost::Whole, s(63));
        book.read(200, s(64), s(64));
        assert_eq!(estimate(&book), 70);
    }

    #[test]
    fn early_usage_raises_a_given_rate_and_does_not_lower_it() {
        for (reported, expected) in [(80, 80), (20, 50)] {
            let mut book = Book::new(Budget { rate: Some((50, 10)), ..Budget::tokens(1_000) });
            book.read(0, s(0), s(0));
            book.start(10);
            book.read(reported, s(5), s(5));
            assert_eq!(book.report().unreported_estimate.unwrap().units(), expected, "{reported} reported");
        }
    }

    #[test]
    fn withdrawn_attempt_costs_nothing() {
        let mut book = Book::new(Budget { rate: Some((50, 10)), ..Budget::tokens(100) });
        book.read(0, s(0), s(0));
        let number = book.start(20);
        assert_eq!(book.decide(20, s(0)), Decision::WaitForEnd);
        book.end(number, AttemptCost::None, s(1));
        assert_eq!(book.decide(20, s(1)), Decision::Start);
    }

    /// The age of a reading counted from its begin, so a reading that took longer than its greatest age was repeated without
    /// end, and no request was sent.
    #[test]
    fn slow_reading_is_not_repeated() {
        let mut book = Book::new(Budget::tokens(100));
        assert_eq!(book.decide(10, s(0)), Decision::Read);
        book.read(0, s(0), s(15));
        assert_eq!(book.decide(10, s(15)), Decision::Start);
        // The usage of an attempt that ended during the reading is not in it.
        let first = book.start(10);
        book.end(first, AttemptCost::Whole, s(20));
        book.read(0, s(49), s(70));
        assert_eq!((book.decide(10, s(70)), book.report().unreported_requests), (Decision::Read, 1));
        book.read(40, s(70), s(90));
        assert_eq!((book.decide(10, s(90)), book.report().unreported_requests), (Decision::Start, 0));
    }

    #[test]
    fn usage_that_is_not_reported_stops_the_run() {
        let mut book = Book::new(Budget::tokens(100));
        book.read(0, s(0), s(0));
        let number = book.start(10);
        book.end(number, AttemptCost::Whole, s(1));
        book.read(0, s(31), s(31));
        assert_eq!(book.decide(10, s(31)), Decision::Stop(BudgetState::NotReported));
    }

    /// The guide states these numbers.
    #[test]
    fn defaults_are_those_that_are_documented() {
        assert_eq!(READ_EVERY, s(10));
        assert_eq!(Budget::tokens(1).usage_delay, s(30));
    }
}
