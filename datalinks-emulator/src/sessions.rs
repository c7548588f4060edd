//! Sessions that take several files. What reads the files afterwards is not public, so they are kept and
//! nothing else.

use std::collections::HashMap;
use std::sync::Mutex;

use bytes::Bytes;
use serde::Serialize;
use uuid::Uuid;

use crate::lock::lock;

/// All sessions, by id.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<Uuid, Session>>);

/// One session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) owner: String,
    pub(crate) status: Status,
    pub(crate) files: Vec<File>,
}

/// One file of a session.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) upload_id: String,
    pub(crate) key: String,
    /// Nothing until the file is finished.
    pub(crate) content: Option<Bytes>,
}

/// How a session or a file of it stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Preparing,
    Completed,
    Aborted,
}

impl Sessions {
    pub(crate) fn begin(&self, id: Uuid, owner: String, files: Vec<File>) {
        lock(&self.0).insert(id, Session { owner, status: Status::Preparing, files });
    }

    /// A session as it stands.
    pub(crate) fn find(&self, id: Uuid) -> Option<Session> {
        lock(&self.0).get(&id).cloned()
    }

    /// Keeps the content of a file and says how the session stands then.
    pub(crate) fn finish_file(&self, id: Uuid, file: Uuid, content: Bytes) -> Option<Status> {
        let mut sessions = lock(&self.0);
        let session = sessions.get_mut(&id)?;
        session.files.iter_mut().find(|own| own.id == file)?.content = Some(content);
        if session.files.iter().all(|own| own.content.is_some()) {
            session.status = Status::Completed;
        }
        Some(session.status)
    }

    /// Gives a session up and its files too. One that is no longer preparing stays, and its status comes back.
    pub(crate) fn abort(&self, id: Uuid) -> Option<Result<Vec<File>, Status>> {
        let mut sessions = lock(&self.0);
        let session = sessions.get_mut(&id)?;
        if session.status != Status::Preparing {
            return Some(Err(session.status));
        }
        session.status = Status::Aborted;
        Some(Ok(std::mem::take(&mut session.files)))
    }

    /// The content of a finished file, by its key.
    pub(crate) fn content(&self, key: &str) -> Option<Bytes> {
        let sessions = lock(&self.0);
        let mut files = sessions.values().flat_map(|session| &session.files);
        files.find(|file| file.key == key)?.content.clone()
    }
}
