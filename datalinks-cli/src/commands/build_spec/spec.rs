//! Build specs as commands show them.

use datalinks::datasets::{BuildSpec, DatasetCoordinate};
use serde::Serialize;

/// A build spec. Datasets are USER/NAMESPACE/DATASET, and times are as the service writes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Spec {
    id: String,
    owner: String,
    version: i64,
    sources: Vec<String>,
    destinations: Vec<String>,
    created_at: String,
    updated_at: String,
    code: String,
}

impl Spec {
    pub(super) fn of(spec: BuildSpec) -> Self {
        Self {
            id: spec.id.to_string(),
            owner: spec.owner,
            version: spec.version,
            sources: spec.sources.iter().map(name).collect(),
            destinations: spec.destinations.iter().map(name).collect(),
            created_at: spec.created_at,
            updated_at: spec.updated_at,
            code: spec.code,
        }
    }
}

fn name(dataset: &DatasetCoordinate) -> String {
    format!("{}/{}/{}", dataset.owner, dataset.namespace, dataset.dataset)
}
