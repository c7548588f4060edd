//! The storage of uploaded parts, which takes the place of a bucket with presigned URLs.

mod content;
mod etag;
mod part_url;
mod persist;
mod put;
mod sizes;

use std::collections::BTreeMap;
use std::sync::Mutex;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use content::{FileContent, PartCount};
pub(crate) use part_url::{PartUrl, url};
pub(crate) use put::{expected_size, expired, put, rejection};
pub(crate) use sizes::{MAX_PARTS, sizes};

use crate::concurrency::lock::lock;
use crate::persistence::{Versioned, next_version};
use crate::runtime::{Ids, Kind};
use crate::store::DatasetName;

/// The purpose of an upload. Only the matching operation may finish it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Purpose {
    Dataset(DatasetName),
    File { session: Uuid, file: Uuid },
}

/// All uploads that were started and are neither finished nor aborted, by id.
#[derive(Debug, Default)]
pub(crate) struct Storage(Mutex<Versioned<Uploads>>);

/// Maximum number of recorded parts. Beyond it, a commit compares all parts.
const MAX_RECORDED: usize = 1_000;

#[derive(Debug, Default)]
struct Uploads {
    by_id: BTreeMap<String, Upload>,
    /// Version of the last change other than a new part, see [`next_version`].
    started_or_removed: u64,
    /// Parts received since, with their versions, the latest last.
    received: Vec<(u64, String, usize)>,
}

impl Uploads {
    /// Records that an upload was started or removed.
    fn record_change(&mut self) {
        self.started_or_removed = next_version();
        self.received.clear();
    }

    fn insert(&mut self, id: String, upload: Upload) {
        self.by_id.insert(id, upload);
        self.record_change();
    }

    fn remove(&mut self, id: &str) -> Option<Upload> {
        self.record_change();
        self.by_id.remove(id)
    }

    /// Records that a part was received.
    fn record_part(&mut self, upload_id: &str, number: usize) {
        if self.received.len() == MAX_RECORDED {
            self.record_change();
        } else {
            self.received.push((next_version(), upload_id.to_owned(), number));
        }
    }

    fn part(&self, upload_id: &str, number: usize) -> Option<&StoredPart> {
        self.by_id.get(upload_id)?.parts.get(number.checked_sub(1)?)
    }
}

#[derive(Debug)]
struct Upload {
    key: String,
    purpose: Purpose,
    /// Expiry time of the URLs, or `None` if they do not expire.
    expires_at: Option<DateTime<Utc>>,
    parts: Vec<StoredPart>,
}

#[derive(Debug)]
struct StoredPart {
    size: u64,
    stored: Option<Stored>,
}

#[derive(Debug)]
struct Stored {
    etag: String,
    content: Bytes,
}

/// The requirements on the content of a presigned URL.
#[derive(Debug)]
pub(super) struct Expected {
    /// Exact size of the part in bytes.
    pub(super) size: u64,
    pub(super) expires_at: Option<DateTime<Utc>>,
}

/// A started upload.
#[derive(Debug)]
pub(crate) struct StartedUpload {
    pub(crate) upload_id: String,
    pub(crate) key: String,
    /// Part of the URLs that is common to all parts. It authorizes writing.
    pub(crate) token: String,
    pub(crate) sizes: Vec<u64>,
}

/// The reason why an upload cannot be finished.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Unfinished {
    #[error("upload {0:?} does not exist; it may be finished or aborted")]
    NoUpload(String),
    #[error("the key is not the one of this upload; send the key from the response that prepared it")]
    OtherKey,
    #[error("part {number} was not uploaded; PUT it to its URL and send its ETag")]
    Missing { number: usize },
    #[error("part {number} is not in the list of parts; send all {of} of them, in order")]
    Unlisted { number: usize, of: usize },
    #[error("the list of parts has {given:?} at position {number}; send parts 1 to {of}, in order")]
    Misplaced { number: usize, given: i64, of: usize },
    #[error("part {number} has another ETag; send the one from the response to its PUT, without quotes")]
    OtherTag { number: usize },
}

impl Storage {
    /// Starts an upload with parts of these sizes.
    pub(crate) fn begin(
        &self,
        ids: &Ids,
        purpose: Purpose,
        filename: &str,
        sizes: Vec<u64>,
        expires_at: DateTime<Utc>,
    ) -> StartedUpload {
        let upload_id = ids.next(Kind::Upload).simple().to_string();
        let token = part_url::token(ids, &upload_id);
        let key = format!("uploads/{upload_id}/{filename}");
        let parts = sizes.iter().map(|&size| StoredPart { size, stored: None }).collect();
        let upload = Upload { key: key.clone(), purpose, expires_at: Some(expires_at), parts };
        lock(&self.0).insert(upload_id.clone(), upload);
        StartedUpload { upload_id, key, token, sizes }
    }

    /// Joins the parts and removes the upload. If the request does not match the upload, the upload stays as it is.
    pub(crate) fn finish(
        &self,
        upload_id: &str,
        key: &str,
        purpose: &Purpose,
        listed: &[(i64, String)],
    ) -> Result<FileContent, Unfinished> {
        let mut uploads = lock(&self.0);
        let upload = find(&uploads.by_id, upload_id, key, purpose)?;
        let content = upload.join(listed)?;
        uploads.remove(upload_id);
        Ok(content)
    }

