//! The list of injected faults of one emulator.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::effect::Effect;
use super::error::FaultError;
use super::fault::Fault;
use crate::concurrency::lock::lock;
use crate::runtime::mix;

/// A handle to the faults of a running emulator. Clones share one list.
///
/// [`Emulator::faults`](crate::Emulator::faults) returns one. Each call of an operation counts for all faults of the
/// operation, but at most one fault acts on it: the one that is due and was injected first. Calls count before
/// their API key is checked, as they would at a gateway.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    seed: u64,
    list: Arc<Mutex<List>>,
}

#[derive(Debug, Default)]
struct List {
    /// Number of faults ever injected, which is the id of the next one.
    injected: u64,
    faults: Vec<Injected>,
}

#[derive(Debug)]
struct Injected {
    id: u64,
    operation: &'static str,
    /// The fault with the remaining number of calls to skip and to act on.
    fault: Fault,
    /// Number of calls for which the fault was due.
    turns: u64,
    /// Tokens of the rate limit, and the time at which they were counted.
    tokens: Option<(f64, Instant)>,
}

/// A fault that acts on one call.
#[derive(Clone, Debug)]
pub(crate) struct ActiveFault {
    pub(crate) effect: Effect,
    pub(crate) delay: Duration,
    pub(crate) retry_after: Option<String>,
    /// The number that garbage is derived from.
    pub(super) noise: u64,
}

impl ActiveFault {
    /// Returns the delay between the response and the effect of a change of shares. Zero for other effects.
    pub(crate) fn effective_after(&self) -> Duration {
        match self.effect {
            Effect::EffectiveAfter(delay) => delay,
            _ => Duration::ZERO,
        }
    }
}

impl Faults {
    /// Creates an empty list. Probabilities are drawn from the seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, list: Arc::default() }
    }

    /// Injects a fault, which is active immediately. Returns its id for [`Faults::remove`]. Ids start at 0.
    ///
    /// # Errors
    ///
    /// Returns a [`FaultError`] if the operation is unknown or the fault is invalid for it.
    pub fn inject(&self, fault: Fault) -> Result<u64, FaultError> {
        let operation = fault.check()?;
        let mut list = lock(&self.list);
        let id = list.injected;
        list.injected += 1;
        list.faults.push(Injected { id, operation, fault, turns: 0, tokens: None });
        Ok(id)
    }

    /// Removes a fault by its id. Returns `true` if it was still pending.
    pub fn remove(&self, id: u64) -> bool {
        let faults = &mut lock(&self.list).faults;
        let before = faults.len();
        faults.retain(|injected| injected.id != id);
        faults.len() < before
    }

    /// Removes all faults.
    pub fn clear(&self) {
        lock(&self.list).faults.clear();
    }

    /// Returns the number of pending faults, including those that act on every call.
    pub fn pending(&self) -> usize {
        lock(&self.list).faults.len()
    }

    /// Returns the pending faults with their ids. Each fault has the remaining numbers of calls that it skips and acts on.
    pub fn left(&self) -> Vec<(u64, Fault)> {
        lock(&self.list).faults.iter().map(|injected| (injected.id, injected.fault.clone())).collect()
    }

    /// Counts one call and returns the fault that acts on it, or `None`.
    pub(crate) fn next(&self, operation: &str) -> Option<ActiveFault> {
        let list = &mut lock(&self.list).faults;
        let mut active = None;
        for injected in list.iter_mut().filter(|injected| injected.operation == operation) {
            if injected.fault.skip > 0 {
                injected.fault.skip -= 1;
            } else if active.is_none() && injected.fault.times != Some(0) && injected.is_above(Instant::now())
            {
                active = injected.turn(self.seed);
            }
        }
        list.retain(|injected| injected.fault.times != Some(0));
        active
    }
}

impl Injected {
    /// Takes a token of the rate limit. Returns `true` if none is left, or if there is no rate limit.
    fn is_above(&mut self, now: Instant) -> bool {
        let Some(rate) = self.fault.above.map(|calls| calls as f64) else { return true };
        let (tokens, counted) = self.tokens.unwrap_or((rate, now));
        let tokens = (tokens + now.saturating_duration_since(counted).as_secs_f64() * rate).min(rate);
        let above = tokens < 1.0;
        self.tokens = Some((if above { tokens } else { tokens - 1.0 }, now));
        above
    }

