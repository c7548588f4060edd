//! Tree to rows.
//!
//! Rows are selected by index. No row of a dataset is copied.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::ast::{Call, Query, SearchAround, Sort};
use super::error::EvalError;
use super::filter::Filter;
use super::order::sorted;
use super::reach::search_around;
use super::resolve::{resolve, resolve_hop, resolve_name};
use super::stage::Stage;
use crate::accounts::CallerView;
use crate::concurrency::work::count;
use crate::runtime::{Clock, Watch};
use crate::store::{Dataset, DatasetName, Namespace, Store};

/// The result of a query.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The query with all names in full.
    pub(crate) executed: Query,
    start: DatasetName,
    last: Stage,
    /// The entry and each call. Never empty.
    trace: Vec<CallTrace>,
}

/// The entry or a call, carried out.
#[derive(Debug)]
pub(crate) struct CallTrace {
    /// The dataset of the rows after it.
    pub(crate) dataset: DatasetName,
    /// The number of rows after it.
    pub(crate) count: usize,
    pub(crate) start: DateTime<Utc>,
    pub(crate) elapsed: Duration,
}

impl Outcome {
    /// The dataset at which the query starts.
    pub(crate) fn start(&self) -> &DatasetName {
        &self.start
    }

    /// The rows found.
    pub(crate) fn last(&self) -> &Stage {
        &self.last
    }

    pub(crate) fn trace(&self) -> &[CallTrace] {
        &self.trace
    }
}

/// Runs a query whose durations nobody reads. Names are looked up among the datasets of the owner of `near`.
pub(crate) fn run(sight: CallerView<'_>, query: &Query, near: &Namespace) -> Result<Outcome, EvalError> {
    run_by(&Clock::default(), sight, query, near)
}

/// Runs a query and measures each step with this clock.
pub(crate) fn run_by(
    clock: &Clock,
    sight: CallerView<'_>,
    query: &Query,
    near: &Namespace,
) -> Result<Outcome, EvalError> {
    let watch = clock.watch();
    let name = resolve(sight, &query.dataset, near)?;
    run_from(clock, watch, sight, name, &query.calls)
}

/// Reads all rows of a dataset that is known by its namespace and its name, not by a text of the query language.
pub(crate) fn read_all(
    clock: &Clock,
    sight: CallerView<'_>,
    dataset: &DatasetName,
) -> Result<Outcome, EvalError> {
    let watch = clock.watch();
    let name = resolve_name(sight, dataset)?;
    run_from(clock, watch, sight, name, &[])
}

fn run_from(
    clock: &Clock,
    watch: Watch<'_>,
    sight: CallerView<'_>,
    name: DatasetName,
    mut calls: &[Call],
) -> Result<Outcome, EvalError> {
    let dataset = lookup(sight.store, &name)?;
    let stage = Stage { rows: all_rows(dataset), dataset: name };
    let mut run = Evaluation {
        sight,
        dataset,
        executed: Query::all(stage.dataset.to_string()),
        stage,
        trace: Vec::new(),
    };
    let start = run.stage.dataset.clone();
    run.record(&watch);
    while let Some((call, rest)) = calls.split_first() {
        let watch = clock.watch();
        calls = rest;
        match call {
            Call::Filter(condition) => {
                let (filter, dataset) = (Filter::new(condition, run.dataset), run.dataset);
                count(run.stage.rows.len());
                run.stage.rows.retain(|row| filter.keeps(dataset, *row));
            }
            Call::Limit(rows) => run.stage.rows.truncate(usize::try_from(*rows).unwrap_or(usize::MAX)),
            Call::SearchAround(step) => {
                run.go(step)?;
                run.record(&watch);
                continue;
            }
            Call::Sort(first) => {
                let mut sorts = vec![first];
                sorts.extend(calls.iter().map_while(as_sort));
                calls = calls.get(sorts.len() - 1..).unwrap_or_default();
                run.sort(clock, watch, &sorts, calls.first());
                continue;
            }
        }
        run.executed.calls.push(call.clone());
        run.record(&watch);
    }
    Ok(Outcome { executed: run.executed, start, last: run.stage, trace: run.trace })
}

/// A query under way.
struct Evaluation<'a> {
    sight: CallerView<'a>,
    /// The dataset of the stage.
    dataset: &'a Dataset,
    stage: Stage,
    executed: Query,
    trace: Vec<CallTrace>,
}

impl Evaluation<'_> {
    /// Notes what the entry or a call has done.
    fn record(&mut self, watch: &Watch<'_>) {
        self.record_count(watch, self.stage.rows.len());
    }

    fn record_count(&mut self, watch: &Watch<'_>, count: usize) {
        let (start, elapsed) = (watch.begun(), watch.elapsed());
        self.trace.push(CallTrace { dataset: self.stage.dataset.clone(), count, start, elapsed });
    }

    /// Goes over links to another dataset, or to the same one.
    fn go(&mut self, step: &SearchAround) -> Result<(), EvalError> {
        let name = resolve_hop(self.sight, &step.dataset, &self.stage.dataset.space())?;
        let rows = search_around(self.sight, &self.stage, step, &name)?;
        self.dataset = lookup(self.sight.store, &name)?;
        let executed = SearchAround { dataset: name.to_string(), ..step.clone() };
        self.executed.calls.push(Call::SearchAround(executed));
        self.stage = Stage { dataset: name, rows };
        Ok(())
    }

    /// Sorts by all sorts in a row. If a limit is next, rows beyond it are dropped here, but they count.
    fn sort(&mut self, clock: &Clock, watch: Watch<'_>, sorts: &[&Sort], next: Option<&Call>) {
        let limit = match next {
            Some(Call::Limit(rows)) => Some(*rows),
            _ => None,
        };
        let count = self.stage.rows.len();
        self.stage.rows = sorted(self.dataset, &self.stage.rows, sorts, limit);
        // The sorts are carried out at once: the first one took all the time.
        let mut watch = watch;
        for sort in sorts {
            self.executed.calls.push(Call::Sort((*sort).clone()));
            self.record_count(&watch, count);
            watch = clock.watch();
        }
    }
}

fn as_sort(call: &Call) -> Option<&Sort> {
    match call {
        Call::Sort(sort) => Some(sort),
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
