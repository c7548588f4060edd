//! Uploading one file in parts, step by step.

use datalinks_gen::api::types;
use uuid::Uuid;

use super::options::{FinishOptions, finish_setters};
use crate::{datasets::Dataset, error::Error, types::impl_into_future};

/// Where the parts of a file go: a presigned URL and an exact size for each. The URLs are secrets.
pub type Upload = types::PrepareMultipartResponse;

/// An uploaded part: its number, from 1, and the `ETag` that the storage answered.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct UploadedPart {
    /// Its number, from 1.
    pub number: i64,
    /// The tag, without quotes.
    pub etag: String,
}

impl UploadedPart {
    /// A part by its number and its tag; quotes around the tag are dropped.
    ///
    /// ```
    /// use datalinks::uploads::UploadedPart;
    ///
    /// assert_eq!(UploadedPart::new(1, "\"abc\"").etag, "abc");
    /// ```
    pub fn new(number: i64, etag: impl AsRef<str>) -> Self {
        Self { number, etag: etag.as_ref().trim().trim_matches('"').to_owned() }
    }
}

impl Dataset {
    /// Begins the upload of a file of `size` bytes, step by step; [`upload`](Self::upload) does all steps. PUT each part to its URL, without the key, and
    /// [finish](Self::finish_upload) or [abort](Self::abort_upload) then. The service does not document how long the
    /// URLs live; a draft of the vendor's documentation says 15 minutes. None is renewed.
    ///
    /// # Errors
    ///
    /// As any call. It is not repeated after an ambiguous outcome: an upload would be left that nobody aborts.
    pub async fn prepare_upload(&self, filename: impl Into<String>, size: u64) -> Result<Upload, Error> {
        let body = types::PrepareMultipartRequest { filename: filename.into(), size: bytes(size)? };
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let call = self.client().call();
        let result = call.client().prepare_multipart_upload(owner, namespace, self.segment(), &body).await;
        call.finish(result)
    }

    /// Joins the parts and starts to ingest the file; what comes is the id of the ingestion. Await what this
    /// answers.
    pub fn finish_upload(
        &self,
        upload_id: impl Into<String>,
        key: impl Into<String>,
        parts: impl IntoIterator<Item = UploadedPart>,
    ) -> FinishUpload {
        FinishUpload {
            dataset: self.clone(),
            upload_id: upload_id.into(),
            key: key.into(),
            parts: parts.into_iter().collect(),
            options: FinishOptions::default(),
        }
    }

    /// Gives an upload up; its parts are discarded.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn abort_upload(
        &self,
        upload_id: impl Into<String>,
        key: impl Into<String>,
    ) -> Result<(), Error> {
        let body = types::AbortMultipartRequest { upload_id: upload_id.into(), key: key.into() };
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let call = self.client().call();
        let result = call.client().abort_multipart_upload(owner, namespace, self.segment(), &body).await;
        call.finish(result)
    }
}

/// An upload about to be finished; await it for the id of its ingestion.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct FinishUpload {
    dataset: Dataset,
    upload_id: String,
    key: String,
    parts: Vec<UploadedPart>,
    pub(super) options: FinishOptions,
}

finish_setters!(FinishUpload);

impl FinishUpload {
    pub(super) async fn send(self) -> Result<Uuid, Error> {
        let part =
            |part: UploadedPart| types::FinishedMultipartItem { part_number: part.number, etag: part.etag };
        let parts = checked(self.parts)?.into_iter().map(part).collect();
        let body = self.options.body(self.upload_id, self.key, parts)?;
        let dataset = &self.dataset;
        let (owner, namespace) = (dataset.namespace().owner_segment(), dataset.namespace().segment());
        let call = dataset.client().call();
        let result = call.client().finish_multipart_upload(owner, namespace, dataset.segment(), &body).await;
        call.finish(result).map(|answer| answer.id)
    }
}

impl_into_future!(FinishUpload => Uuid);

/// Parts that make a file: at least one, in order. They may be given in any order.
pub(crate) fn checked(mut parts: Vec<UploadedPart>) -> Result<Vec<UploadedPart>, Error> {
    parts.sort_by_key(|part| part.number);
    let complete = (1..).zip(&parts).all(|(number, part): (i64, _)| part.number == number);
    match parts.iter().find(|part| part.etag.is_empty()) {
        _ if parts.is_empty() => Err(Error::invalid("an upload has at least one part")),
        _ if !complete => {
            Err(Error::invalid("the numbers of the parts are not 1, 2, 3 and so on, each once"))
        }
        Some(part) => Err(Error::invalid(format!("part {} has no etag", part.number))),
        None => Ok(parts),
    }
}

/// A size as the wire has it.
pub(crate) fn bytes(size: u64) -> Result<i64, Error> {
    i64::try_from(size).map_err(|error| Error::invalid(format!("{size} bytes are no file")).caused_by(error))
}

crate::client::builder_options!(FinishUpload, dataset);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_sorted_and_complete() {
        let numbers = |parts: &[i64]| {
            checked(parts.iter().map(|n| UploadedPart::new(*n, "e")).collect())
                .map(|parts| parts.iter().map(|part| part.number).collect::<Vec<_>>())
        };
        assert_eq!(numbers(&[2, 1, 3]).unwrap(), [1, 2, 3]);
        for bad in [&[][..], &[2], &[1, 1], &[1, 3], &[0, 1]] {
            assert!(numbers(bad).is_err(), "{bad:?}");
        }
        assert!(checked(vec![UploadedPart::new(1, "\"\"")]).is_err());
    }
}
