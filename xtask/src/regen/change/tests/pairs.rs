//! Each kind of change is found alone and classified by its rule.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{
    super::{
        Change, Side,
        found::Reached,
        kind::{Kind, Rule},
    },
    changes, with_paths, with_schema,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pairs {
    schemas: Vec<Pair<Sides>>,
    operations: Vec<Pair<bool>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair<B> {
    change: String,
    old: Value,
    new: Value,
    side: Option<Side>,
    /// The status of the response that contains the change.
    status: Option<String>,
    field: Option<String>,
    #[serde(default)]
    before: Value,
    #[serde(default)]
    after: Value,
    breaking: B,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sides {
    request: bool,
    response: bool,
}

impl<B> Pair<B> {
    fn expected(&self, side: Option<Side>, operation: &str, status: Option<&str>, breaking: bool) -> Change {
        let kind = Kind::all().find(|kind| kind.name() == self.change);
        Change {
            kind: kind.unwrap_or_else(|| panic!("no kind {}", self.change)),
            side,
            field: self.field.clone(),
            before: self.before.clone(),
            after: self.after.clone(),
            breaking,
            operations: BTreeSet::from([Reached {
                operation: operation.to_owned(),
                status: status.map(str::to_owned),
            }]),
        }
    }
}

fn pairs() -> Pairs {
    serde_saphyr::from_str(include_str!("pairs.yaml")).unwrap()
}

/// Returns every pair as two documents, with the expected changes.
fn documents() -> Vec<(Value, Value, Vec<Change>)> {
    let pairs = pairs();
    let schemas = pairs.schemas.iter().map(|pair| {
        let Sides { request, response } = pair.breaking;
        let expected = vec![
            pair.expected(Some(Side::Request), "write", None, request),
            pair.expected(Some(Side::Response), "write", Some("200"), response),
        ];
        (with_schema("3.0.3", &pair.old), with_schema("3.0.3", &pair.new), expected)
    });
    let operations = pairs.operations.iter().map(|pair| {
        let expected = pair.expected(pair.side, "read", pair.status.as_deref(), pair.breaking);
        (with_paths(&pair.old), with_paths(&pair.new), vec![expected])
    });
    schemas.chain(operations).collect()
}

#[test]
fn each_pair_has_the_one_change_that_it_states() {
    let documents = documents();
    assert!(documents.len() >= 70, "{} pairs", documents.len());
    for (old, new, expected) in documents {
        assert_eq!(changes(&old, &new), expected, "{old}\n{new}");
        assert_eq!(changes(&old, &old), [], "{old}");
        assert_eq!(changes(&new, &new), [], "{new}");
    }
}

#[test]
fn every_kind_has_a_pair_for_each_classification() {
    let mut seen: BTreeMap<Kind, BTreeSet<bool>> = BTreeMap::new();
    for change in documents().into_iter().flat_map(|(_, _, expected)| expected) {
        seen.entry(change.kind).or_default().insert(change.breaking);
    }
    for kind in Kind::all() {
        let outcomes = match kind.rule() {
            Rule::Always(breaks) => BTreeSet::from([breaks]),
            Rule::Cases(_) => BTreeSet::from([false, true]),
        };
        assert_eq!(seen.get(&kind), Some(&outcomes), "{kind}");
    }
}
