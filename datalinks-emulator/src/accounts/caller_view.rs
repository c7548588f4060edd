//! Who may do what with which dataset.
//!
//! An owner may do everything, a viewer may read, an editor may read and write, and nobody else learns
//! that a dataset exists. A restricted token does not reach further than it says, whoever bears it.

use super::caller::Caller;
use crate::response::Problem;
use crate::store::{Dataset, DatasetName, Namespace, Right, Store, StoreError};

/// The store as one caller sees it.
#[derive(Clone, Copy)]
pub(crate) struct CallerView<'a> {
    pub(crate) store: &'a Store,
    pub(crate) caller: &'a Caller,
}

impl<'a> CallerView<'a> {
    pub(crate) fn new(store: &'a Store, caller: &'a Caller) -> Self {
        Self { store, caller }
    }

    /// Refuses what the caller may not do with a dataset. Whether it exists is another question, which
    /// is open to its owner only.
    pub(crate) fn check(&self, name: &DatasetName, need: Right) -> Result<(), Problem> {
        if !self.caller.reaches(name) {
            return Err(out_of_reach(&name.to_string()));
        }
        match self.right(name) {
            None => Err(StoreError::NoSuchDataset(name.clone()).into()),
            Some(right) if right < need => Err(too_little(&format!("the dataset {name}"), need)),
            Some(_) => Ok(()),
        }
    }

    /// Refuses what the caller may not do with all of a namespace.
    pub(crate) fn check_all(&self, namespace: &Namespace, need: Right) -> Result<(), Problem> {
        if !self.caller.reaches_all(namespace) {
            return Err(out_of_reach(&namespace.to_string()));
        }
        let right = if namespace.owner == self.caller.user {
            Some(Right::Own)
        } else {
            self.store.shared_right_to_all(&self.caller.user, namespace)
        };
        match right {
            Some(right) if right >= need => Ok(()),
            None if self.in_namespace(namespace).next().is_none() => {
                Err(StoreError::NoSuchNamespace(namespace.clone()).into())
            }
            _ => Err(too_little(&format!("the namespace {namespace}"), need)),
        }
    }

    /// All datasets that the caller may read.
    pub(crate) fn datasets(self) -> impl Iterator<Item = (&'a DatasetName, &'a Dataset)> {
        self.store.datasets().filter(move |(name, _)| self.sees(name))
    }

    /// Those of one namespace, sorted by name.
    pub(crate) fn in_namespace<'b>(
        self,
        namespace: &'b Namespace,
    ) -> impl Iterator<Item = (&'a DatasetName, &'a Dataset)> + use<'a, 'b> {
        self.store.in_namespace(namespace).filter(move |(name, _)| self.sees(name))
    }

    /// Whether the caller may read a dataset.
    pub(crate) fn sees(&self, name: &DatasetName) -> bool {
        self.may(name, Right::Read)
    }

    /// Whether the caller may do this with a dataset.
    pub(crate) fn may(&self, name: &DatasetName, need: Right) -> bool {
        self.caller.reaches(name) && self.right(name).is_some_and(|right| right >= need)
    }

    fn right(&self, name: &DatasetName) -> Option<Right> {
        if name.owner == self.caller.user {
            return Some(Right::Own);
        }
        self.store.shared_right(&self.caller.user, name)
    }
}

fn too_little(what: &str, need: Right) -> Problem {
    let way = match need {
        Right::Own => "only its owner may do this",
        Right::Write | Right::Read => "ask its owner to share it with you as an editor",
    };
    Problem::forbidden(format!("you may not change {what}; {way}"))
}

fn out_of_reach(what: &str) -> Problem {
    Problem::forbidden(format!("the token is restricted and does not reach {what}; use another token"))
}