    /// Removes an upload and its parts.
    pub(crate) fn abort(&self, upload_id: &str, key: &str, purpose: &Purpose) -> Result<(), Unfinished> {
        let mut uploads = lock(&self.0);
        find(&uploads.by_id, upload_id, key, purpose)?;
        uploads.remove(upload_id);
        Ok(())
    }

    /// Removes an upload if it exists.
    pub(crate) fn discard(&self, upload_id: &str) {
        lock(&self.0).remove(upload_id);
    }

    /// Returns the requirements on the content of a URL, or `None` if it does not belong to an upload.
    fn expected(&self, ids: &Ids, url: &PartUrl) -> Option<Expected> {
        let uploads = lock(&self.0);
        let upload = uploads.by_id.get(url.upload(ids)?)?;
        let part = upload.parts.get(url.number.checked_sub(1)?)?;
        Some(Expected { size: part.size, expires_at: upload.expires_at })
    }

    /// Stores a part with its ETag and replaces an earlier content. Returns `false` if the URL does not belong to an upload
    /// or the size differs.
    pub(crate) fn store(&self, ids: &Ids, url: &PartUrl, content: Bytes, etag: String) -> bool {
        let mut uploads = lock(&self.0);
        let Some(upload_id) = url.upload(ids) else { return false };
        let fits = |part: &StoredPart| part.size == content.len() as u64;
        if !uploads.part(upload_id, url.number).is_some_and(fits) {
            return false;
        }
        let uploads = &mut **uploads;
        let upload = uploads.by_id.get_mut(upload_id);
        if let Some(part) = upload.and_then(|upload| upload.parts.get_mut(url.number - 1)) {
            part.stored = Some(Stored { etag, content });
        }
        uploads.record_part(upload_id, url.number);
        true
    }
}

fn find<'a>(
    uploads: &'a BTreeMap<String, Upload>,
    upload_id: &str,
    key: &str,
    purpose: &Purpose,
) -> Result<&'a Upload, Unfinished> {
    let upload = uploads
        .get(upload_id)
        .filter(|upload| upload.purpose == *purpose)
        .ok_or_else(|| Unfinished::NoUpload(upload_id.to_owned()))?;
    if upload.key == key { Ok(upload) } else { Err(Unfinished::OtherKey) }
}

impl Upload {
    fn join(&self, listed: &[(i64, String)]) -> Result<FileContent, Unfinished> {
        let of = self.parts.len();
        let mut content = Vec::with_capacity(of);
        for (index, part) in self.parts.iter().enumerate() {
            let number = index + 1;
            let (given, etag) = listed.get(index).ok_or(Unfinished::Unlisted { number, of })?;
            if usize::try_from(*given) != Ok(number) {
                return Err(Unfinished::Misplaced { number, given: *given, of });
            }
            let stored = part.stored.as_ref().ok_or(Unfinished::Missing { number })?;
            if stored.etag != *etag {
                return Err(Unfinished::OtherTag { number });
            }
            content.push(stored.content.clone());
        }
        match listed.get(of) {
            Some((given, _)) => Err(Unfinished::Misplaced { number: of + 1, given: *given, of }),
            None => Ok(content.into_iter().collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upload_is_finished_with_all_parts_in_order_and_their_etags() {
        let (storage, ids) = (Storage::default(), Ids::new(0));
        let purpose = Purpose::Dataset(DatasetName::new("ana", "cinema", "films"));
        let started = storage.begin(&ids, purpose.clone(), "a.csv", vec![2, 1], DateTime::UNIX_EPOCH);
        let put = |number, content: &'static [u8]| {
            let (url, etag) = (PartUrl { token: started.token.clone(), number }, etag::of(content));
            let is_stored = storage.store(&ids, &url, Bytes::from_static(content), etag.clone());
            is_stored.then_some(etag)
        };
        let finish = |listed: &[(i64, &str)]| {
            let listed: Vec<_> = listed.iter().map(|(number, etag)| (*number, (*etag).to_owned())).collect();
            storage.finish(&started.upload_id, &started.key, &purpose, &listed)
        };
        let (second, first) = (put(2, b"c").unwrap(), put(1, b"ab").unwrap());
        assert_eq!(finish(&[(1, &first)]), Err(Unfinished::Unlisted { number: 2, of: 2 }));
        assert_eq!(
            finish(&[(2, &second), (1, &first)]),
            Err(Unfinished::Misplaced { number: 1, given: 2, of: 2 })
        );
        assert_eq!(finish(&[(1, &first), (2, &first)]), Err(Unfinished::OtherTag { number: 2 }));
        let three = [(1, &*first), (2, &*second), (3, "x")];
        assert_eq!(finish(&three), Err(Unfinished::Misplaced { number: 3, given: 3, of: 2 }));
        assert_eq!(finish(&[(1, &first), (2, &second)]).unwrap().joined(), "abc");
        assert!(matches!(finish(&[(1, &first), (2, &second)]), Err(Unfinished::NoUpload(_))));
        assert_eq!((put(1, b"ab"), put(0, b""), put(3, b"")), (None, None, None));
    }
}
