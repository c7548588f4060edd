//! The faults of one emulator: counted, drawn, and gone when they have acted.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::effect::Effect;
use super::error::FaultError;
use super::fault::Fault;
use crate::concurrency::lock::lock;
use crate::runtime::mix;

/// Injects faults into a running emulator. Clones share one list.
///
/// Every call of an operation counts for each of its faults, but at most one acts on it: the
/// earliest injected whose turn it is. Calls count before their key is looked at, as they would at
/// a gateway.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    seed: u64,
    list: Arc<Mutex<List>>,
}

#[derive(Debug, Default)]
struct List {
    /// How many were ever injected: the id of the next one.
    injected: u64,
    faults: Vec<Injected>,
}

#[derive(Debug)]
struct Injected {
    id: u64,
    operation: &'static str,
    /// What is left of it.
    fault: Fault,
    /// How often it was its turn.
    turns: u64,
}

/// What shall go wrong with one call.
#[derive(Clone, Debug)]
pub(crate) struct ActiveFault {
    pub(crate) effect: Effect,
    pub(crate) delay: Duration,
    pub(crate) retry_after: Option<String>,
    /// What garbage is made from.
    pub(super) noise: u64,
}

impl ActiveFault {
    /// How much later than its answer a change of shares takes effect.
    pub(crate) fn effective_after(&self) -> Duration {
        match self.effect {
            Effect::EffectiveAfter(delay) => delay,
            _ => Duration::ZERO,
        }
    }
}

impl Faults {
    /// Faults whose chances follow from a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, list: Arc::default() }
    }

    /// Makes the fault act from now on. It gets an id, counted from 0, by which it can be taken back.
    ///
    /// # Errors
    ///
    /// When the operation is unknown or cannot go wrong in this way.
    pub fn inject(&self, fault: Fault) -> Result<u64, FaultError> {
        let operation = fault.check()?;
        let mut list = lock(&self.list);
        let id = list.injected;
        list.injected += 1;
        list.faults.push(Injected { id, operation, fault, turns: 0 });
        Ok(id)
    }

    /// Takes a fault back by its id. Whether it was still there.
    pub fn remove(&self, id: u64) -> bool {
        let faults = &mut lock(&self.list).faults;
        let before = faults.len();
        faults.retain(|injected| injected.id != id);
        faults.len() < before
    }

    /// Forgets all faults.
    pub fn clear(&self) {
        lock(&self.list).faults.clear();
    }

    /// How many faults have still to act, those for every call included.
    pub fn pending(&self) -> usize {
        lock(&self.list).faults.len()
    }

    /// The faults that have still to act, by their ids, and what is left of each: how many calls pass first, and how
    /// often it acts.
    pub fn left(&self) -> Vec<(u64, Fault)> {
        lock(&self.list).faults.iter().map(|injected| (injected.id, injected.fault.clone())).collect()
    }

    /// Counts one call and says what shall go wrong with it.
    pub(crate) fn next(&self, operation: &str) -> Option<ActiveFault> {
        let list = &mut lock(&self.list).faults;
        let mut plan = None;
        for injected in list.iter_mut().filter(|injected| injected.operation == operation) {
            if injected.fault.skip > 0 {
                injected.fault.skip -= 1;
            } else if plan.is_none() && injected.fault.times != Some(0) {
                plan = injected.turn(self.seed);
            }
        }
        list.retain(|injected| injected.fault.times != Some(0));
        plan
    }
}

impl Injected {
    /// Acts, if chance does not keep it from it.
    fn turn(&mut self, seed: u64) -> Option<ActiveFault> {
        let noise = mix(seed ^ mix(self.id ^ mix(self.turns)));
        self.turns += 1;
        let fault = &mut self.fault;
        // All bits that a fraction can hold: from 0 to less than 1.
        let drawn = (noise >> 11) as f64 / (1_u64 << 53) as f64;
        if fault.probability.is_some_and(|share| drawn >= share) {
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
        (0..calls).map(|_| faults.next(operation).map(|plan| plan.effect)).collect()
    }

    #[test]
    fn faults_count_calls_of_their_operation() {
        let faults = Faults::default();
        faults.inject(Fault::new("ingestData").status(503).after(1).times(2)).unwrap();
        assert_eq!(effects(&faults, "queryData", 3), [None, None, None]);
        let busy = Some(Effect::Status(503));
        assert_eq!(effects(&faults, "ingestData", 4), [None, busy.clone(), busy, None]);
        assert_eq!(faults.pending(), 0);
    }

    #[test]
    fn the_earliest_acts_first() {
        let faults = Faults::default();
        faults.inject(Fault::new("queryData").lose_response()).unwrap();
        faults.inject(Fault::new("queryData").truncate_body().always()).unwrap();
        let (lost, cut) = (Some(Effect::LoseResponse), Some(Effect::TruncateBody));
        assert_eq!(effects(&faults, "queryData", 3), [lost, cut.clone(), cut]);
        faults.clear();
        assert_eq!(effects(&faults, "queryData", 1), [None]);
    }

    #[test]
    fn what_is_left_can_be_seen_and_taken_back() {
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
    fn chance_follows_from_the_seed() {
        let acts = |seed| {
            let faults = Faults::new(seed);
            faults.inject(Fault::new("queryData").garbage().probability(0.3).always()).unwrap();
            effects(&faults, "queryData", 1000).iter().map(Option::is_some).collect::<Vec<bool>>()
        };
        assert_eq!(acts(1), acts(1));
        assert_ne!(acts(1), acts(2));
        let share = acts(1).iter().filter(|acts| **acts).count();
        assert!((250..350).contains(&share), "{share}");
        for (share, wanted) in [(0.0, 0), (1.0, 5)] {
            let faults = Faults::new(1);
            faults.inject(Fault::new("queryData").garbage().probability(share).times(5)).unwrap();
            assert_eq!(effects(&faults, "queryData", 10).iter().flatten().count(), wanted);
        }
    }
}
