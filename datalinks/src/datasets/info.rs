//! Columns, number of rows and stored definition of a dataset.

use datalinks_gen::{Row, api::types};
use serde::Serialize;

use super::{schema::SchemaDefinition, summaries::DatasetSummary};
use crate::types::{FromWire, from_wire};

/// Names of a dataset, and its columns, number of rows and stored definition.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DatasetInfo {
    /// Names and owner of the dataset.
    pub dataset: DatasetSummary,
    /// Columns, number of rows and stored definition of the dataset.
    pub metadata: DatasetMetadata,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

/// Columns, number of rows and stored definition of a dataset.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DatasetMetadata {
    /// Names of the columns.
    pub column_names: Vec<String>,
    /// Number of rows in the dataset.
    pub row_count: i64,
    /// Description of the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_description: Option<String>,
    /// Descriptions of the fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_definition: Option<SchemaDefinition>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl DatasetInfo {
    /// Creates the information about a dataset.
    pub fn new(dataset: DatasetSummary, metadata: DatasetMetadata) -> Self {
        Self { dataset, metadata, extra: Row::new() }
    }
}

impl DatasetMetadata {
    /// Creates the metadata of a dataset without a stored definition.
    pub fn new<N: Into<String>>(column_names: impl IntoIterator<Item = N>, row_count: i64) -> Self {
        Self {
            column_names: column_names.into_iter().map(Into::into).collect(),
            row_count,
            data_description: None,
            schema_definition: None,
            extra: Row::new(),
        }
    }
}

from_wire! { DatasetInfo = types::DatasetResponse {
    dataset: FromWire::from_wire(dataset), metadata: FromWire::from_wire(metadata), extra
} }

from_wire! { DatasetMetadata = types::ApiDatasetMetadata {
    column_names,
    row_count,
    data_description: data_description.map(String::from),
    schema_definition: schema_definition.map(|types::SchemaDefinition(fields)| fields.into_iter().collect()),
    extra,
} }
