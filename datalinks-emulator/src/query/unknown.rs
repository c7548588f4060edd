//! Columns that a query names and that no row has.

use std::collections::BTreeSet;

use super::ast::{Call, Condition};
use super::eval::Outcome;
use crate::response::did_you_mean::did_you_mean;
use crate::store::{DatasetName, Store};

/// How many columns are named.
const NAMED: usize = 3;

/// A remark for each column that a query asks for and that no row of the dataset has at that point.
///
/// Such a column is empty, so the query is carried out. Usually the name is misspelled.
pub(crate) fn unknown_columns(store: &Store, outcome: &Outcome) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut seen: BTreeSet<(&DatasetName, &str)> = BTreeSet::new();
    // The dataset before each call is that after the entry or the call before.
    for (call, before) in outcome.executed.calls.iter().zip(outcome.trace()) {
        let Some(dataset) = store.dataset(&before.dataset) else { continue };
        for column in columns(call) {
            if remarks.len() < NAMED && !dataset.has_column(column) && seen.insert((&before.dataset, column))
            {
                let meant = did_you_mean(column, dataset.column_names().into_iter());
                let meant = meant.trim_end();
                let sep = if meant.is_empty() { "" } else { ", " };
                remarks.push(format!("no row of {} has the column \"{column}\"{sep}{meant}", before.dataset));
            }
        }
    }
    remarks
}

/// The columns that a call names.
fn columns(call: &Call) -> Vec<&str> {
    match call {
        Call::Filter(condition) => fields(condition),
        Call::SearchAround(step) => step.follow.iter().map(String::as_str).collect(),
        Call::Sort(sort) => vec![&sort.column],
        Call::Limit(_) => Vec::new(),
    }
}

/// The fields of a condition, without recursion.
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
