//! Resuming a run after its stream was interrupted.

use std::{collections::BTreeMap, time::Duration};

use futures::future::BoxFuture;

use super::{event::AskEvent, outcome, resume::ResumePolicy};
use crate::{client::DataLinks, error::Error};

/// State of a stream that can resume its run.
pub(super) struct Resumption {
    client: DataLinks,
    policy: ResumePolicy,
    yielded: Yielded,
    /// Consecutive attempts to resume without a new event.
    resumes: u32,
    /// Whether [`AskEvent::Restarted`] was yielded for the present interruption.
    announced: bool,
}

impl Resumption {
    pub(super) fn new(client: DataLinks, policy: ResumePolicy) -> Self {
        Self { client, policy, yielded: Yielded::default(), resumes: 0, announced: false }
    }

    /// Records an event that is about to be yielded. Returns `false` if it repeats one that was yielded before the last
    /// interruption.
    pub(super) fn record(&mut self, event: &AskEvent) -> bool {
        if !self.yielded.record(event) {
            return false;
        }
        // Unknown events cannot be distinguished, so a run that repeats one without end makes no progress.
        if !matches!(event, AskEvent::Other { .. }) {
            self.resumes = 0;
        }
        self.announced = false;
        true
    }

    /// Returns the event that marks an interruption, once for each.
    pub(super) fn announce(&mut self) -> Option<AskEvent> {
        (!std::mem::replace(&mut self.announced, true)).then_some(AskEvent::Restarted)
    }

    /// Returns the client and the delay before the next attempt to resume the run, or the error that ends the stream.
    pub(super) fn resume(&mut self, run_id: &str, error: Error) -> Result<(DataLinks, Duration), Error> {
        self.yielded.interrupted();
        if !error.is_retryable() {
            return Err(error);
        }
        self.client.run(run_id)?;
        let wait = error.retry_after();
        if wait.is_some_and(|wait| wait > self.client.retry_policy().max_retry_after) {
            return Err(error.and_advice(&later(run_id)));
        }
        if self.resumes >= self.policy.max_reconnects_without_progress {
            let why = match self.resumes {
                0 => "the policy allows no attempt to resume the run".to_owned(),
                1 => "1 attempt to resume the run delivered no new event".to_owned(),
                times => format!("{times} attempts to resume the run delivered no new event"),
            };
            return Err(error.advice(format!("{why}; {}", later(run_id))));
        }
        self.resumes = self.resumes.saturating_add(1);
        let jitter = self.client.connection().transport.jitter();
        let pause = wait.unwrap_or_else(|| self.policy.backoff.pause(self.resumes, jitter));
        tracing::info!(run = %run_id, delay_ms = pause.as_millis() as u64, %error, "resuming run");
        Ok((self.client.clone(), pause))
    }

    /// Returns a future that polls the run until it has ended, and returns its last events.
    pub(super) fn poll(
        &self,
        run_id: &str,
    ) -> Result<BoxFuture<'static, Result<Vec<AskEvent>, Error>>, Error> {
        let run = self.client.run(run_id)?;
        let policy = self.policy.clone();
        Ok(Box::pin(async move { outcome::events(run.poll(&policy).await?) }))
    }
}

/// Returns the advice for a stream that ends although its run may continue.
fn later(run_id: &str) -> String {
    format!(
        "the run may continue: read its status later with DataLinks::run({run_id:?}) and AgentRun::status"
    )
}

/// Known events that were yielded, by how often each occurred.
#[derive(Debug, Default)]
struct Yielded(BTreeMap<EventKey, Occurrences>);

#[derive(Debug, Default)]
struct Occurrences {
    yielded: usize,
    /// Occurrences since the last interruption, or since the start.
    since: usize,
}

/// Deduplication key: events that occur once per run or once per step. The agent may plan again or repeat a step, so each may
/// occur several times in a run.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
enum EventKey {
    RunStarted,
    PlanningStarted,
    Plan,
    StepStarted(i64),
    QueryExecuting(i64),
    Step(i64),
    AnswerStarted,
}

impl Yielded {
    /// Records an interruption: the events that follow may repeat earlier ones.
    fn interrupted(&mut self) {
        self.0.values_mut().for_each(|occurrences| occurrences.since = 0);
    }

    /// Returns `false` if the event repeats one that was yielded before the last interruption. Events after an interruption are
    /// repeats until each occurred as often as before. Unknown events are always new.
    fn record(&mut self, event: &AskEvent) -> bool {
        let key = match event {
            AskEvent::RunStarted(_) => EventKey::RunStarted,
            AskEvent::PlanningStarted => EventKey::PlanningStarted,
            AskEvent::Plan(_) => EventKey::Plan,
            AskEvent::StepStarted(step) => EventKey::StepStarted(step.index),
            AskEvent::QueryExecuting(query) => EventKey::QueryExecuting(query.index),
            AskEvent::Step(step) => EventKey::Step(step.index),
            AskEvent::AnswerStarted => EventKey::AnswerStarted,
            _ => return true,
        };
        let occurrences = self.0.entry(key).or_default();
        occurrences.since += 1;
        let is_new = occurrences.since > occurrences.yielded;
        occurrences.yielded = occurrences.yielded.max(occurrences.since);
        is_new
    }
}
