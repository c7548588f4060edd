//! Columns that a query names but no row has.

use std::collections::BTreeSet;

use super::ast::{Clause, Condition};
use super::eval::Outcome;
use crate::response::did_you_mean::did_you_mean;
use crate::store::{DatasetName, Store};

/// Maximum number of columns that are reported.
const MAX_REPORTED: usize = 3;

/// Returns a warning for each column that a query names and that no row of the dataset has at that point.
///
/// Such a column is empty, so the query is evaluated. Usually the name is misspelled.
pub(crate) fn unknown_columns(store: &Store, outcome: &Outcome) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut seen: BTreeSet<(&DatasetName, &str)> = BTreeSet::new();
    // The dataset before each clause is the one after the start or the previous clause.
    for (clause, before) in outcome.executed.clauses.iter().zip(outcome.trace()) {
        let Some(dataset) = store.dataset(&before.dataset) else { continue };
        for column in columns(clause) {
            if warnings.len() < MAX_REPORTED
                && !dataset.has_column(column)
                && seen.insert((&before.dataset, column))
            {
                let meant = did_you_mean(column, dataset.column_names().into_iter());
                let meant = meant.trim_end();
                let sep = if meant.is_empty() { "" } else { ", " };
                warnings
                    .push(format!("no row of {} has the column \"{column}\"{sep}{meant}", before.dataset));
            }
        }
    }
    warnings
}

/// Returns the columns that a clause names.
fn columns(clause: &Clause) -> Vec<&str> {
    match clause {
        Clause::Filter(condition) => fields(condition),
        Clause::SearchAround(step) => step.follow.iter().map(String::as_str).collect(),
        Clause::Sort(sort) => vec![&sort.column],
        Clause::Limit(_) => Vec::new(),
    }
}

/// Returns the fields of a condition, without recursion.
fn fields(condition: &Condition) -> Vec<&str> {
    let (mut found, mut left) = (Vec::new(), vec![condition]);
    while let Some(condition) = left.pop() {
        match condition {
            Condition::Any(parts) | Condition::All(parts) => left.extend(parts.iter().rev()),
            Condition::Compare(comparison) => found.push(comparison.field.as_str()),
        }
    }
    found
}
