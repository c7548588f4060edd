//! Files of an upload session.

use datalinks_gen::{Row, api::types};
use serde::Serialize;
use uuid::Uuid;

use crate::types::from_wire;

/// The status of a file of an upload session.
pub use datalinks_gen::enums::UploadFileStatus;
/// The status of an upload session.
pub use datalinks_gen::enums::UploadSessionStatus as SessionStatus;

/// A file of a session and its storage location.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SessionFile {
    /// Id of the file in the session.
    pub file_id: Uuid,
    /// Name of the file.
    pub filename: String,
    /// Size of the file in bytes.
    pub file_size: i64,
    /// Bucket of the file.
    #[serde(rename = "s3Bucket")]
    pub s3_bucket: String,
    /// Key of the file in the bucket.
    #[serde(rename = "s3Key")]
    pub s3_key: String,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

/// The status of a file and of its session after the file was finished.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FinishedFile {
    /// Id of the session.
    pub session_id: Uuid,
    /// Status of the session.
    pub session_status: SessionStatus,
    /// Id of the file in the session.
    pub file_id: Uuid,
    /// Status of the file.
    pub file_status: UploadFileStatus,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl SessionFile {
    /// Creates a file of a session.
    pub fn new(
        file_id: Uuid,
        filename: impl Into<String>,
        file_size: i64,
        s3_bucket: impl Into<String>,
        s3_key: impl Into<String>,
    ) -> Self {
        Self {
            file_id,
            filename: filename.into(),
            file_size,
            s3_bucket: s3_bucket.into(),
            s3_key: s3_key.into(),
            extra: Row::new(),
        }
    }
}

impl FinishedFile {
    /// Creates the status of a finished file.
    pub fn new(
        session_id: Uuid,
        session_status: SessionStatus,
        file_id: Uuid,
        file_status: UploadFileStatus,
    ) -> Self {
        Self { session_id, session_status, file_id, file_status, extra: Row::new() }
    }
}

from_wire! { SessionFile = types::ListSessionFilesResponseFileInfo {
    file_id: file_id.0, filename, file_size, s3_bucket, s3_key, extra
} }

from_wire! { FinishedFile = types::FinishFileUploadResponse {
    session_id: session_id.0, session_status, file_id: file_id.0, file_status, extra
} }
