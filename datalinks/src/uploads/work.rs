//! What is to be sent, and what has arrived.

use std::{collections::BTreeMap, sync::Arc};

use datalinks_gen::Secret;
use reqwest::Url;
use serde_json::Value;
use uuid::Uuid;

use super::{by_hand::UploadedPart, lifetime::Issued, local::LocalFile};
use crate::{
    client::config::is_loopback,
    error::{Error, ErrorKind},
};

/// All files of one upload or of one session.
pub(super) struct Work {
    pub(super) session: Option<Uuid>,
    /// When the URLs of its parts were made.
    pub(super) issued: Issued,
    pub(super) items: Vec<Item>,
}

/// One file, where its parts go, and how far it is.
pub(super) struct Item {
    /// Its id in the session.
    pub(super) id: Option<Uuid>,
    pub(super) file: Arc<LocalFile>,
    pub(super) upload_id: String,
    pub(super) key: String,
    pub(super) parts: Vec<Arc<Part>>,
    /// The tags of the parts that have arrived, by number.
    pub(super) tags: BTreeMap<usize, String>,
    /// Its finish was sent, and it is not known what became of that.
    pub(super) finishing: bool,
    /// What the service answered to its finish.
    pub(super) finished: Option<Value>,
}

/// One part of a file, and where it goes. It has no `Debug`: the URL is a secret.
pub(super) struct Part {
    pub(super) file: Arc<LocalFile>,
    /// The place of its file among the files.
    pub(super) item: usize,
    /// From 1.
    pub(super) number: usize,
    /// Parts of its file.
    pub(super) of: usize,
    pub(super) offset: u64,
    pub(super) size: u64,
    pub(super) url: Url,
}

/// A URL and a size, as the service answers them.
pub(super) type PartUrl = (Secret, i64);

impl Work {
    /// The parts that have not arrived, file by file.
    pub(super) fn missing(&self) -> Vec<Arc<Part>> {
        let missing = |item: &Item| {
            let missing = item.parts.iter().filter(|part| !item.tags.contains_key(&part.number));
            missing.cloned().collect::<Vec<_>>()
        };
        self.items.iter().flat_map(missing).collect()
    }
}

impl Item {
    /// A file and where its parts go, checked: the parts must make the file, and nothing may go unencrypted
    /// where it should not.
    pub(super) fn new(
        at: usize,
        id: Option<Uuid>,
        file: LocalFile,
        (upload_id, key): (String, String),
        part_urls: &[PartUrl],
        plain_http: bool,
    ) -> Result<Self, Error> {
        let file = Arc::new(file);
        let (mut parts, mut offset) = (Vec::with_capacity(part_urls.len()), 0_u64);
        for (index, (url, size)) in part_urls.iter().enumerate() {
            let number = index + 1;
            let size = u64::try_from(*size).ok().filter(|size| offset.checked_add(*size).is_some());
            let Some(size) = size else {
                return Err(unexpected(format!("part {number} cannot have the size that was answered")));
            };
            let url = place(url, number, plain_http)?;
            let (file, of) = (Arc::clone(&file), part_urls.len());
            parts.push(Arc::new(Part { file, item: at, number, of, offset, size, url }));
            offset += size;
        }
        if parts.is_empty() || offset != file.stamp.length {
            return Err(unexpected(format!(
                "the sizes of the {} parts add up to {offset} bytes, and the file has {}",
                parts.len(),
                file.stamp.length
            )));
        }
        let tags = BTreeMap::new();
        Ok(Self { id, file, upload_id, key, parts, tags, finishing: false, finished: None })
    }

    /// The parts that have arrived, as the finish wants them.
    pub(super) fn uploaded(&self) -> Vec<UploadedPart> {
        let part = |(number, tag): (&usize, &String)| {
            UploadedPart::new(i64::try_from(*number).unwrap_or(i64::MAX), tag)
        };
        self.tags.iter().map(part).collect()
    }
}

/// The URL of a part, which is not printed, whatever is wrong with it.
fn place(url: &Secret, number: usize, plain_http: bool) -> Result<Url, Error> {
    let url = Url::parse(url.expose())
        .map_err(|error| unexpected(format!("the URL of part {number} is no URL ({error})")))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if plain_http || is_loopback(&url) => Ok(url),
        "http" => Err(unexpected(format!("the URL of part {number} is plain http"))
            .advice("the URL would travel unencrypted; allow it with DataLinksBuilder::allow_plain_http")),
        _ => Err(unexpected(format!("the URL of part {number} is not https"))),
    }
}

fn unexpected(what: String) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, what).advice("nothing of the file was sent; ask the service")
}