    /// Draws by the probability whether the due fault acts, and counts the draw.
    fn turn(&mut self, seed: u64) -> Option<ActiveFault> {
        let noise = mix(seed ^ mix(self.id ^ mix(self.turns)));
        self.turns += 1;
        let fault = &mut self.fault;
        // The 53 bits of a fraction give a number from 0 to less than 1.
        let drawn = (noise >> 11) as f64 / (1_u64 << 53) as f64;
        if fault.probability.is_some_and(|probability| drawn >= probability) {
            return None;
        }
        fault.times = fault.times.map(|times| times - 1);
        Some(ActiveFault {
            effect: fault.effect.clone(),
            delay: fault.delay,
            retry_after: fault.retry_after.clone(),
            noise,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effects(faults: &Faults, operation: &str, calls: usize) -> Vec<Option<Effect>> {
        (0..calls).map(|_| faults.next(operation).map(|active| active.effect)).collect()
    }

    #[test]
    fn fault_counts_only_calls_of_its_operation() {
        let faults = Faults::default();
        faults.inject(Fault::new("ingestData").status(503).after(1).times(2)).unwrap();
        assert_eq!(effects(&faults, "queryData", 3), [None, None, None]);
        let busy = Some(Effect::Status(503));
        assert_eq!(effects(&faults, "ingestData", 4), [None, busy.clone(), busy, None]);
        assert_eq!(faults.pending(), 0);
    }

    #[test]
    fn fault_injected_first_acts_first() {
        let faults = Faults::default();
        faults.inject(Fault::new("queryData").lose_response()).unwrap();
        faults.inject(Fault::new("queryData").truncate_body().always()).unwrap();
        let (lost, cut) = (Some(Effect::LoseResponse), Some(Effect::TruncateBody));
        assert_eq!(effects(&faults, "queryData", 3), [lost, cut.clone(), cut]);
        faults.clear();
        assert_eq!(effects(&faults, "queryData", 1), [None]);
    }

    #[test]
    fn rate_limit_lets_calls_through() {
        let begin = Instant::now();
        let fault = Fault::new("ingestData").status(429).above(2).always();
        let mut injected = Injected { id: 0, operation: "ingestData", fault, turns: 0, tokens: None };
        let mut above = |milliseconds| injected.is_above(begin + Duration::from_millis(milliseconds));
        assert_eq!(
            [0, 0, 0, 499, 500, 500, 1_000].map(&mut above),
            [false, false, true, true, false, true, false]
        );
        // The bucket holds the tokens of one second.
        assert_eq!([9_000, 9_000, 9_000].map(&mut above), [false, false, true]);

        let faults = Faults::default();
        faults.inject(Fault::new("ingestData").status(429).above(0).always()).unwrap();
        faults.inject("queryData:status=429,above=100000,always".parse().unwrap()).unwrap();
        assert_eq!(effects(&faults, "ingestData", 1), [Some(Effect::Status(429))]);
        assert_eq!(effects(&faults, "queryData", 2), [None, None]);
    }

    #[test]
    fn pending_faults_can_be_listed_and_removed() {
        let faults = Faults::default();
        let first = faults.inject(Fault::new("queryData").status(503).after(2).times(2)).unwrap();
        let second = faults.inject(Fault::new("queryData").garbage().always()).unwrap();
        effects(&faults, "queryData", 3);
        let left = [
            (first, Fault::new("queryData").status(503).times(1)),
            (second, Fault::new("queryData").garbage().always()),
        ];
        assert_eq!(faults.left(), left);
        assert!(faults.remove(first) && !faults.remove(first));
        assert_eq!(faults.pending(), 1);
    }

    #[test]
    fn probability_is_drawn_from_the_seed() {
        let acts = |seed| {
            let faults = Faults::new(seed);
            faults.inject(Fault::new("queryData").garbage().probability(0.3).always()).unwrap();
            effects(&faults, "queryData", 1000).iter().map(Option::is_some).collect::<Vec<bool>>()
        };
        assert_eq!(acts(1), acts(1));
        assert_ne!(acts(1), acts(2));
        let count = acts(1).iter().filter(|acts| **acts).count();
        assert!((250..350).contains(&count), "{count}");
        for (probability, expected) in [(0.0, 0), (1.0, 5)] {
            let faults = Faults::new(1);
            faults.inject(Fault::new("queryData").garbage().probability(probability).times(5)).unwrap();
            assert_eq!(effects(&faults, "queryData", 10).iter().flatten().count(), expected);
        }
    }
}
