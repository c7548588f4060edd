//! Runs of the ingest pipeline.
//!
//! 1. Modeling plans the datasets: a [`prompt`], [`expand`], [`coalesce`], [`review`]. Without a model, a [`rule`]
//!    plans them. [`predefined`] datasets replace modeling.
//! 2. The preview shows samples of the datasets, and may ask a person for a review.
//! 3. [`ingest`] creates the datasets, with the rows that [`project`] selects from the [`levels`] of the rows.
//! 4. [`ontology`] links the datasets.
//!
//! A run goes through its [`stage`]s in order. All state between two stages is in its [`PipelineJob`], so that a run
//! can wait for a person and continue after a restart. A branch of the serving future works on the runs. They have no
//! tasks of their own. Their events are stored, and streams read them from any index and wait for more.

mod assign;
mod coalesce;
mod cost;
mod delivery;
mod expand;
mod extract;
mod failure;
mod ingest;
mod job;
mod levels;
mod modeling;
mod ontology;
mod persist;
mod plan;
mod predefined;
mod progress;
mod project;
mod prompt;
mod question;
mod reply;
mod review;
mod rule;
mod run;
mod stage;
mod stages;
mod trace;
mod transition;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::Notify;

pub(crate) use job::{Known, Llm, PipelineJob, Switches};
pub(crate) use run::{NotWaiting, PipelineRun};
pub(crate) use stages::run_stage;

#[cfg(test)]
pub(crate) use {
    expand::MOST,
    levels::{MAX_OPENED, MAX_RECORDS},
    project::MAX_BYTES,
};

use crate::accounts::Caller;
use crate::concurrency::lock::lock;
use crate::persistence::Versioned;
use crate::response::{Label, Problem};

/// Returns the number of datasets in a `predefinedSchema`, or the reason why it cannot be read.
pub(crate) fn predefined_datasets(schema: &Value) -> Result<usize, String> {
    predefined::read(schema).map(|datasets| datasets.len())
}

/// Maximum number of ended runs. The most recent ones are kept. Runs that are in progress or waiting do not count.
pub(crate) const KEPT: usize = 1_000;

/// All runs, by id.
#[derive(Debug, Default)]
pub(crate) struct PipelineRuns {
    all: Mutex<Versioned<BTreeMap<String, Arc<PipelineRun>>>>,
    /// The queue of runs that are due.
    ready: Mutex<VecDeque<Arc<PipelineRun>>>,
    /// Wakes the worker after a run was queued.
    pub(crate) queued: Notify,
}

impl PipelineRuns {
    pub(crate) fn find(&self, id: &str) -> Option<Arc<PipelineRun>> {
        lock(&self.all).get(id).cloned()
    }

    /// Starts a run. `label` says how the results of its model phases are produced.
    pub(crate) fn start(
        &self,
        id: String,
        label: Label,
        job: PipelineJob,
        now: DateTime<Utc>,
    ) -> Arc<PipelineRun> {
        let run = Arc::new(PipelineRun::new(id.clone(), label, job, now));
        {
            let mut all = lock(&self.all);
            all.insert(id, Arc::clone(&run));
            evict_oldest(&mut all, KEPT);
        }
        self.enqueue(Arc::clone(&run));
        run
    }

    /// Continues a waiting run with the answer of a person.
    pub(crate) fn resume(
        &self,
        run: &Arc<PipelineRun>,
        caller: &Caller,
        answer: Value,
        now: DateTime<Utc>,
    ) -> Result<(), NotWaiting> {
        run.answer(caller, answer, now)?;
        self.enqueue(Arc::clone(run));
        Ok(())
    }

    /// Queues a run for the worker.
    fn enqueue(&self, run: Arc<PipelineRun>) {
        lock(&self.ready).push_back(run);
        self.queued.notify_one();
    }

    pub(crate) fn next(&self) -> Option<Arc<PipelineRun>> {
        lock(&self.ready).pop_front()
    }

    /// Marks a run as failed, whatever its current state.
    pub(crate) fn mark_failed(&self, id: &str, problem: Problem, now: DateTime<Utc>) {
        lock(&self.ready).retain(|run| run.id() != id);
        if let Some(run) = self.find(id) {
            run.update(now, |context| context.fail(&problem.into()));
        }
    }
}

/// Removes the oldest ended runs until at most `limit` are left.
fn evict_oldest(runs: &mut BTreeMap<String, Arc<PipelineRun>>, limit: usize) {
    if runs.len() <= limit {
        return;
    }
    let mut ended: Vec<(DateTime<Utc>, String)> =
        runs.values().filter_map(|run| Some((run.ended()?, run.id().to_owned()))).collect();
    ended.sort_unstable();
    for (_, id) in ended.iter().take(ended.len().saturating_sub(limit)) {
        runs.remove(id);
    }
}
