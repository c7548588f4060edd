//! Datasets, links and shares, in memory.

mod axis;
mod cell;
pub(crate) mod column_profile;
mod columns;
mod counted;
mod dataset;
mod error;
pub(crate) mod geo;
mod links;
mod locations;
mod names;
mod persist;
mod row;
mod rows;
mod shares;
mod texts;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

pub(crate) use cell::{Cell, Number};
pub(crate) use dataset::{ColumnIndex, Dataset, Definition};
pub(crate) use error::StoreError;
pub(crate) use links::{Exact, Geo, Link, LinkState, Links, Match, MatchKind};
pub(crate) use locations::{LocationColumn, Locations};
pub(crate) use names::{ColumnName, DatasetName, Namespace};
pub(crate) use row::{InputRow, RowView};
pub(crate) use shares::{GrantScope, Right, Role, Shares, Timing};
pub(crate) use texts::OrderedTexts;

use crate::persistence::Versioned;
use crate::runtime::Clock;

/// Datasets, the links between them and their shares.
///
/// A clone is a snapshot. It is cheap, because it shares all data with the original until one of the two changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    datasets: Versioned<Arc<BTreeMap<DatasetName, Versioned<Arc<Dataset>>>>>,
    links: Versioned<Arc<Links>>,
    hits: Arc<counted::CountedHits>,
    shares: Versioned<Arc<Shares>>,
    /// Clock that decides which pending changes of shares are in effect.
    clock: Clock,
}

