//! Upload sessions, which take several files. The service does not document what reads the files afterwards, so they
//! are only kept.

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
    /// Nothing until the file is finished.
    pub(crate) content: Option<FileContent>,
}

/// How a session or a file of it stands.
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

    /// A session as it stands.
    pub(crate) fn find(&self, id: Uuid) -> Option<Session> {
        lock(&self.0).get(&id).cloned()
    }

    /// Keeps the content of a file and says how the session stands then.
    pub(crate) fn finish_file(&self, id: Uuid, file: Uuid, content: FileContent) -> Option<Status> {
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

    /// The name and the content of a finished file of a user, by its key.
    pub(crate) fn file_of(&self, owner: &str, key: &str) -> Option<(String, FileContent)> {
        let sessions = lock(&self.0);
        let own = sessions.values().filter(|session| session.owner == owner);
        let file = own.flat_map(|session| &session.files).find(|file| file.key == key)?;
        Some((file.name.clone(), file.content.clone()?))
    }

    /// The content of a finished file, by its key.
    pub(crate) fn content(&self, key: &str) -> Option<FileContent> {
        let sessions = lock(&self.0);
        let mut files = sessions.values().flat_map(|session| &session.files);
        files.find(|file| file.key == key)?.content.clone()
    }
}

const PATH: &str = "sessions.ndjson";

/// A session as it is kept. The content of a finished file is beside it.
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
    /// The number of files that hold its content.
    #[serde(default, skip_serializing_if = "PartCount::is_one")]
    parts: PartCount,
}

/// Where the content of a file is, without the ending.
fn path(session: Uuid, file: Uuid) -> String {
    format!("sessions/{session}/{file}")
}

impl Persist for Sessions {
    fn changed(&self) -> u64 {
        Versioned::changed(&lock(&self.0))
    }

    fn save(&self, sink: &mut dyn Sink) {
        let sessions = lock(&self.0);
        let kept = |file: &File| StoredFile {
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
            files: session.files.iter().map(kept).collect(),
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
        for kept in files.take_lines::<StoredSession>(PATH)? {
            let mut own = Vec::with_capacity(kept.files.len());
            for file in kept.files {
                let load = |_| FileContent::load(&path(kept.id, file.id), file.parts, files);
                let content = file.finished.then_some(()).map(load).transpose()?;
                let StoredFile { id, name, size, upload_id, key, finished: _, parts: _ } = file;
                let upload_id = uuid(PATH, &upload_id)?.simple().to_string();
                own.push(File { id, name, size, upload_id, key, content });
            }
            sessions.push((kept.id, Session { owner: kept.owner, status: kept.status, files: own }));
        }
        let sessions: BTreeMap<Uuid, Session> = once(PATH, sessions)?;
        Ok(Box::new(move || **lock(&self.0) = sessions))
    }
}
