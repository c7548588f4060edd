//! Datasets and namespaces in lists.

use datalinks_gen::{Row, api::types};
use serde::Serialize;

use super::create::Visibility;
use crate::types::from_wire;

/// A dataset in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DatasetSummary {
    /// User name of the owner.
    pub owner: String,
    /// Name of the namespace.
    pub namespace: String,
    /// Name of the dataset.
    pub name: String,
    /// The readers of the dataset. This field is obsolete: the service documents that all datasets are private.
    pub visibility: Visibility,
    /// The value of `owner` under the earlier name of that field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Namespace and name in one string. The service deprecated this field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_with_namespace: Option<String>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

/// A namespace in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NamespaceSummary {
    /// Owner of the namespace: an id or a user name, depending on the version of the service.
    pub owner: String,
    /// Name of the namespace.
    pub name: String,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl DatasetSummary {
    /// Creates the summary of a private dataset.
    pub fn new(owner: impl Into<String>, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            owner: owner.into(),
            namespace: namespace.into(),
            name: name.into(),
            visibility: Visibility::Private,
            user: None,
            name_with_namespace: None,
            extra: Row::new(),
        }
    }
}

impl NamespaceSummary {
    /// Creates the summary of a namespace.
    pub fn new(owner: impl Into<String>, name: impl Into<String>) -> Self {
        Self { owner: owner.into(), name: name.into(), extra: Row::new() }
    }
}

from_wire! { DatasetSummary = types::ApiDatasetDescription {
    owner, namespace, name, visibility, user, name_with_namespace, extra
} }

from_wire! { NamespaceSummary = types::ApiNamespace { owner, name, extra } }
