//! The comparison of two contracts in both directions.

mod content;
mod operations;
mod shapes;

use std::collections::{BTreeSet, HashSet};

use super::{
    difference::{Difference, Kind, Location, Side},
    model::Contract,
};

/// The result of a comparison.
pub(super) struct Compared {
    /// Number of operations of either contract.
    pub(super) operations: usize,
    /// All differences, each once, in the order of the other contract's operations.
    pub(super) differences: Vec<Difference>,
}

/// Compares the project's contract with another one.
pub(super) fn run<'a>(ours: &Contract<'a>, theirs: &Contract<'a>) -> Compared {
    let mut comparison =
        Comparison { ours, theirs, compared: HashSet::new(), reported: HashSet::new(), found: Vec::new() };
    comparison.operations();
    let endpoints: BTreeSet<String> = [ours, theirs]
        .iter()
        .flat_map(|side| &side.operations)
        .map(|operation| operation.endpoint())
        .collect();
    Compared { operations: endpoints.len(), differences: comparison.found }
}

/// The state of a comparison.
struct Comparison<'m, 'a> {
    ours: &'m Contract<'a>,
    theirs: &'m Contract<'a>,
    /// Compared pairs of schemas: the name of the other schema, and the name or location of ours. A named
    /// schema is compared once for each side, however many operations use it.
    compared: HashSet<(&'a str, String, Option<Side>)>,
    reported: HashSet<Difference>,
    found: Vec<Difference>,
}

impl Comparison<'_, '_> {
    /// Records a difference between two values.
    fn differs(&mut self, kind: Kind, location: &Location, subject: &str, ours: String, theirs: String) {
        let difference =
            Difference { kind, location: location.clone(), subject: subject.to_owned(), ours, theirs };
        if self.reported.insert(difference.clone()) {
            self.found.push(difference);
        }
    }

    /// Records an item that only one side has.
    fn one_sided(&mut self, kind: Kind, location: &Location, subject: &str) {
        self.differs(kind, location, subject, String::new(), String::new());
    }
}

/// Returns the names that only one side has.
fn only_in<'n, T: Ord + ?Sized>(
    one: impl IntoIterator<Item = &'n T>,
    other: impl IntoIterator<Item = &'n T>,
) -> Vec<&'n T> {
    let other: BTreeSet<&T> = other.into_iter().collect();
    one.into_iter().filter(|name| !other.contains(name)).collect()
}
