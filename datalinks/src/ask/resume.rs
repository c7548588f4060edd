//! Going on with a run whose stream broke.

use std::{collections::BTreeSet, time::Duration};

use super::AskEvent;
use crate::RetryPolicy;

/// How a run is resumed when its stream breaks (a lost connection, silence, an end without a last event). It is
/// off unless asked for with [`Ask::resume`](super::Ask::resume): whether the service offers it for every
/// run is not certain.
///
/// Resuming needs the id of the run, which the event `run-started` tells. The service goes on from its last
/// checkpoint; events that were handed out before are skipped, and a visible
/// [`Restarted`](AskEvent::Restarted) stands where the break was. While a run has no checkpoint yet (409), it is
/// tried again. The defaults are this crate's choice:
///
/// ```
/// use std::time::Duration;
/// use datalinks::ResumeRuns;
///
/// let policy = ResumeRuns::default();
/// assert_eq!(policy.without_progress, 5);
/// assert_eq!((policy.base, policy.cap), (Duration::from_millis(500), Duration::from_secs(20)));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResumeRuns {
    /// Resumptions in a row that brought no new event before the stream is given up. Default 5.
    pub without_progress: u32,
    /// Upper bound of the first pause; it doubles while there is no progress. Default 0.5 s.
    pub base: Duration,
    /// Upper bound of any pause that the server did not ask for. Default 20 s.
    pub cap: Duration,
}

impl Default for ResumeRuns {
    fn default() -> Self {
        let RetryPolicy { base, cap, .. } = RetryPolicy::default();
        Self { without_progress: 5, base, cap }
    }
}

impl ResumeRuns {
    /// Gives up after this many resumptions in a row that brought no new event.
    pub fn without_progress(mut self, most: u32) -> Self {
        self.without_progress = most;
        self
    }

    /// Pauses are drawn evenly from zero to `base`, doubling up to `cap`.
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        (self.base, self.cap) = (base, cap);
        self
    }

    /// The pause before resumption number `count` in a row (from 1) without progress.
    pub(super) fn pause(&self, count: u32, draw: f64) -> Duration {
        RetryPolicy::default().backoff(self.base, self.cap).pause(count, draw)
    }
}

/// Which events were handed out. A run has one plan, and each of its steps begins, queries and ends once.
#[derive(Debug, Default)]
pub(super) struct HandedOut(BTreeSet<Place>);

/// What there is only one of in a run.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Place {
    Started,
    PlanningStarted,
    Plan,
    StepStarted(i64),
    QueryExecuting(i64),
    Step(i64),
    AnswerStarted,
}

impl HandedOut {
    /// Notes an event. False when it was handed out before; unknown events always count as new.
    pub(super) fn note(&mut self, event: &AskEvent) -> bool {
        let place = match event {
            AskEvent::RunStarted(_) => Place::Started,
            AskEvent::PlanningStarted => Place::PlanningStarted,
            AskEvent::Plan(_) => Place::Plan,
            AskEvent::StepStarted(step) => Place::StepStarted(step.index),
            AskEvent::QueryExecuting(query) => Place::QueryExecuting(query.index),
            AskEvent::Step(step) => Place::Step(step.index),
            AskEvent::AnswerStarted => Place::AnswerStarted,
            _ => return true,
        };
        self.0.insert(place)
    }
}
