//! The tree that explains how a query was evaluated.

use serde::Serialize;

use super::eval::Outcome;
use crate::runtime::{Ids, Kind};

/// The start of a query or one of its clauses, with the next clause as its child.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Explanation {
    id: String,
    dataset_queries_stat: Stat,
    start: String,
    duration: String,
    children: Vec<Explanation>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stat {
    username: String,
    namespace: String,
    dataset: String,
    result_count: usize,
}

/// Returns the tree of a query: the start at the root, and each clause below the one before.
pub(crate) fn explain(outcome: &Outcome, ids: &Ids) -> Option<Explanation> {
    outcome.trace().iter().rev().fold(None, |child, clause| {
        Some(Explanation {
            id: ids.next(Kind::Explain).to_string(),
            dataset_queries_stat: Stat {
                username: clause.dataset.owner.clone(),
                namespace: clause.dataset.namespace.clone(),
                dataset: clause.dataset.name.clone(),
                result_count: clause.count,
            },
            start: clause.start.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            duration: format!("PT{}.{:06}S", clause.elapsed.as_secs(), clause.elapsed.subsec_micros()),
            children: child.into_iter().collect(),
        })
    })
}
