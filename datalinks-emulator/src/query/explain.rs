//! The tree that explains how a query went.

use serde::Serialize;

use super::eval::Outcome;
use crate::runtime::{Ids, Kind};

/// The entry of a query or one of its calls, and the call after it.
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

/// The tree of a query: the entry at the root, and each call below the one before.
pub(crate) fn explain(outcome: &Outcome, ids: &Ids) -> Option<Explanation> {
    outcome.trace().iter().rev().fold(None, |child, call| {
        Some(Explanation {
            id: ids.next(Kind::Explain).to_string(),
            dataset_queries_stat: Stat {
                username: call.dataset.owner.clone(),
                namespace: call.dataset.namespace.clone(),
                dataset: call.dataset.name.clone(),
                result_count: call.count,
            },
            start: call.start.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            duration: format!("PT{}.{:06}S", call.elapsed.as_secs(), call.elapsed.subsec_micros()),
            children: child.into_iter().collect(),
        })
    })
}
