//! Where the parts of files go: what a bucket behind presigned URLs does.

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
pub(crate) use put::{expected_size, expired, put, refusal};
pub(crate) use sizes::{MOST_PARTS, sizes};

use crate::concurrency::lock::lock;
use crate::persistence::{Versioned, next_version};
use crate::runtime::{Ids, Kind};
use crate::store::DatasetName;

/// What an upload is for. Only the call that fits may finish it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Purpose {
    Dataset(DatasetName),
    File { session: Uuid, file: Uuid },
}

/// All uploads that were begun and neither finished nor given up, by id.
#[derive(Debug, Default)]
pub(crate) struct Storage(Mutex<Versioned<Uploads>>);

/// Maximum number of parts that are noted one by one before all are looked at.
const NOTED: usize = 1_000;

#[derive(Debug, Default)]
struct Uploads {
    by_id: BTreeMap<String, Upload>,
    /// When something else than a part came last, by the count of [`next_version`].
    begun_or_gone: u64,
    /// The parts that came since, and when, the latest last.
    came: Vec<(u64, String, usize)>,
}

impl Uploads {
    /// Notes that an upload was begun, or is gone.
    fn note_change(&mut self) {
        self.begun_or_gone = next_version();
        self.came.clear();
    }

    fn insert(&mut self, id: String, upload: Upload) {
        self.by_id.insert(id, upload);
        self.note_change();
    }

    fn remove(&mut self, id: &str) -> Option<Upload> {
        self.note_change();
        self.by_id.remove(id)
    }

    /// Notes that a part came.
    fn note_part(&mut self, upload_id: &str, number: usize) {
        if self.came.len() == NOTED {
            self.note_change();
        } else {
            self.came.push((next_version(), upload_id.to_owned(), number));
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
    /// When its URLs expire. `None`: never, as in a state that was kept before they did.
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

/// What may go to a place.
#[derive(Debug)]
pub(super) struct Expected {
    /// The exact size of the part.
    pub(super) size: u64,
    pub(super) expires_at: Option<DateTime<Utc>>,
}

/// A new upload.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) upload_id: String,
    pub(crate) key: String,
    /// What its URLs have in common. Whoever knows it may write.
    pub(crate) token: String,
    pub(crate) sizes: Vec<u64>,
}

/// Why parts do not make a file.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Unfinished {
    #[error("there is no upload {0:?} here; it was finished or given up, or never begun")]
    NoUpload(String),
    #[error("the key is not the one of this upload; send the key that its preparation answered")]
    OtherKey,
    #[error("part {number} was not uploaded; PUT it to its URL and send its ETag")]
    Missing { number: usize },
    #[error("part {number} is not in the list of parts; send all {of} of them, in order")]
    Unlisted { number: usize, of: usize },
    #[error("the list of parts has {given:?} in place {number}; send parts 1 to {of}, in order")]
    Misplaced { number: usize, given: i64, of: usize },
    #[error("part {number} has another ETag; send the one that its PUT answered, without quotes")]
    OtherTag { number: usize },
}

impl Storage {
    /// Begins an upload whose parts have these sizes. Its URLs expire at a moment.
    pub(crate) fn begin(
        &self,
        ids: &Ids,
        purpose: Purpose,
        filename: &str,
        sizes: Vec<u64>,
        expires_at: DateTime<Utc>,
    ) -> Begun {
        let upload_id = ids.next(Kind::Upload).simple().to_string();
        let token = part_url::token(ids, &upload_id);
        let key = format!("uploads/{upload_id}/{filename}");
        let parts = sizes.iter().map(|&size| StoredPart { size, stored: None }).collect();
        let upload = Upload { key: key.clone(), purpose, expires_at: Some(expires_at), parts };
        lock(&self.0).insert(upload_id.clone(), upload);
        Begun { upload_id, key, token, sizes }
    }

    /// Joins the parts and forgets the upload. An upload that does not fit stays as it is.
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

    /// Forgets an upload and its parts.
    pub(crate) fn abort(&self, upload_id: &str, key: &str, purpose: &Purpose) -> Result<(), Unfinished> {
        let mut uploads = lock(&self.0);
        find(&uploads.by_id, upload_id, key, purpose)?;
        uploads.remove(upload_id);
        Ok(())
    }

    /// Forgets an upload, if it is still there.
    pub(crate) fn discard(&self, upload_id: &str) {
        lock(&self.0).remove(upload_id);
    }

    /// The part that goes to a place. `None`: nothing goes there (any more).
    fn expected(&self, ids: &Ids, place: &PartUrl) -> Option<Expected> {
        let uploads = lock(&self.0);
        let upload = uploads.by_id.get(place.upload(ids)?)?;
        let part = upload.parts.get(place.number.checked_sub(1)?)?;
        Some(Expected { size: part.size, expires_at: upload.expires_at })
    }

    /// Keeps a part with its ETag. A part that comes again replaces the one before. False: nothing of this size goes
    /// there (any more).
    pub(crate) fn keep(&self, ids: &Ids, place: &PartUrl, content: Bytes, etag: String) -> bool {
        let mut uploads = lock(&self.0);
        let Some(upload_id) = place.upload(ids) else { return false };
        let fits = |part: &StoredPart| part.size == content.len() as u64;
        if !uploads.part(upload_id, place.number).is_some_and(fits) {
            return false;
        }
        let uploads = &mut **uploads;
        let upload = uploads.by_id.get_mut(upload_id);
        if let Some(part) = upload.and_then(|upload| upload.parts.get_mut(place.number - 1)) {
            part.stored = Some(Stored { etag, content });
        }
        uploads.note_part(upload_id, place.number);
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
    fn parts_make_a_file_when_all_are_there_in_order_with_their_tags() {
        let (storage, ids) = (Storage::default(), Ids::new(0));
        let purpose = Purpose::Dataset(DatasetName::new("ana", "cinema", "films"));
        let begun = storage.begin(&ids, purpose.clone(), "a.csv", vec![2, 1], DateTime::UNIX_EPOCH);
        let put = |number, content: &'static [u8]| {
            let (place, etag) = (PartUrl { token: begun.token.clone(), number }, etag::of(content));
            let kept = storage.keep(&ids, &place, Bytes::from_static(content), etag.clone());
            kept.then_some(etag)
        };
        let finish = |listed: &[(i64, &str)]| {
            let listed: Vec<_> = listed.iter().map(|(number, etag)| (*number, (*etag).to_owned())).collect();
            storage.finish(&begun.upload_id, &begun.key, &purpose, &listed)
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
