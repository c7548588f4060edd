//! The found changes: one per change of the wire, with all operations that it affects.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Side,
    kind::{Case, Kind},
};

/// A change of the wire.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::regen) struct Change {
    pub(in crate::regen) kind: Kind,
    /// The side of the change, or `None` for a property of the whole operation.
    pub(in crate::regen) side: Option<Side>,
    /// The changed field, parameter or status within the operation, or `(whole)` for a whole body. `None` if
    /// the kind is sufficient.
    pub(in crate::regen) field: Option<String>,
    /// The earlier value, null if there was none.
    pub(in crate::regen) before: Value,
    pub(in crate::regen) after: Value,
    pub(in crate::regen) breaking: bool,
    /// Operations that the change reaches.
    pub(in crate::regen) operations: BTreeSet<Reached>,
}

/// An operation that a change affects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::regen) struct Reached {
    /// The id, or method and path of an operation without one.
    pub(in crate::regen) operation: String,
    /// The status of the response that changed, if the change is inside one.
    pub(in crate::regen) status: Option<String>,
}

impl std::fmt::Display for Reached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.operation)?;
        self.status.iter().try_for_each(|status| write!(f, " {status}"))
    }
}

/// The location of a change: an operation or a part of one.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) reached: Reached,
    pub(super) side: Option<Side>,
    /// The path within the body, empty for the whole body.
    pub(super) path: String,
}

impl Place {
    pub(super) fn operation(label: String) -> Self {
        Self { reached: Reached { operation: label, status: None }, side: None, path: String::new() }
    }

    pub(super) fn at(&self, side: Side, path: &str) -> Self {
        Self { side: Some(side), path: path.to_owned(), ..self.clone() }
    }

    pub(super) fn response(&self, status: &str) -> Self {
        let reached = Reached { status: Some(status.to_owned()), ..self.reached.clone() };
        Self { reached, side: Some(Side::Response), path: String::new() }
    }

    /// Appends an item, a choice, or another part without a dot.
    pub(super) fn then(&self, text: &str) -> Self {
        Self { path: format!("{}{text}", self.path), ..self.clone() }
    }

    pub(super) fn field(&self, name: &str) -> Self {
        if self.path.is_empty() { self.then(name) } else { self.then(&format!(".{name}")) }
    }

    fn shown(&self) -> String {
        if self.path.is_empty() { "(whole)".to_owned() } else { self.path.clone() }
    }
}

/// The changes that are being collected, by everything except the operations.
#[derive(Debug, Default)]
pub(super) struct Changes {
    found: BTreeMap<Key, Change>,
}

/// Kind, side, field, both values as JSON, and `true` if the change breaks clients.
type Key = (Kind, Option<Side>, Option<String>, String, String, bool);

impl Changes {
    /// Adds a change of a whole operation, or of its parameters and statuses, which `field` names.
    pub(super) fn add(
        &mut self,
        kind: Kind,
        place: &Place,
        field: Option<&str>,
        values: [Value; 2],
        cases: &[Case],
    ) {
        let mut cases = cases.to_vec();
        cases.extend(place.side.map(Case::of));
        let breaking = kind.breaks(&cases);
        let [before, after] = values;
        let field = field.map(str::to_owned);
        let key = (kind, place.side, field.clone(), before.to_string(), after.to_string(), breaking);
        let change = self.found.entry(key).or_insert_with(|| Change {
            kind,
            side: place.side,
            field,
            before,
            after,
            breaking,
            operations: BTreeSet::new(),
        });
        change.operations.insert(place.reached.clone());
    }

    /// Adds a change of the schema at a location.
    pub(super) fn at(&mut self, kind: Kind, place: &Place, values: [Value; 2], cases: &[Case]) {
        self.add(kind, place, Some(&place.shown()), values, cases);
    }

    /// Returns all changes, sorted by kind.
    pub(super) fn into_list(self) -> Vec<Change> {
        self.found.into_values().collect()
    }
}
