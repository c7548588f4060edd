//! Tree to rows.
//!
//! Rows are selected by number; nothing of a dataset is copied.

use std::cmp::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::EvalError;
use super::ast::{Call, Comparison, Expr, Op, Query};
use super::resolve::{resolve, resolve_hop};
use crate::access::Sight;
use crate::clock::{Clock, Watch};
use crate::linking::follow;
use crate::store::{Cell, Dataset, DatasetName, Namespace, Number, Store};

/// What a query found, dataset by dataset.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// One stage per dataset on the way; never empty.
    first: Stage,
    rest: Vec<Stage>,
    /// The query with all names in full.
    pub(crate) executed: Query,
}

/// The rows found in one dataset.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) dataset: DatasetName,
    pub(crate) rows: Vec<u32>,
    pub(crate) start: DateTime<Utc>,
    pub(crate) elapsed: Duration,
}

impl Stage {
    fn new(dataset: DatasetName, rows: Vec<u32>, watch: &Watch<'_>) -> Self {
        Self { dataset, rows, start: watch.begun(), elapsed: watch.elapsed() }
    }
}

impl Outcome {
    pub(crate) fn first(&self) -> &Stage {
        &self.first
    }

    pub(crate) fn last(&self) -> &Stage {
        self.rest.last().unwrap_or(&self.first)
    }

    pub(crate) fn stages(&self) -> impl DoubleEndedIterator<Item = &Stage> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

/// Runs a query whose times nobody is told. Bare names are looked up in `near` first.
pub(crate) fn run(sight: Sight<'_>, query: &Query, near: &Namespace) -> Result<Outcome, EvalError> {
    run_by(&Clock::default(), sight, query, near)
}

/// Runs a query, and takes the time by this clock.
pub(crate) fn run_by(
    clock: &Clock,
    sight: Sight<'_>,
    query: &Query,
    near: &Namespace,
) -> Result<Outcome, EvalError> {
    let store = sight.store;
    let mut watch = clock.watch();
    let name = resolve(sight, &query.dataset, near)?;
    let mut dataset = lookup(store, &name)?;
    let mut executed = Query::all(name.to_string());
    let mut done: Vec<Stage> = Vec::new();
    let mut stage = Stage::new(name, all_rows(dataset), &watch);
    for call in &query.calls {
        match call {
            Call::Filter(expr) => {
                let filter = Filter::new(expr, dataset);
                stage.rows.retain(|row| filter.keeps(dataset, *row));
                stage.elapsed = watch.elapsed();
                executed.calls.push(call.clone());
            }
            Call::Hop(target) => {
                watch = clock.watch();
                let name = resolve_hop(sight, target, &stage.dataset.space())?;
                let next = lookup(store, &name)?;
                let rows = hop(store, &stage, &name, next)?;
                executed.calls.push(Call::Hop(name.to_string()));
                done.push(std::mem::replace(&mut stage, Stage::new(name, rows, &watch)));
                dataset = next;
            }
        }
    }
    done.push(stage);
    let mut stages = done.into_iter();
    match stages.next() {
        Some(first) => Ok(Outcome { first, rest: stages.collect(), executed }),
        // A stage was pushed above.
        None => Err(EvalError::UnknownDataset { name: query.dataset.clone(), known: Vec::new() }),
    }
}

fn lookup<'a>(store: &'a Store, name: &DatasetName) -> Result<&'a Dataset, EvalError> {
    let unknown = || EvalError::UnknownDataset { name: name.to_string(), known: Vec::new() };
    store.dataset(name).ok_or_else(unknown)
}

fn all_rows(dataset: &Dataset) -> Vec<u32> {
    (0..u32::try_from(dataset.rows().len()).unwrap_or(u32::MAX)).collect()
}

/// The rows of the next dataset that an active link connects with a row of the stage, in their order.
fn hop(store: &Store, stage: &Stage, name: &DatasetName, next: &Dataset) -> Result<Vec<u32>, EvalError> {
    let mut found = vec![false; next.rows().len()];
    let mut linked = false;
    for link in store.links().iter().filter(|link| link.is_active()) {
        let (there, back) = link.leads(&stage.dataset, name);
        for backwards in [there.then_some(false), back.then_some(true)].into_iter().flatten() {
            linked = true;
            follow(store, link, backwards, &stage.rows, &mut found);
        }
    }
    if !linked {
        return Err(EvalError::NoLink { from: stage.dataset.to_string(), to: name.to_string() });
    }
    let rows = found.iter().zip(0u32..).filter_map(|(mark, row)| mark.then_some(row));
    Ok(rows.collect())
}

/// A condition with its fields looked up and its values read once.
enum Filter<'a> {
    Any(Vec<Filter<'a>>),
    All(Vec<Filter<'a>>),
    Compare { column: Option<u32>, op: Op, text: &'a str, number: Option<Number> },
}

impl<'a> Filter<'a> {
    fn new(expr: &'a Expr, dataset: &Dataset) -> Self {
        match expr {
            Expr::Or(parts) => Self::Any(parts.iter().map(|part| Self::new(part, dataset)).collect()),
            Expr::And(parts) => Self::All(parts.iter().map(|part| Self::new(part, dataset)).collect()),
            Expr::Compare(Comparison { field, op, value }) => Self::Compare {
                column: dataset.columns().number(field),
                op: *op,
                text: value,
                number: Number::parse(value),
            },
        }
    }

    fn keeps(&self, dataset: &Dataset, row: u32) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.keeps(dataset, row)),
            Self::All(parts) => parts.iter().all(|part| part.keeps(dataset, row)),
            Self::Compare { column, op, text, number } => {
                let row = dataset.rows().get(row as usize);
                let cell = column.and_then(|column| row?.get(column));
                match cell.and_then(Cell::as_text) {
                    None => *op == Op::Ne,
                    Some(own) => holds(*op, compare(own, text, *number)),
                }
            }
        }
    }
}

/// Two numbers compare as numbers, all else as text, letter by letter.
fn compare(own: &str, text: &str, number: Option<Number>) -> Ordering {
    match number.and_then(|number| Some((Number::parse(own)?, number))) {
        Some((own, number)) => own.compare(number),
        None => own.cmp(text),
    }
}

fn holds(op: Op, ordering: Ordering) -> bool {
    match op {
        Op::Eq => ordering.is_eq(),
        Op::Ne => ordering.is_ne(),
        Op::Lt => ordering.is_lt(),
        Op::Le => ordering.is_le(),
        Op::Gt => ordering.is_gt(),
        Op::Ge => ordering.is_ge(),
    }
}
