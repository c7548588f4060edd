//! Upload sessions of several files. The service does not document which component reads these files.

use datalinks_gen::api::types;
use serde::Serialize;
use uuid::Uuid;

use super::{
    by_hand::{UploadedPart, bytes, checked},
    prepared::PreparedSession,
    session_files::{FinishedFile, SessionFile, SessionStatus},
};
use crate::{
    client::{DataLinks, uuid},
    error::Error,
    types::{FromWire as _, Rejected},
};

/// The files of a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SessionFiles {
    /// Status of the session.
    pub status: SessionStatus,
    /// The files.
    pub files: Vec<SessionFile>,
    /// Items that could not be decoded. Usually empty.
    pub rejected: Vec<Rejected>,
}

impl SessionFiles {
    /// Creates the files of a session without rejected items.
    pub fn new(status: SessionStatus, files: Vec<SessionFile>) -> Self {
        Self { status, files, rejected: Vec::new() }
    }
}

/// A handle to a session by its id. Cloning is cheap, and creating a handle sends nothing.
#[derive(Clone, Debug)]
pub struct UploadSession {
    client: DataLinks,
    id: Uuid,
}

impl DataLinks {
    /// Starts a session for files with these names and sizes in bytes.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if a size exceeds `i64::MAX`.
    ///
    /// The call is not retried after an ambiguous outcome, because it could leave a session whose id is not known.
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped after the request was sent, the outcome is
    /// ambiguous.
    pub async fn prepare_session<N: Into<String>>(
        &self,
        files: impl IntoIterator<Item = (N, u64)>,
    ) -> Result<PreparedSession, Error> {
        let file = |(name, size): (N, u64)| {
            Ok(types::FileUploadPrepareSessionRequestFileToUpload {
                filename: name.into(),
                size: bytes(size)?,
            })
        };
        let files = files.into_iter().map(file).collect::<Result<Vec<_>, Error>>()?;
        let body = types::FileUploadPrepareSessionRequest { files_to_upload: files };
        let call = self.call();
        let result = call.client().prepare_file_upload(&body).await;
        call.finish(result).map(PreparedSession::from_wire)
    }

    /// Returns a handle to an existing session. Sends nothing.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id is not a UUID.
    pub fn session(&self, id: impl ToString) -> Result<UploadSession, Error> {
        Ok(UploadSession { client: self.clone(), id: uuid("session id", &id.to_string())? })
    }
}

impl UploadSession {
    /// Returns the id of the session.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Returns the files of the session and their storage locations.
    ///
    /// # Errors
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request. This operation only reads.
    pub async fn files(&self) -> Result<SessionFiles, Error> {
        let call = self.client.call();
        let result = call.client().list_session_files(&self.id).await;
        let (list, rejected): (types::ListSessionFilesResponse, _) =
            call.finish_with_items::<_, SessionFile, _>(result, "files")?;
        Ok(SessionFiles { status: list.session_status, files: Vec::from_wire(list.files), rejected })
    }

    /// Joins the parts of one file. The session is complete after its last file.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the part numbers are not 1, 2, 3 and so on, or an
    ///   `ETag` is empty.
    ///
    /// The call is not retried after an ambiguous outcome. See also [errors of every
    /// call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped after the request was sent, the outcome is
    /// ambiguous.
    pub async fn finish_file(
        &self,
        file: Uuid,
        upload_id: impl Into<String>,
        key: impl Into<String>,
        parts: impl IntoIterator<Item = UploadedPart>,
    ) -> Result<FinishedFile, Error> {
        let part = |part: UploadedPart| types::FinishFileUploadRequestParts {
            part_number: part.number,
            etag: part.etag,
        };
        let parts = checked(parts.into_iter().collect())?.into_iter().map(part).collect();
        let body = types::FinishFileUploadRequest { upload_id: upload_id.into(), key: key.into(), parts };
        let call = self.client.call();
        let result = call.client().finish_file_upload(&self.id, &file, &body).await;
        call.finish(result).map(FinishedFile::from_wire)
    }

    /// Aborts the session. The service discards its parts.
    ///
    /// # Errors
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped after the request was sent, the outcome is
    /// ambiguous.
    pub async fn abort(&self) -> Result<SessionStatus, Error> {
        let call = self.client.call();
        let result = call.client().abort_file_upload(&self.id).await;
        call.finish(result).map(|response| response.session_status)
    }
}

crate::client::handle_options!(UploadSession, crate::client::DataLinks, client);
