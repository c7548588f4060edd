//! Why the store refuses something.

use super::{DatasetName, Namespace};
use crate::response::Problem;

/// Why the store refused something.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("there is no dataset {0}; create it first, and mind that letter case counts in paths")]
    NoSuchDataset(DatasetName),
    #[error("there is no namespace {0}; a namespace exists as long as it has a dataset")]
    NoSuchNamespace(Namespace),
    #[error("the dataset {0} exists already; choose another name or go on with it")]
    DatasetExists(DatasetName),
    #[error("the namespace {0} exists already; choose another name")]
    NamespaceExists(Namespace),
    #[error(
        "the namespace {namespace} has {datasets} datasets and was not deleted; delete them first, or add ?deleteDatasets=true"
    )]
    NamespaceNotEmpty { namespace: Namespace, datasets: usize },
    #[error("the dataset {dataset} has no column {column}; its columns are {}", list(.columns))]
    NoSuchColumn { dataset: DatasetName, column: String, columns: Vec<String> },
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none yet: ingest rows first".to_owned() } else { names.join(", ") }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DatasetExists(_)
            | StoreError::NamespaceExists(_)
            | StoreError::NamespaceNotEmpty { .. } => Self::conflict(error.to_string()),
            StoreError::NoSuchDataset(_)
            | StoreError::NoSuchNamespace(_)
            | StoreError::NoSuchColumn { .. } => Self::not_found(error.to_string()),
        }
    }
}
