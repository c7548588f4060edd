//! The present setting of an adaptive ingestion.

use serde::Serialize;

/// The limits that an adaptive ingestion applies at present, and the reason for the last change.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IngestSetting {
    /// Maximum number of requests in flight.
    pub concurrency: usize,
    /// Maximum number of rows per request. `0` means no maximum.
    pub batch_size: usize,
    /// Maximum number of encoded bytes per request.
    pub max_batch_bytes: usize,
    /// The reason for the last change.
    pub reason: SettingReason,
}

/// The reason for a change of an [`IngestSetting`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum SettingReason {
    /// Nothing has changed since the start.
    Start,
    /// The service did not slow down, so the limits grow.
    Growth,
    /// Responses take longer because requests wait at the service.
    Latency,
    /// The service rejected a request with 429 or 503.
    Rejected,
    /// The service failed, or did not respond.
    Failed,
    /// The service rejected a request as too large (413).
    TooLarge,
}
