//! Prepared uploads: the parts of files, and the presigned URLs to which they are sent.

use datalinks_gen::{Row, Secret, api::types};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::types::{FromWire, deserialize_from_wire, from_wire};

/// A prepared upload: a presigned URL and an exact size for each part. The URLs are secrets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Upload {
    /// Id of the upload.
    pub upload_id: String,
    /// Key of the file in the storage.
    pub key: String,
    /// Size of a part in bytes. The last part may be smaller.
    pub part_size: i64,
    /// The parts in order (`presignedUrls`), at most 10,000.
    #[serde(rename = "presignedUrls")]
    pub parts: Vec<PresignedPart>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

/// A part of a file and the URL to which it is sent.
///
/// Everyone who has the URL may write to it. `Debug` does not show the URL, and `Serialize` writes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PresignedPart {
    /// URL for the PUT request with the part. The request carries no API key.
    pub url: Secret,
    /// Exact size of the part in bytes. In a session, the service calls this field `partSize`.
    pub size: i64,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

/// A new session, with the presigned URLs of the parts of each file. The URLs are secrets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PreparedSession {
    /// Id of the session.
    pub session_id: Uuid,
    /// The files of the session. The service does not document whether they are in the order of the request.
    pub files: Vec<PreparedFile>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

/// A file of a new session, with the presigned URLs of its parts. The URLs are secrets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PreparedFile {
    /// Id of the file in the session.
    pub file_id: Uuid,
    /// Name of the file.
    pub filename: String,
    /// Id of the upload in the storage.
    pub upload_id: String,
    /// Key of the file in the storage.
    pub key: String,
    /// Size of a part in bytes. The last part may be smaller.
    pub part_size: i64,
    /// The parts in order (`presignedUrls`).
    #[serde(rename = "presignedUrls", serialize_with = "parts_of_session")]
    pub parts: Vec<PresignedPart>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl Upload {
    /// Creates a prepared upload.
    pub fn new(
        upload_id: impl Into<String>,
        key: impl Into<String>,
        part_size: i64,
        parts: Vec<PresignedPart>,
    ) -> Self {
        Self { upload_id: upload_id.into(), key: key.into(), part_size, parts, extra: Row::new() }
    }
}

impl PresignedPart {
    /// Creates a part of this size in bytes.
    pub fn new(url: impl Into<Secret>, size: i64) -> Self {
        Self { url: url.into(), size, extra: Row::new() }
    }
}

impl PreparedSession {
    /// Creates a session of these files.
    pub fn new(session_id: Uuid, files: Vec<PreparedFile>) -> Self {
        Self { session_id, files, extra: Row::new() }
    }
}

impl PreparedFile {
    /// Creates a file of a session.
    pub fn new(
        file_id: Uuid,
        filename: impl Into<String>,
        upload_id: impl Into<String>,
        key: impl Into<String>,
        part_size: i64,
        parts: Vec<PresignedPart>,
    ) -> Self {
        Self {
            file_id,
            filename: filename.into(),
            upload_id: upload_id.into(),
            key: key.into(),
            part_size,
            parts,
            extra: Row::new(),
        }
    }
}

impl FromWire for Upload {
    type Wire = types::PrepareMultipartResponse;

    fn from_wire(wire: Self::Wire) -> Self {
        let types::PrepareMultipartResponse { key, part_size, presigned_urls, upload_id, extra } = wire;
        Self { upload_id, key, part_size, parts: FromWire::from_wire(presigned_urls), extra }
    }
}

from_wire! { PresignedPart = types::PresignedUrlItem { url, size, extra } }

from_wire! { PreparedSession = types::FileUploadPrepareSessionResponse {
    session_id: session_id.0, files: FromWire::from_wire(files), extra
} }

impl FromWire for PreparedFile {
    type Wire = types::FileUploadPrepareSessionResponseFileInfo;

    fn from_wire(wire: Self::Wire) -> Self {
        let types::FileUploadPrepareSessionResponseFileInfo {
            file_id,
            filename,
            key,
            part_size,
            presigned_urls,
            upload_id,
            extra,
        } = wire;
        let parts = presigned_urls.into_iter().map(part_of_session).collect();
        Self { file_id: file_id.0, filename, upload_id, key, part_size, parts, extra }
    }
}

deserialize_from_wire!(Upload, PreparedFile);

fn part_of_session(wire: types::FileUploadPrepareSessionResponsePresignedInfo) -> PresignedPart {
    let types::FileUploadPrepareSessionResponsePresignedInfo { part_size, url, extra } = wire;
    PresignedPart { url, size: part_size, extra }
}

/// Writes parts in the form that they have in a session.
fn parts_of_session<S: Serializer>(parts: &[PresignedPart], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Part<'a> {
        url: &'a Secret,
        part_size: i64,
        #[serde(flatten)]
        extra: &'a Row,
    }
    serializer.collect_seq(parts.iter().map(|part| {
        let PresignedPart { url, size, extra } = part;
        Part { url, part_size: *size, extra }
    }))
}
