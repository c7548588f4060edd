//! Errors of the store.

use super::{DatasetName, Namespace};
use crate::response::Problem;

/// The reason why an operation of the store failed.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("dataset {0} does not exist; create it first, or check the letter case, which matters in paths")]
    NoSuchDataset(DatasetName),
    #[error("namespace {0} does not exist; a namespace exists as long as it has a dataset")]
    NoSuchNamespace(Namespace),
    #[error("dataset {0} already exists; choose another name or use the existing dataset")]
    DatasetExists(DatasetName),
    #[error("namespace {0} already exists; choose another name")]
    NamespaceExists(Namespace),
    #[error(
        "namespace {namespace} has {datasets} datasets and was not deleted; delete them first, or add ?deleteDatasets=true"
    )]
    NamespaceNotEmpty { namespace: Namespace, datasets: usize },
    #[error("dataset {dataset} has no column {column}; its columns are {}", list(.columns))]
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
