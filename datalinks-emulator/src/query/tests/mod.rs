//! Tests of the query language.

mod evaluation;
mod properties;
mod syntax;
mod table;

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::eval::Outcome;
use super::{EvalError, parse, run};
use crate::accounts::{Caller, CallerView};
use crate::store::{DatasetName, Definition, Link, LinkState, MatchKind, Namespace, Store};

const OWNER: &str = "ana";

/// The content of a store: rows by `namespace/dataset`, and links.
#[derive(Deserialize)]
struct Content {
    datasets: BTreeMap<String, Box<RawValue>>,
    links: Vec<Linked>,
}

#[derive(Deserialize)]
struct Linked {
    from: (String, String),
    to: (String, String),
    kind: String,
}

fn dataset_name(text: &str) -> DatasetName {
    let (namespace, name) = text.split_once('/').unwrap();
    DatasetName::new(OWNER, namespace, name)
}

fn store_of(content: &str) -> Store {
    let Content { datasets, links } = serde_json::from_str(content).unwrap();
    let mut store = Store::default();
    for (name, rows) in datasets {
        let name = dataset_name(&name);
        store.create(name.clone(), Definition::default()).unwrap();
        store.find_mut(&name).unwrap().append(serde_json::from_str(rows.get()).unwrap());
    }
    for Linked { from, to, kind } in links {
        let end = |(name, column): (String, String)| dataset_name(&name).column(column);
        let matching = MatchKind::parse(&kind).unwrap().plain();
        store.add_link(Link { from: end(from), to: end(to), matching, state: LinkState::Active }).unwrap();
    }
    store
}

/// Returns the store of the table of cases.
fn store() -> Store {
    store_of(include_str!("store.json"))
}

/// Runs a query as the owner of all datasets, with a request about the namespace `cinema`.
fn found(store: &Store, text: &str) -> Result<Outcome, EvalError> {
    let caller = Caller::of(OWNER);
    run(CallerView::new(store, &caller), &parse(text).unwrap(), &Namespace::new(OWNER, "cinema"))
}
