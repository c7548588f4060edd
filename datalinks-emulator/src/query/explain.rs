//! The tree that tells how a query went.

use serde::Serialize;

use super::eval::Outcome;
use crate::ids::{Ids, Kind};

/// One dataset on the way, and those reached from it.
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

/// The tree of a query: the first dataset at the root, each hop below the one before.
pub(crate) fn explain(outcome: &Outcome, ids: &Ids) -> Option<Explanation> {
    outcome.stages().rev().fold(None, |child, stage| {
        Some(Explanation {
            id: ids.next(Kind::Explain).to_string(),
            dataset_queries_stat: Stat {
                username: stage.dataset.owner.clone(),
                namespace: stage.dataset.namespace.clone(),
                dataset: stage.dataset.name.clone(),
                result_count: stage.rows.len(),
            },
            start: stage.start.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            duration: format!("PT{}.{:06}S", stage.elapsed.as_secs(), stage.elapsed.subsec_micros()),
            children: child.into_iter().collect(),
        })
    })
}
