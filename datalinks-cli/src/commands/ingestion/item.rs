//! An ingestion in the output.

use datalinks::uploads::Ingestion;
use serde::Serialize;
use uuid::Uuid;

/// Columns of a table of ingestions.
pub(super) const COLUMNS: &[&str] =
    &["id", "name", "status", "processedRows", "processedBytes", "totalBytes", "message"];

/// An ingestion.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    id: Uuid,
    name: Option<String>,
    /// Status, as the service writes it.
    status: String,
    processed_rows: Option<i64>,
    processed_bytes: Option<i64>,
    total_bytes: Option<i64>,
    /// Details of the status.
    message: Option<String>,
    /// Ingestion that this one repeats.
    repeats: Option<Uuid>,
    last_retry_at: Option<String>,
    seen_at: Option<String>,
}

impl From<Ingestion> for Item {
    fn from(ingestion: Ingestion) -> Self {
        let attributes = ingestion.attributes.unwrap_or_default();
        Self {
            id: ingestion.id,
            name: attributes.name,
            status: ingestion.status,
            processed_rows: ingestion.processed_rows,
            processed_bytes: ingestion.processed_bytes,
            total_bytes: ingestion.expected_total_bytes,
            message: ingestion.status_message,
            repeats: attributes.original_ingestion_id,
            last_retry_at: attributes.last_retry_at.map(|time| time.to_rfc3339()),
            seen_at: attributes.seen_at.map(|time| time.to_rfc3339()),
        }
    }
}
