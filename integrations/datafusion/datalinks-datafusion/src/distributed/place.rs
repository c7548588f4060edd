//! Names of datasets, with their host.

use datafusion::error::{DataFusionError, Result};
use datalinks::{DataLinks, Dataset};
use serde::{Deserialize, Serialize};

use crate::error::external;

/// The host, the namespace and the name of a dataset.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DatasetPlace {
    /// The base URL of the API, as in [`DataLinks::host`].
    pub host: String,
    /// The namespace.
    pub namespace: String,
    /// The name of the dataset.
    pub dataset: String,
}

impl DatasetPlace {
    pub(super) fn of(dataset: &Dataset) -> Self {
        Self {
            host: dataset.client().host().to_owned(),
            namespace: dataset.namespace().name().to_owned(),
            dataset: dataset.name().to_owned(),
        }
    }

    /// Returns the dataset of a client, which has to be one of the same host.
    pub(super) fn open(&self, client: &DataLinks) -> Result<Dataset> {
        if client.host() != self.host {
            return Err(DataFusionError::Plan(format!(
                "the plan is for {}, and the client sends to {}; nothing was sent; use a client of the host of the plan",
                self.host,
                client.host()
            )));
        }
        client.dataset(&self.namespace, &self.dataset).map_err(external)
    }
}