impl Store {
    /// Creates an empty store. The clock decides which pending changes of shares are in effect.
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, ..Self::default() }
    }

    /// Returns all datasets, sorted by owner, namespace and name.
    pub(crate) fn datasets(&self) -> impl Iterator<Item = (&DatasetName, &Dataset)> {
        self.datasets.iter().map(|(name, dataset)| (name, &***dataset))
    }

    /// Returns the datasets of one namespace, sorted by name.
    pub(crate) fn in_namespace<'a, 'b>(
        &'a self,
        namespace: &'b Namespace,
    ) -> impl Iterator<Item = (&'a DatasetName, &'a Dataset)> + use<'a, 'b> {
        let from = self.datasets.range(namespace.dataset("")..);
        let own = from.take_while(|(name, _)| namespace.contains(name));
        own.map(|(name, dataset)| (name, &***dataset))
    }

    pub(crate) fn dataset(&self, name: &DatasetName) -> Option<&Dataset> {
        self.datasets.get(name).map(|dataset| &***dataset)
    }

    pub(crate) fn find(&self, name: &DatasetName) -> Result<&Dataset, StoreError> {
        self.dataset(name).ok_or_else(|| StoreError::NoSuchDataset(name.clone()))
    }

    pub(crate) fn find_mut(&mut self, name: &DatasetName) -> Result<&mut Dataset, StoreError> {
        let dataset = Arc::make_mut(&mut self.datasets).get_mut(name);
        let dataset = dataset.map(|dataset| Arc::make_mut(dataset));
        dataset.ok_or_else(|| StoreError::NoSuchDataset(name.clone()))
    }

    /// Appends rows to a dataset and runs `act`. If `act` panics, removes the rows before the panic continues.
    pub(crate) fn append_for<T>(
        &mut self,
        name: &DatasetName,
        rows: Vec<InputRow<'_>>,
        act: impl FnOnce(&mut Self) -> T,
    ) -> Result<T, StoreError> {
        let before = self.find_mut(name)?.append(rows);
        let done = catch_unwind(AssertUnwindSafe(|| act(self)));
        done.or_else(|panic| {
            self.find_mut(name)?.truncate(before);
            resume_unwind(panic)
        })
    }

    pub(crate) fn create(&mut self, name: DatasetName, definition: Definition) -> Result<(), StoreError> {
        self.insert(name, Dataset::new(definition))
    }

    /// Adds a dataset under a new name.
    pub(crate) fn insert(&mut self, name: DatasetName, dataset: Dataset) -> Result<(), StoreError> {
        if self.datasets.contains_key(&name) {
            return Err(StoreError::DatasetExists(name));
        }
        self.datasets_mut().insert(name, Versioned::from(Arc::new(dataset)));
        Ok(())
    }

    /// Removes rows and links of a dataset and keeps its definition.
    pub(crate) fn clear(&mut self, name: &DatasetName) -> Result<(), StoreError> {
        self.find_mut(name)?.clear();
        self.links_mut().retain(|link| !link.touches(name));
        Ok(())
    }

    /// Removes a dataset with its links and shares, and the namespace if this was its last dataset.
    pub(crate) fn remove(&mut self, name: &DatasetName) -> Result<(), StoreError> {
        self.datasets_mut().remove(name).ok_or_else(|| StoreError::NoSuchDataset(name.clone()))?;
        self.links_mut().retain(|link| !link.touches(name));
        self.shares_mut().remove(&GrantScope::from(name));
        if self.in_namespace(&name.space()).next().is_none() {
            self.shares_mut().remove(&GrantScope::from(&name.space()));
        }
        Ok(())
    }

    /// Removes every dataset of a namespace, with their links and shares.
    pub(crate) fn remove_namespace(&mut self, namespace: &Namespace) -> Result<(), StoreError> {
        let names: Vec<DatasetName> = self.in_namespace(namespace).map(|(name, _)| name.clone()).collect();
        if names.is_empty() {
            return Err(StoreError::NoSuchNamespace(namespace.clone()));
        }
        for name in &names {
            self.datasets_mut().remove(name);
            self.shares_mut().remove(&GrantScope::from(name));
        }
        self.shares_mut().remove(&GrantScope::from(namespace));
        let touches =
            |link: &Link| namespace.contains(&link.from.dataset) || namespace.contains(&link.to.dataset);
        self.links_mut().retain(|link| !touches(link));
        Ok(())
    }

    /// Returns an error if a namespace has datasets or does not exist.
    pub(crate) fn check_empty(&self, namespace: &Namespace) -> Result<(), StoreError> {
        match self.in_namespace(namespace).count() {
            0 => Err(StoreError::NoSuchNamespace(namespace.clone())),
            datasets => Err(StoreError::NamespaceNotEmpty { namespace: namespace.clone(), datasets }),
        }
    }

    /// Renames a dataset inside its namespace and updates its links and shares.
    pub(crate) fn rename(&mut self, name: &DatasetName, to: &str) -> Result<(), StoreError> {
        let target = name.space().dataset(to);
        if target == *name {
            return self.find(name).map(|_| ());
        }
        if self.datasets.contains_key(&target) {
            return Err(StoreError::DatasetExists(target));
        }
        self.relocate(name, target.clone())?;
        self.links_mut().relocate(|own| (own == name).then(|| target.clone()));
        Ok(())
    }

    /// Renames a namespace and updates its links and shares.
    pub(crate) fn rename_namespace(&mut self, namespace: &Namespace, to: &str) -> Result<(), StoreError> {
        let names: Vec<DatasetName> = self.in_namespace(namespace).map(|(name, _)| name.clone()).collect();
        if names.is_empty() {
            return Err(StoreError::NoSuchNamespace(namespace.clone()));
        }
        let target = Namespace::new(namespace.owner.clone(), to);
        if *namespace == target {
            return Ok(());
        }
        if self.in_namespace(&target).next().is_some() {
            return Err(StoreError::NamespaceExists(target));
        }
        self.shares_mut().relocate(&GrantScope::from(namespace), GrantScope::from(&target));
        names.iter().try_for_each(|name| self.relocate(name, target.dataset(name.name.clone())))?;
        self.links_mut().relocate(|own| namespace.contains(own).then(|| target.dataset(own.name.clone())));
        Ok(())
    }

    /// Renames a dataset and its shares. The caller updates the links.
    fn relocate(&mut self, name: &DatasetName, target: DatasetName) -> Result<(), StoreError> {
        let dataset =
            self.datasets_mut().remove(name).ok_or_else(|| StoreError::NoSuchDataset(name.clone()))?;
        self.shares_mut().relocate(&GrantScope::from(name), GrantScope::from(&target));
        self.datasets_mut().insert(target, dataset);
        Ok(())
    }

    /// Returns the highest right that shares in effect grant a user on another user's dataset.
    pub(crate) fn shared_right(&self, user: &str, name: &DatasetName) -> Option<Right> {
        self.shares.right(user, name, self.clock.now())
    }

    /// Returns the right that shares in effect grant a user on another user's whole namespace.
    pub(crate) fn shared_right_to_all(&self, user: &str, namespace: &Namespace) -> Option<Right> {
        self.shares.right_to_all(user, namespace, self.clock.now())
    }

    /// Returns the shares.
    pub(crate) fn shares(&self) -> &Shares {
        &self.shares
    }

    pub(crate) fn shares_mut(&mut self) -> &mut Shares {
        Arc::make_mut(&mut self.shares)
    }

    /// Returns `true` if a column exists.
    pub(crate) fn has_column(&self, column: &ColumnName) -> bool {
        self.dataset(&column.dataset).is_some_and(|dataset| dataset.has_column(&column.column))
    }

    /// Adds an active link between existing columns. Returns `false` if it was already active.
    pub(crate) fn add_link(&mut self, link: Link) -> Result<bool, StoreError> {
        for end in [&link.from, &link.to] {
            let dataset = self.find(&end.dataset)?;
            if !dataset.has_column(&end.column) {
                return Err(StoreError::NoSuchColumn {
                    dataset: end.dataset.clone(),
                    column: end.column.clone(),
                    columns: dataset.column_names().into_iter().map(str::to_owned).collect(),
                });
            }
        }
        Ok(self.links_mut().add(link))
    }

    pub(crate) fn links(&self) -> &Links {
        &self.links
    }

    pub(crate) fn links_mut(&mut self) -> &mut Links {
        Arc::make_mut(&mut self.links)
    }

    /// Returns the number of hits of a link. Calls `count` only if one of its datasets changed since the last count.
    pub(crate) fn counted(&self, link: &Link, count: impl FnOnce() -> u64) -> u64 {
        let revisions =
            [&link.from, &link.to].map(|end| self.dataset(&end.dataset).map_or(0, |own| own.revision()));
        self.hits.of(link, revisions, self.links.len(), count)
    }

    fn datasets_mut(&mut self) -> &mut BTreeMap<DatasetName, Versioned<Arc<Dataset>>> {
        Arc::make_mut(&mut self.datasets)
    }
}

#[cfg(test)]
mod tests;
