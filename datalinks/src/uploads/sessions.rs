//! Upload sessions, which take several files. The service does not document what reads the files afterwards.

use datalinks_gen::api::types;
use serde::Serialize;
use uuid::Uuid;

use super::by_hand::{UploadedPart, bytes, checked};
use crate::{
    client::{DataLinks, uuid},
    error::Error,
    types::Rejected,
};

/// A new session, and where the parts of each file go. The URLs are secrets.
pub type PreparedSession = types::FileUploadPrepareSessionResponse;

/// The status of an upload session.
pub use datalinks_gen::enums::UploadSessionStatus as SessionStatus;

/// How a file and its session stand.
pub type FinishedFile = types::FinishFileUploadResponse;

/// A file of a session, and where it is kept.
pub type SessionFile = types::ListSessionFilesResponseFileInfo;

/// The files of a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SessionFiles {
    /// How the session stands.
    pub status: SessionStatus,
    /// The files.
    pub files: Vec<SessionFile>,
    /// Items that could not be understood: usually none.
    pub rejected: Vec<Rejected>,
}

impl SessionFiles {
    /// Creates the list of the files of a session, of which none is rejected.
    pub fn new(status: SessionStatus, files: Vec<SessionFile>) -> Self {
        Self { status, files, rejected: Vec::new() }
    }
}

/// A session by its id. Cheap to clone; making one sends nothing.
#[derive(Clone, Debug)]
pub struct UploadSession {
    client: DataLinks,
    id: Uuid,
}

impl DataLinks {
    /// Begins a session for files, each with its name and its size in bytes.
    ///
    /// # Errors
    ///
    /// As any call. It is not repeated after an ambiguous outcome: a session would be left that nobody aborts.
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
        call.finish(result)
    }

    /// A session that was begun before. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id is not a UUID.
    pub fn session(&self, id: impl ToString) -> Result<UploadSession, Error> {
        Ok(UploadSession { client: self.clone(), id: uuid("session id", &id.to_string())? })
    }
}

impl UploadSession {
    /// Returns the id of the session.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Its files, and where they are kept.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn files(&self) -> Result<SessionFiles, Error> {
        let call = self.client.call();
        let result = call.client().list_session_files(&self.id).await;
        let (list, rejected): (types::ListSessionFilesResponse, _) =
            call.finish_with_items::<_, SessionFile, _>(result, "files")?;
        Ok(SessionFiles { status: list.session_status, files: list.files, rejected })
    }

    /// Joins the parts of one file. When it was the last, the session is complete.
    ///
    /// # Errors
    ///
    /// When the parts are not 1, 2, 3 and so on, and as any call. It is not repeated after an ambiguous outcome.
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
        call.finish(result)
    }

    /// Gives it up; its parts are discarded.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn abort(&self) -> Result<SessionStatus, Error> {
        let call = self.client.call();
        let result = call.client().abort_file_upload(&self.id).await;
        call.finish(result).map(|answer| answer.session_status)
    }
}

crate::client::handle_options!(UploadSession, crate::client::DataLinks, client);
