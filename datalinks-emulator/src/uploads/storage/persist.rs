//! Persistence of uploads: one file with all uploads, and a file for each received part.

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Purpose, Storage, Stored, StoredPart, Upload, Uploads, etag};
use crate::concurrency::lock::lock;
use crate::persistence::{
    Change, Files, Persist, Sink, Unreadable, Versioned, next_version, once, save_lines, uuid,
};

const PATH: &str = "uploads.ndjson";

/// An upload as it is persisted. A part was received if its file exists.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredUpload {
    id: String,
    key: String,
    purpose: Purpose,
    sizes: Vec<u64>,
    #[serde(default, rename = "expiresAt", skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
}

fn path(upload_id: &str, number: usize) -> String {
    format!("uploads/{upload_id}/{number}.part")
}

impl Persist for Storage {
    fn changed(&self) -> u64 {
        Versioned::changed(&lock(&self.0))
    }

    fn save(&self, sink: &mut dyn Sink) {
        let uploads = lock(&self.0);
        let lines = uploads.by_id.iter().map(|(id, upload)| StoredUpload {
            id: id.clone(),
            key: upload.key.clone(),
            purpose: upload.purpose.clone(),
            sizes: upload.parts.iter().map(|part| part.size).collect(),
            expires_at: upload.expires_at,
        });
        save_lines(sink, PATH, lines);
        for (id, upload) in &uploads.by_id {
            for (number, part) in (1..).zip(&upload.parts) {
                if let Some(stored) = &part.stored {
                    sink.file(path(id, number), stored.content.clone());
                }
            }
        }
    }

