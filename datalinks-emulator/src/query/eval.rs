//! Evaluation of queries.
//!
//! Rows are selected by index and not copied.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::ast::{Clause, Query, SearchAround, Sort};
use super::error::EvalError;
use super::filter::Filter;
use super::order::sorted;
use super::resolve::{resolve, resolve_hop, resolve_name};
use super::search_around::search_around;
use super::stage::Stage;
use crate::accounts::CallerView;
use crate::concurrency::work::count;
use crate::runtime::{Clock, Watch};
use crate::store::{Dataset, DatasetName, Namespace, Store};

/// The result of a query.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The query with full names of datasets.
    pub(crate) executed: Query,
    start: DatasetName,
    last: Stage,
    /// The start and each clause. Never empty.
    trace: Vec<ClauseTrace>,
}

/// The evaluation of the start or of a clause.
#[derive(Debug)]
pub(crate) struct ClauseTrace {
    /// The dataset of the resulting rows.
    pub(crate) dataset: DatasetName,
    /// Number of resulting rows.
    pub(crate) count: usize,
    pub(crate) start: DateTime<Utc>,
    pub(crate) elapsed: Duration,
}

impl Outcome {
    /// Returns the dataset at which the query starts.
    pub(crate) fn start(&self) -> &DatasetName {
        &self.start
    }

    /// Returns the resulting rows.
    pub(crate) fn last(&self) -> &Stage {
        &self.last
    }

    pub(crate) fn trace(&self) -> &[ClauseTrace] {
        &self.trace
    }
}

/// Runs a query without measuring durations by the emulator's clock. Names are resolved for the owner of `namespace`.
pub(crate) fn run(view: CallerView<'_>, query: &Query, namespace: &Namespace) -> Result<Outcome, EvalError> {
    run_by(&Clock::default(), view, query, namespace)
}

/// Runs a query and measures each step with a clock.
pub(crate) fn run_by(
    clock: &Clock,
    view: CallerView<'_>,
    query: &Query,
    namespace: &Namespace,
) -> Result<Outcome, EvalError> {
    let watch = clock.watch();
    let name = resolve(view, &query.dataset, namespace)?;
    run_from(clock, watch, view, name, &query.clauses)
}

/// Reads all rows of a dataset that is given by its namespace and name instead of a query text.
pub(crate) fn read_all(
    clock: &Clock,
    view: CallerView<'_>,
    dataset: &DatasetName,
) -> Result<Outcome, EvalError> {
    let watch = clock.watch();
    let name = resolve_name(view, dataset)?;
    run_from(clock, watch, view, name, &[])
}

fn run_from(
    clock: &Clock,
    watch: Watch<'_>,
    view: CallerView<'_>,
    name: DatasetName,
    mut clauses: &[Clause],
) -> Result<Outcome, EvalError> {
    let dataset = lookup(view.store, &name)?;
    let stage = Stage { rows: all_rows(dataset), dataset: name };
    let mut run = Evaluation {
        view,
        dataset,
        executed: Query::all(stage.dataset.to_string()),
        stage,
        trace: Vec::new(),
    };
    let start = run.stage.dataset.clone();
    run.record(&watch);
    while let Some((clause, rest)) = clauses.split_first() {
        let watch = clock.watch();
        clauses = rest;
        match clause {
            Clause::Filter(condition) => {
                let (filter, dataset) = (Filter::new(condition, run.dataset), run.dataset);
                count(run.stage.rows.len());
                run.stage.rows.retain(|row| filter.keeps(dataset, *row));
            }
            Clause::Limit(rows) => run.stage.rows.truncate(usize::try_from(*rows).unwrap_or(usize::MAX)),
            Clause::SearchAround(step) => {
                run.search_around(step)?;
                run.record(&watch);
                continue;
            }
            Clause::Sort(first) => {
                let mut sorts = vec![first];
                sorts.extend(clauses.iter().map_while(as_sort));
                clauses = clauses.get(sorts.len() - 1..).unwrap_or_default();
                run.sort(clock, watch, &sorts, clauses.first());
                continue;
            }
        }
        run.executed.clauses.push(clause.clone());
        run.record(&watch);
    }
    Ok(Outcome { executed: run.executed, start, last: run.stage, trace: run.trace })
}

/// The state of an evaluation.
struct Evaluation<'a> {
    view: CallerView<'a>,
    /// The dataset of the present rows.
    dataset: &'a Dataset,
    stage: Stage,
    executed: Query,
    trace: Vec<ClauseTrace>,
}

impl Evaluation<'_> {
    /// Records the result of the start or of a clause.
    fn record(&mut self, watch: &Watch<'_>) {
        self.record_count(watch, self.stage.rows.len());
    }

    fn record_count(&mut self, watch: &Watch<'_>, count: usize) {
        let (start, elapsed) = (watch.begun(), watch.elapsed());
        self.trace.push(ClauseTrace { dataset: self.stage.dataset.clone(), count, start, elapsed });
    }

    /// Replaces the rows by the linked rows of a dataset, which may be the same one.
    fn search_around(&mut self, step: &SearchAround) -> Result<(), EvalError> {
        let name = resolve_hop(self.view, &step.dataset, &self.stage.dataset.space())?;
        let rows = search_around(self.view, &self.stage, step, &name)?;
        self.dataset = lookup(self.view.store, &name)?;
        let executed = SearchAround { dataset: name.to_string(), ..step.clone() };
        self.executed.clauses.push(Clause::SearchAround(executed));
        self.stage = Stage { dataset: name, rows };
        Ok(())
    }

    /// Applies consecutive sorts. If a limit follows, rows beyond it are dropped here but still counted.
    fn sort(&mut self, clock: &Clock, watch: Watch<'_>, sorts: &[&Sort], next: Option<&Clause>) {
        let limit = match next {
            Some(Clause::Limit(rows)) => Some(*rows),
            _ => None,
        };
        let count = self.stage.rows.len();
        self.stage.rows = sorted(self.dataset, &self.stage.rows, sorts, limit);
        // All sorts are applied in one pass, so the first one is recorded with the whole duration.
        let mut watch = watch;
        for sort in sorts {
            self.executed.clauses.push(Clause::Sort((*sort).clone()));
            self.record_count(&watch, count);
            watch = clock.watch();
        }
    }
}

fn as_sort(clause: &Clause) -> Option<&Sort> {
    match clause {
        Clause::Sort(sort) => Some(sort),
        _ => None,
    }
}

fn lookup<'a>(store: &'a Store, name: &DatasetName) -> Result<&'a Dataset, EvalError> {
    let unknown = || EvalError::UnknownDataset { name: name.to_string(), known: Vec::new() };
    store.dataset(name).ok_or_else(unknown)
}

pub(super) fn all_rows(dataset: &Dataset) -> Vec<u32> {
    (0..u32::try_from(dataset.rows().len()).unwrap_or(u32::MAX)).collect()
}
