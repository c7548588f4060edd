//! Names of namespaces, datasets and columns.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A namespace of a user.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub(crate) struct Namespace {
    pub(crate) owner: String,
    #[serde(rename = "namespace")]
    pub(crate) name: String,
}

impl Namespace {
    pub(crate) fn new(owner: impl Into<String>, name: impl Into<String>) -> Self {
        Self { owner: owner.into(), name: name.into() }
    }

    /// Returns the name of a dataset of this namespace.
    pub(crate) fn dataset(&self, name: impl Into<String>) -> DatasetName {
        DatasetName::new(self.owner.clone(), self.name.clone(), name)
    }

    pub(crate) fn contains(&self, dataset: &DatasetName) -> bool {
        self.owner == dataset.owner && self.name == dataset.namespace
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The name of a dataset, unique in its namespace. `Display` omits the owner, as queries do.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub(crate) struct DatasetName {
    pub(crate) owner: String,
    pub(crate) namespace: String,
    #[serde(rename = "dataset")]
    pub(crate) name: String,
}

impl DatasetName {
    pub(crate) fn new(
        owner: impl Into<String>,
        namespace: impl Into<String>,
        name: impl Into<String>,
    ) -> Self {
        Self { owner: owner.into(), namespace: namespace.into(), name: name.into() }
    }

    pub(crate) fn space(&self) -> Namespace {
        Namespace::new(self.owner.clone(), self.namespace.clone())
    }

    /// Returns the name of a column of this dataset.
    pub(crate) fn column(&self, column: impl Into<String>) -> ColumnName {
        ColumnName { dataset: self.clone(), column: column.into() }
    }

    /// Returns the prefix of the identifiers of its columns.
    pub(crate) fn prefix(&self) -> String {
        let Self { owner, namespace, name } = self;
        format!("ri.{owner}.{namespace}.{name}.")
    }
}

impl fmt::Display for DatasetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// One column of one dataset.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Deserialize, Serialize)]
pub(crate) struct ColumnName {
    #[serde(flatten)]
    pub(crate) dataset: DatasetName,
    pub(crate) column: String,
}

impl ColumnName {
    /// Returns the dotted identifier of the column.
    pub(crate) fn identifier(&self) -> String {
        format!("{}{}", self.dataset.prefix(), self.column)
    }
}