    fn written_since(&self, changed: u64) -> Option<Vec<(String, Bytes)>> {
        let uploads = lock(&self.0);
        if uploads.started_or_removed > changed {
            return None;
        }
        let received = uploads.received.iter().rev().take_while(|(version, ..)| *version > changed);
        let files = received.filter_map(|(_, id, number)| {
            let stored = uploads.part(id, *number)?.stored.as_ref()?;
            Some((path(id, *number), stored.content.clone()))
        });
        Some(files.collect())
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let mut uploads: Vec<(String, Upload)> = Vec::new();
        for stored in files.take_lines::<StoredUpload>(PATH)? {
            // The id is part of file names.
            let id = uuid(PATH, &stored.id)?.simple().to_string();
            let mut parts = Vec::with_capacity(stored.sizes.len());
            for (number, &size) in (1..).zip(&stored.sizes) {
                let path = path(&id, number);
                let content = files.take(&path)?;
                if let Some(content) = content.as_ref().filter(|content| content.len() as u64 != size) {
                    let reason =
                        format!("has {} bytes instead of {size}; restore or remove the file", content.len());
                    return Err(Unreadable::new(path, reason));
                }
                let stored = content.map(|content| Stored { etag: etag::of(&content), content });
                parts.push(StoredPart { size, stored });
            }
            let StoredUpload { id: _, key, purpose, expires_at, sizes: _ } = stored;
            uploads.push((id, Upload { key, purpose, expires_at, parts }));
        }
        let by_id: BTreeMap<String, Upload> = once(PATH, uploads)?;
        Ok(Box::new(move || {
            // The version is taken here, because other uploads may be written to the directory before this runs.
            **lock(&self.0) = Uploads { by_id, started_or_removed: next_version(), received: Vec::new() };
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use uuid::Uuid;

    use super::super::{PartUrl, StartedUpload};
    use super::*;
    use crate::concurrency::work::tests::assert_proportional;
    use crate::persistence::{DataDir, PersistedState, StateStore};
    use crate::runtime::Ids;
    use crate::uploads::sessions::{File, Sessions};

    /// Uploads and sessions in a data directory.
    #[derive(Default)]
    struct World {
        storage: Storage,
        sessions: Sessions,
        state_store: StateStore,
    }

    impl PersistedState for World {
        fn parts(&self) -> Vec<&dyn Persist> {
            vec![&self.storage, &self.sessions]
        }

        fn replaced(&self) {}
    }

    fn purpose() -> Purpose {
        Purpose::File { session: Uuid::from_u128(1), file: Uuid::from_u128(2) }
    }

    impl World {
        fn open(root: &Path) -> Self {
            let world = Self::default();
            world.state_store.open(&world, DataDir::open(root, false).unwrap()).unwrap();
            world
        }

        fn transaction<T>(&self, act: impl FnOnce() -> T) -> T {
            self.state_store.transaction(self, act).unwrap()
        }

        /// Starts the upload of a file in parts of one byte.
        fn begin(&self, ids: &Ids, parts: usize) -> StartedUpload {
            let sizes = vec![1; parts];
            self.transaction(|| self.storage.begin(ids, purpose(), "a.csv", sizes, DateTime::UNIX_EPOCH))
        }

        fn put(&self, ids: &Ids, begun: &StartedUpload, number: usize) {
            let url = PartUrl { token: begun.token.clone(), number };
            let content = Bytes::from(vec![u8::try_from(number % 256).unwrap()]);
            assert!(self.transaction(|| self.storage.store(ids, &url, content, format!("tag {number}"))));
        }

        fn finish(&self, begun: &StartedUpload, parts: usize) {
            let listed: Vec<_> =
                (1..=parts).map(|number| (i64::try_from(number).unwrap(), format!("tag {number}"))).collect();
            let Purpose::File { session, file } = purpose() else { panic!("not the upload of a file") };
            self.transaction(|| {
                let content = self.storage.finish(&begun.upload_id, &begun.key, &purpose(), &listed).unwrap();
                let (name, upload_id, key) = ("a.csv".into(), begun.upload_id.clone(), begun.key.clone());
                let own = File { id: file, name, size: parts as u64, upload_id, key, content: Some(content) };
                self.sessions.begin(session, "ana".into(), vec![own]);
            });
        }

        fn export(&self) -> String {
            String::from_utf8(self.state_store.export(self).unwrap()).unwrap()
        }
    }

    #[test]
    fn many_parts_take_steps_in_proportion() {
        assert_proportional(100, |parts| {
            let (root, ids) = (tempfile::tempdir().unwrap(), Ids::new(0));
            let world = World::open(root.path());
            let begun = world.begin(&ids, parts);
            (1..=parts).for_each(|number| world.put(&ids, &begun, number));
            let exported = world.export();
            drop(world);
            assert_eq!(World::open(root.path()).export(), exported, "all parts are stored");
        });
    }

    #[test]
    fn recorded_parts_are_limited_without_a_data_directory() {
        let (world, ids) = (World::default(), Ids::new(0));
        let begun = world.begin(&ids, 2);
        (0..2 * crate::uploads::storage::MAX_RECORDED)
            .for_each(|number| world.put(&ids, &begun, 1 + number % 2));
        assert!(lock(&world.storage.0).received.len() <= crate::uploads::storage::MAX_RECORDED);
    }

    #[test]
    fn repeated_part_replaces_its_file() {
        let (root, ids) = (tempfile::tempdir().unwrap(), Ids::new(0));
        let world = World::open(root.path());
        let begun = world.begin(&ids, 300);
        for number in [1, 257, 1] {
            world.put(&ids, &begun, number);
        }
        let url = PartUrl { token: begun.token.clone(), number: 1 };
        world.transaction(|| world.storage.store(&ids, &url, Bytes::from_static(b"x"), "tag".into()));
        let exported = world.export();
        drop(world);
        assert_eq!(World::open(root.path()).export(), exported);
    }

    #[test]
    fn restored_uploads_replace_parts_received_meanwhile() {
        let (root, ids) = (tempfile::tempdir().unwrap(), Ids::new(0));
        let world = World::open(root.path());
        let begun = world.begin(&ids, 2);
        let exported = world.export();
        let new = world.state_store.read(&world, exported.as_bytes()).unwrap();
        world.put(&ids, &begun, 1);
        world.state_store.replace(&world, new).unwrap();
        assert_eq!(world.export(), exported);
        drop(world);
        assert_eq!(World::open(root.path()).export(), exported, "the part received meanwhile is gone");
    }

    #[test]
    fn finishing_an_upload_writes_no_content() {
        for parts in [1, 3] {
            let (root, ids) = (tempfile::tempdir().unwrap(), Ids::new(0));
            let world = World::open(root.path());
            let begun = world.begin(&ids, parts);
            (1..=parts).for_each(|number| world.put(&ids, &begun, number));
            // A marker in each file shows whether the file is renamed or written again.
            for number in 1..=parts {
                let path = root.path().join(super::path(&begun.upload_id, number));
                std::fs::write(path, [b'a' + u8::try_from(number).unwrap()]).unwrap();
            }
            world.finish(&begun, parts);
            drop(world);
            let world = World::open(root.path());
            let content = world.sessions.content(&begun.key).unwrap().joined();
            assert_eq!(content, b"bcd"[..parts], "the files are renamed");
            assert!(!root.path().join("uploads").exists());
        }
    }
}
