//! Uploads as files: what was begun, and each part that came.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Part as UploadPart, Purpose, Storage, Stored, Upload, etag};
use crate::files::{Change, Files, Marked, Part, Sink, Unreadable, once, save_lines, uuid};
use crate::lock::lock;

const PATH: &str = "uploads.ndjson";

/// An upload as it is kept. That a part came is told by its file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Kept {
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

impl Part for Storage {
    fn changed(&self) -> u64 {
        Marked::changed(&lock(&self.0))
    }

    fn save(&self, sink: &mut dyn Sink) {
        let uploads = lock(&self.0);
        let lines = uploads.iter().map(|(id, upload)| Kept {
            id: id.clone(),
            key: upload.key.clone(),
            purpose: upload.purpose.clone(),
            sizes: upload.parts.iter().map(|part| part.size).collect(),
            expires_at: upload.expires_at,
        });
        save_lines(sink, PATH, lines);
        for (id, upload) in uploads.iter() {
            for (number, part) in (1..).zip(&upload.parts) {
                if let Some(stored) = &part.stored {
                    sink.file(path(id, number), stored.content.clone());
                }
            }
        }
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let mut uploads: Vec<(String, Upload)> = Vec::new();
        for kept in files.take_lines::<Kept>(PATH)? {
            // It is part of the names of files.
            let id = uuid(PATH, &kept.id)?.simple().to_string();
            let mut parts = Vec::with_capacity(kept.sizes.len());
            for (number, &size) in (1..).zip(&kept.sizes) {
                let path = path(&id, number);
                let content = files.take(&path)?;
                if let Some(content) = content.as_ref().filter(|content| content.len() as u64 != size) {
                    let reason = format!("has {} bytes and should have {size}", content.len());
                    return Err(Unreadable::new(path, reason));
                }
                let stored = content.map(|content| Stored { etag: etag::of(&content), content });
                parts.push(UploadPart { size, stored });
            }
            let Kept { id: _, key, purpose, expires_at, sizes: _ } = kept;
            uploads.push((id, Upload { key, purpose, expires_at, parts }));
        }
        let uploads: BTreeMap<String, Upload> = once(PATH, uploads)?;
        Ok(Box::new(move || **lock(&self.0) = uploads))
    }
}
