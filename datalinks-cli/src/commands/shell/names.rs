//! Names of datasets and columns, read from the service when they are first needed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use datalinks::DataLinks;
use tokio::runtime::Handle;

use super::completion::Source;
use crate::failure::{Failure, Result};
use crate::session::dataset_in;
use crate::settings::DatasetName;

/// Longest wait for names at a TAB.
const PATIENCE: Duration = Duration::from_secs(3);

/// Names that were read. Cheap to clone.
#[derive(Clone)]
pub(super) struct Names {
    client: DataLinks,
    /// Namespace of datasets that are given without one.
    namespace: Option<String>,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    datasets: Option<Vec<String>>,
    columns: HashMap<String, Vec<String>>,
}

impl Names {
    pub(super) fn new(client: DataLinks, namespace: Option<String>) -> Self {
        Self { client, namespace, known: Arc::default() }
    }

    /// Reads the names of the datasets.
    pub(super) async fn read_datasets(&self) -> Result<Vec<String>> {
        let listing = self.client.schema_datasets().await?;
        let names: Vec<String> =
            listing.items.into_iter().map(|item| format!("{}/{}", item.namespace, item.name)).collect();
        self.with(|known| known.datasets = Some(names.clone()));
        Ok(names)
    }

    /// Reads the names of the columns of a dataset.
    pub(super) async fn read_columns(&self, dataset: &str) -> Result<Vec<String>> {
        if dataset.is_empty() {
            return Err(Failure::usage("no dataset is given").next(".columns NAMESPACE/DATASET"));
        }
        let name: DatasetName = dataset.parse().map_err(|expected| {
            Failure::usage(format!("{dataset:?} is not the name of a dataset: {expected}"))
        })?;
        let Some(namespace) = name.namespace.as_ref().or(self.namespace.as_ref()) else {
            let what = format!("no namespace is given for {dataset}");
            return Err(Failure::usage(what).next(".columns NAMESPACE/DATASET"));
        };
        let info = dataset_in(self.client.namespace(namespace)?, &name)?.info().await?;
        let names = info.metadata.column_names;
        self.with(|known| known.columns.insert(dataset.to_owned(), names.clone()));
        Ok(names)
    }

    fn with<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The names for completion, on a thread that may wait.
pub(super) struct WaitingNames {
    pub(super) names: Names,
    pub(super) runtime: Handle,
}

impl WaitingNames {
    /// Waits for names. Without them, nothing is completed.
    fn wait(&self, read: impl Future<Output = Result<Vec<String>>>) -> Vec<String> {
        let read = async { tokio::time::timeout(PATIENCE, read).await };
        self.runtime.block_on(read).ok().and_then(Result::ok).unwrap_or_default()
    }
}

impl Source for WaitingNames {
    fn datasets(&self) -> Vec<String> {
        let known = self.names.with(|known| known.datasets.clone());
        known.unwrap_or_else(|| self.wait(self.names.read_datasets()))
    }

    fn columns(&self, dataset: &str) -> Vec<String> {
        let known = self.names.with(|known| known.columns.get(dataset).cloned());
        known.unwrap_or_else(|| self.wait(self.names.read_columns(dataset)))
    }
}
