//! One ingestion of an upload.

use chrono::{DateTime, Utc};
use datalinks_gen::{Row, api::types};
use serde::Serialize;
use uuid::Uuid;

use crate::types::{FromWire, from_wire};

/// One ingestion of an upload, with its status and its progress.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Ingestion {
    /// Id of the ingestion.
    pub id: Uuid,
    /// Status of the ingestion, a string. The service does not document its values.
    /// [`WaitOutcome`](super::WaitOutcome) distinguishes the final ones.
    pub status: String,
    /// Details of the status, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// Size of the upload in bytes.
    pub expected_total_bytes: Option<i64>,
    /// Number of bytes read so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processed_bytes: Option<i64>,
    /// Number of rows stored so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processed_rows: Option<i64>,
    /// Name of the ingestion, and what happened to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<IngestionAttributes>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

/// The name of an ingestion, and what happened to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IngestionAttributes {
    /// Name that was given when the upload was finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Id of the ingestion that this one repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_ingestion_id: Option<Uuid>,
    /// Time of the last retry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_retry_at: Option<DateTime<Utc>>,
    /// Time at which the user marked the ingestion as seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<DateTime<Utc>>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl Ingestion {
    /// Creates an ingestion without progress and attributes.
    pub fn new(id: Uuid, status: impl Into<String>) -> Self {
        Self {
            id,
            status: status.into(),
            status_message: None,
            expected_total_bytes: None,
            processed_bytes: None,
            processed_rows: None,
            attributes: None,
            extra: Row::new(),
        }
    }
}

impl IngestionAttributes {
    /// Creates attributes without any attribute set.
    pub fn new() -> Self {
        Self::default()
    }
}

from_wire! { Ingestion = types::ListIngestionsResponseDataItem {
    id,
    status,
    status_message,
    expected_total_bytes,
    processed_bytes,
    processed_rows,
    attributes: attributes.map(FromWire::from_wire),
    extra,
} }

from_wire! { IngestionAttributes = types::IngestionItemAttributes {
    name, original_ingestion_id, last_retry_at, seen_at, extra
} }
