//! Access rights of a caller on datasets.
//!
//! An owner has all rights, a viewer may read, and an editor may read and write. Others do not learn that a dataset
//! exists. A restricted token is limited to its scopes, whatever rights its user has.

use super::caller::Caller;
use crate::response::Problem;
use crate::store::{Dataset, DatasetName, Namespace, Right, Store, StoreError};

/// The store with the access rights of one caller.
#[derive(Clone, Copy)]
pub(crate) struct CallerView<'a> {
    pub(crate) store: &'a Store,
    pub(crate) caller: &'a Caller,
}

impl<'a> CallerView<'a> {
    pub(crate) fn new(store: &'a Store, caller: &'a Caller) -> Self {
        Self { store, caller }
    }

    /// Returns an error if the caller lacks a right on a dataset.
    ///
    /// For the owner, this does not check that the dataset exists.
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

    /// Returns an error if the caller lacks a right on a whole namespace.
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

    /// Returns the datasets that the caller may read.
    pub(crate) fn datasets(self) -> impl Iterator<Item = (&'a DatasetName, &'a Dataset)> {
        self.store.datasets().filter(move |(name, _)| self.sees(name))
    }

    /// Returns the datasets of one namespace that the caller may read, sorted by name.
    pub(crate) fn in_namespace<'b>(
        self,
        namespace: &'b Namespace,
    ) -> impl Iterator<Item = (&'a DatasetName, &'a Dataset)> + use<'a, 'b> {
        self.store.in_namespace(namespace).filter(move |(name, _)| self.sees(name))
    }

    /// Returns `true` if the caller may read a dataset.
    pub(crate) fn sees(&self, name: &DatasetName) -> bool {
        self.may(name, Right::Read)
    }

    /// Returns `true` if the caller has a right on a dataset.
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
    Problem::forbidden(format!("the token is restricted and does not include {what}; use another token"))
}
