//! What the emulator holds: datasets and the links between them, in memory.

mod cell;
mod columns;
mod dataset;
mod links;
mod row;
mod texts;

use std::collections::BTreeMap;

pub(crate) use cell::{Cell, Number};
pub(crate) use dataset::{Dataset, Definition};
pub(crate) use links::{ColumnName, Link};
pub(crate) use row::InputRow;
pub(crate) use texts::OrderedTexts;

/// The name of a dataset: unique in its namespace.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct DatasetName {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl DatasetName {
    pub(crate) fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }
}

impl std::fmt::Display for DatasetName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// Why the store refused something.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("there is no dataset {0}; create it first, and mind that letter case counts in paths")]
    NoSuchDataset(DatasetName),
    #[error("there is no namespace {0}; a namespace exists as long as it has a dataset")]
    NoSuchNamespace(String),
    #[error("the dataset {0} exists already; choose another name or go on with it")]
    DatasetExists(DatasetName),
    #[error("the namespace {0} exists already; choose another name")]
    NamespaceExists(String),
    #[error("the dataset {dataset} has no column {column}; its columns are {}", list(.columns))]
    NoSuchColumn { dataset: DatasetName, column: String, columns: Vec<String> },
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none yet: ingest rows first".to_owned() } else { names.join(", ") }
}

/// Datasets and links.
#[derive(Debug, Default)]
pub(crate) struct Store {
    datasets: BTreeMap<DatasetName, Dataset>,
    links: Vec<Link>,
}

impl Store {
    /// All datasets, sorted by namespace and name.
    pub(crate) fn datasets(&self) -> impl Iterator<Item = (&DatasetName, &Dataset)> {
        self.datasets.iter()
    }

    /// The datasets of one namespace, sorted by name.
    pub(crate) fn in_namespace<'a>(
        &'a self,
        namespace: &'a str,
    ) -> impl Iterator<Item = (&'a DatasetName, &'a Dataset)> {
        self.datasets.iter().filter(move |(name, _)| name.namespace == namespace)
    }

    /// The namespaces, sorted.
    pub(crate) fn namespaces(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.datasets.keys().map(|name| name.namespace.as_str()).collect();
        names.dedup();
        names
    }

    pub(crate) fn dataset(&self, name: &DatasetName) -> Option<&Dataset> {
        self.datasets.get(name)
    }

    pub(crate) fn find(&self, name: &DatasetName) -> Result<&Dataset, StoreError> {
        self.datasets.get(name).ok_or_else(|| StoreError::NoSuchDataset(name.clone()))
    }

    pub(crate) fn find_mut(&mut self, name: &DatasetName) -> Result<&mut Dataset, StoreError> {
        self.datasets.get_mut(name).ok_or_else(|| StoreError::NoSuchDataset(name.clone()))
    }

    pub(crate) fn create(&mut self, name: DatasetName, definition: Definition) -> Result<(), StoreError> {
        if self.datasets.contains_key(&name) {
            return Err(StoreError::DatasetExists(name));
        }
        self.datasets.insert(name, Dataset::new(definition));
        Ok(())
    }

    /// Drops rows and links of a dataset and keeps its definition.
    pub(crate) fn clear(&mut self, name: &DatasetName) -> Result<(), StoreError> {
        self.find_mut(name)?.clear();
        self.links.retain(|link| !link.touches(name));
        Ok(())
    }

    /// Drops a dataset with its links.
    pub(crate) fn remove(&mut self, name: &DatasetName) -> Result<(), StoreError> {
        match self.datasets.remove(name) {
            None => Err(StoreError::NoSuchDataset(name.clone())),
            Some(_) => {
                self.links.retain(|link| !link.touches(name));
                Ok(())
            }
        }
    }

    /// Drops every dataset of a namespace.
    pub(crate) fn remove_namespace(&mut self, namespace: &str) -> Result<(), StoreError> {
        let names: Vec<DatasetName> = self.in_namespace(namespace).map(|(name, _)| name.clone()).collect();
        if names.is_empty() {
            return Err(StoreError::NoSuchNamespace(namespace.to_owned()));
        }
        names.iter().try_for_each(|name| self.remove(name))
    }

    /// Gives a dataset another name in its namespace. Links follow.
    pub(crate) fn rename(&mut self, name: &DatasetName, to: &str) -> Result<(), StoreError> {
        let target = DatasetName::new(name.namespace.clone(), to);
        if target == *name {
            return self.find(name).map(|_| ());
        }
        if self.datasets.contains_key(&target) {
            return Err(StoreError::DatasetExists(target));
        }
        self.relocate(name, target)
    }

    /// Gives a namespace another name. Links follow.
    pub(crate) fn rename_namespace(&mut self, namespace: &str, to: &str) -> Result<(), StoreError> {
        let names: Vec<DatasetName> = self.in_namespace(namespace).map(|(name, _)| name.clone()).collect();
        if names.is_empty() {
            return Err(StoreError::NoSuchNamespace(namespace.to_owned()));
        }
        if namespace == to {
            return Ok(());
        }
        if self.in_namespace(to).next().is_some() {
            return Err(StoreError::NamespaceExists(to.to_owned()));
        }
        names.iter().try_for_each(|name| self.relocate(name, DatasetName::new(to, name.name.clone())))
    }

    fn relocate(&mut self, name: &DatasetName, target: DatasetName) -> Result<(), StoreError> {
        let dataset = self.datasets.remove(name).ok_or_else(|| StoreError::NoSuchDataset(name.clone()))?;
        for end in self.links.iter_mut().flat_map(|link| [&mut link.from, &mut link.to]) {
            if end.dataset == *name {
                end.dataset = target.clone();
            }
        }
        self.datasets.insert(target, dataset);
        Ok(())
    }

    /// Adds a link. False when it was there already.
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
        if self.links.contains(&link) {
            return Ok(false);
        }
        self.links.push(link);
        Ok(true)
    }

    /// All links, oldest first.
    pub(crate) fn links(&self) -> &[Link] {
        &self.links
    }
}

#[cfg(test)]
mod tests;
