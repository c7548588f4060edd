//! Runs of the ingest pipeline.
//!
//! 1. Modeling finds the datasets: a [`prompt`], [`expand`], [`coalesce`], [`review`]. Without a model there is a
//!    [`rule`]. [`predefined`] datasets take the place of it.
//! 2. The preview shows samples of them, and may ask a person.
//! 3. [`ingest`] makes them, with the rows that [`project`] takes out of the [`levels`] of the rows.
//! 4. [`ontology`] links them.
//!
//! A run goes through its [`stage`]s one after the other. What it knows between two of them is its [`PipelineJob`], so that
//! it can wait for a person, or go on after a restart. A branch of the future that serves works on the runs; no task
//! of their own does. What they tell is kept, and streams read it from any place and wait for more.

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
pub(crate) use stages::work_out;

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

/// Says how many datasets a `predefinedSchema` asks for, or what about it cannot be understood.
pub(crate) fn predefined_datasets(schema: &Value) -> Result<usize, String> {
    predefined::read(schema).map(|wanted| wanted.len())
}

/// Maximum number of runs that are over and kept. Those that ended last stay; runs that go on or wait do not count.
pub(crate) const KEPT: usize = 1_000;

/// All runs, by id.
#[derive(Debug, Default)]
pub(crate) struct PipelineRuns {
    all: Mutex<Versioned<BTreeMap<String, Arc<PipelineRun>>>>,
    /// Those that can go on.
    ready: Mutex<VecDeque<Arc<PipelineRun>>>,
    /// Tells the worker that there are some.
    pub(crate) queued: Notify,
}

impl PipelineRuns {
    pub(crate) fn find(&self, id: &str) -> Option<Arc<PipelineRun>> {
        lock(&self.all).get(id).cloned()
    }

    /// Starts a run. How its model phases come about is known from the start: `label`.
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
        self.go_on(Arc::clone(&run));
        run
    }

    /// Lets a waiting run go on with what a person has answered.
    pub(crate) fn resume(
        &self,
        run: &Arc<PipelineRun>,
        caller: &Caller,
        answer: Value,
        now: DateTime<Utc>,
    ) -> Result<(), NotWaiting> {
        run.answer(caller, answer, now)?;
        self.go_on(Arc::clone(run));
        Ok(())
    }

    /// Lets the worker take a run up.
    fn go_on(&self, run: Arc<PipelineRun>) {
        lock(&self.ready).push_back(run);
        self.queued.notify_one();
    }

    pub(crate) fn next(&self) -> Option<Arc<PipelineRun>> {
        lock(&self.ready).pop_front()
    }

    /// Lets a run fail that cannot go on, however it stands since that was found out.
    pub(crate) fn mark_failed(&self, id: &str, problem: Problem, now: DateTime<Utc>) {
        lock(&self.ready).retain(|run| run.id() != id);
        if let Some(run) = self.find(id) {
            run.update(now, |context| context.fail(&problem.into()));
        }
    }
}

/// Forgets the runs that ended first, so that at most so many are kept that are over.
fn evict_oldest(runs: &mut BTreeMap<String, Arc<PipelineRun>>, kept: usize) {
    if runs.len() <= kept {
        return;
    }
    let mut over: Vec<(DateTime<Utc>, String)> =
        runs.values().filter_map(|run| Some((run.ended()?, run.id().to_owned()))).collect();
    over.sort_unstable();
    for (_, id) in over.iter().take(over.len().saturating_sub(kept)) {
        runs.remove(id);
    }
}
