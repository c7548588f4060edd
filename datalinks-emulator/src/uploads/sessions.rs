//! Upload sessions, which consist of several files. The service does not document what reads the files afterwards, so they
//! are only stored.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::storage::{FileContent, PartCount};
use crate::concurrency::lock::lock;
use crate::persistence::{Change, Files, Persist, Sink, Unreadable, Versioned, once, save_lines, uuid};

/// All sessions, by id.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<Versioned<BTreeMap<Uuid, Session>>>);

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
    /// Content, or `None` until the file is finished.
    pub(crate) content: Option<FileContent>,
}

/// The state of a session.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
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

    /// Returns a session, or `None` if it does not exist.
    pub(crate) fn find(&self, id: Uuid) -> Option<Session> {
        lock(&self.0).get(&id).cloned()
    }

    /// Stores the content of a file and returns the new status of the session, or `None` if the file does not exist.
    pub(crate) fn finish_file(&self, id: Uuid, file: Uuid, content: FileContent) -> Option<Status> {
        let mut sessions = lock(&self.0);
        let session = sessions.get_mut(&id)?;
        session.files.iter_mut().find(|own| own.id == file)?.content = Some(content);
        if session.files.iter().all(|own| own.content.is_some()) {
            session.status = Status::Completed;
        }
        Some(session.status)
    }

    /// Aborts a session and returns its files. Fails with the status if the session is completed or aborted.
    pub(crate) fn abort(&self, id: Uuid) -> Option<Result<Vec<File>, Status>> {
        let mut sessions = lock(&self.0);
        let session = sessions.get_mut(&id)?;
        if session.status != Status::Preparing {
            return Some(Err(session.status));
        }
        session.status = Status::Aborted;
        Some(Ok(std::mem::take(&mut session.files)))
    }

    /// Returns the name and the content of a user's finished file with a key.
    pub(crate) fn file_of(&self, owner: &str, key: &str) -> Option<(String, FileContent)> {
        let sessions = lock(&self.0);
        let own = sessions.values().filter(|session| session.owner == owner);
        let file = own.flat_map(|session| &session.files).find(|file| file.key == key)?;
        Some((file.name.clone(), file.content.clone()?))
    }

    /// Returns the content of a finished file with a key.
    pub(crate) fn content(&self, key: &str) -> Option<FileContent> {
        let sessions = lock(&self.0);
        let mut files = sessions.values().flat_map(|session| &session.files);
        files.find(|file| file.key == key)?.content.clone()
    }
}

const PATH: &str = "sessions.ndjson";

/// A session as it is persisted. The contents of finished files are in separate files.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredSession {
    id: Uuid,
    owner: String,
    status: Status,
    files: Vec<StoredFile>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct StoredFile {
    id: Uuid,
    name: String,
    size: u64,
    upload_id: String,
    key: String,
    finished: bool,
    /// Number of files that contain its content.
    #[serde(default, skip_serializing_if = "PartCount::is_one")]
    parts: PartCount,
}

/// Returns the path of the content of a file, without its extension.
fn path(session: Uuid, file: Uuid) -> String {
    format!("sessions/{session}/{file}")
}

impl Persist for Sessions {
    fn changed(&self) -> u64 {
        Versioned::changed(&lock(&self.0))
    }

    fn save(&self, sink: &mut dyn Sink) {
        let sessions = lock(&self.0);
        let stored = |file: &File| StoredFile {
            id: file.id,
            name: file.name.clone(),
            size: file.size,
            upload_id: file.upload_id.clone(),
            key: file.key.clone(),
            finished: file.content.is_some(),
            parts: file.content.as_ref().map_or_else(PartCount::default, FileContent::parts),
        };
        let lines = sessions.iter().map(|(id, session)| StoredSession {
            id: *id,
            owner: session.owner.clone(),
            status: session.status,
            files: session.files.iter().map(stored).collect(),
        });
        save_lines(sink, PATH, lines);
        for (id, file) in
            sessions.iter().flat_map(|(id, session)| session.files.iter().map(move |file| (id, file)))
        {
            if let Some(content) = &file.content {
                content.save(&path(*id, file.id), sink);
            }
        }
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let mut sessions: Vec<(Uuid, Session)> = Vec::new();
        for stored in files.take_lines::<StoredSession>(PATH)? {
            let mut own = Vec::with_capacity(stored.files.len());
            for file in stored.files {
                let load = |_| FileContent::load(&path(stored.id, file.id), file.parts, files);
                let content = file.finished.then_some(()).map(load).transpose()?;
                let StoredFile { id, name, size, upload_id, key, finished: _, parts: _ } = file;
                let upload_id = uuid(PATH, &upload_id)?.simple().to_string();
                own.push(File { id, name, size, upload_id, key, content });
            }
            sessions.push((stored.id, Session { owner: stored.owner, status: stored.status, files: own }));
        }
        let sessions: BTreeMap<Uuid, Session> = once(PATH, sessions)?;
        Ok(Box::new(move || **lock(&self.0) = sessions))
    }
}
