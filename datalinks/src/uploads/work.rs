//! The state of an upload: its files, parts and arrived parts.

use std::{collections::BTreeMap, sync::Arc};

use datalinks_gen::Secret;
use reqwest::Url;
use serde_json::Value;
use uuid::Uuid;

use super::{by_hand::UploadedPart, lifetime::Issued, local::LocalFile, meter::UploadName};
use crate::{
    client::config::is_loopback,
    error::{Error, ErrorKind},
};

/// All files of one upload or session.
pub(super) struct Work {
    pub(super) session: Option<Uuid>,
    /// Time at which the URLs of the parts were created.
    pub(super) issued: Issued,
    /// Index of the file.
    pub(super) items: Vec<Item>,
}

/// One file with its parts and its state.
pub(super) struct Item {
    /// Id of the file in its session.
    pub(super) id: Option<Uuid>,
    pub(super) file: Arc<LocalFile>,
    pub(super) upload_id: String,
    pub(super) key: String,
    pub(super) parts: Vec<Arc<Part>>,
    /// `ETag`s of the arrived parts, by part number.
    pub(super) tags: BTreeMap<usize, String>,
    /// Set while the outcome of a sent finish request is not known.
    pub(super) finishing: bool,
    /// The response to the finish request.
    pub(super) finished: Option<Value>,
}

/// One part of a file and its URL. Does not implement `Debug` because the URL is a secret.
pub(super) struct Part {
    pub(super) file: Arc<LocalFile>,
    /// The part_url of its file among the files.
    pub(super) item: usize,
    /// Number of the part, from 1.
    pub(super) number: usize,
    /// Number of parts of the file.
    pub(super) of: usize,
    pub(super) offset: u64,
    pub(super) size: u64,
    pub(super) url: Url,
}

/// A URL and a size from the response of the service.
pub(super) type PartUrl = (Secret, i64);

impl Work {
    /// Returns the name on the service. Only an upload into a dataset has no session, and it has one file.
    pub(super) fn name(&self) -> Option<UploadName> {
        match (self.session, self.items.first()) {
            (Some(session), _) => Some(UploadName::Session(session)),
            (None, Some(item)) => {
                Some(UploadName::Dataset { upload_id: item.upload_id.clone(), key: item.key.clone() })
            }
            (None, None) => None,
        }
    }

    /// Returns the parts that have not arrived, file by file.
    pub(super) fn missing(&self) -> Vec<Arc<Part>> {
        let missing = |item: &Item| {
            let missing = item.parts.iter().filter(|part| !item.tags.contains_key(&part.number));
            missing.cloned().collect::<Vec<_>>()
        };
        self.items.iter().flat_map(missing).collect()
    }
}

impl Item {
    /// Creates the state of a file. Checks that the part sizes add up to the file, and that no URL is unencrypted
    /// unless that is allowed.
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
                return Err(unexpected(format!("the size of part {number} in the response is not valid")));
            };
            let url = part_url(url, number, plain_http)?;
            let (file, of) = (Arc::clone(&file), part_urls.len());
            parts.push(Arc::new(Part { file, item: at, number, of, offset, size, url }));
            offset += size;
        }
        if parts.is_empty() || offset != file.stamp.length {
            return Err(unexpected(format!(
                "the sizes of the {} parts add up to {offset} bytes, but the file has {}",
                parts.len(),
                file.stamp.length
            )));
        }
        let tags = BTreeMap::new();
        Ok(Self { id, file, upload_id, key, parts, tags, finishing: false, finished: None })
    }

    /// Returns the arrived parts for the finish request.
    pub(super) fn uploaded(&self) -> Vec<UploadedPart> {
        let part = |(number, tag): (&usize, &String)| {
            UploadedPart::new(i64::try_from(*number).unwrap_or(i64::MAX), tag)
        };
        self.tags.iter().map(part).collect()
    }
}

/// Validates the URL of a part. Errors do not contain the URL.
fn part_url(url: &Secret, number: usize, plain_http: bool) -> Result<Url, Error> {
    let url = Url::parse(url.expose())
        .map_err(|error| unexpected(format!("the URL of part {number} is not valid ({error})")))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if plain_http || is_loopback(&url) => Ok(url),
        "http" => Err(unexpected(format!("the URL of part {number} is plain http")).advice(
            "the file would be sent unencrypted; allow this with DataLinksBuilder::allow_plain_http",
        )),
        _ => Err(unexpected(format!("the URL of part {number} is not https"))),
    }
}

fn unexpected(what: String) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, what)
        .advice("no part of the file was sent; report this to the operator of the service")
}
