//! Uploading one file step by step.

use datalinks_gen::api::types;
use uuid::Uuid;

use super::{
    options::{FinishOptions, finish_setters},
    prepared::Upload,
};
use crate::{
    datasets::Dataset,
    error::Error,
    types::{FromWire as _, impl_into_future},
};

/// An uploaded part: its number, from 1, and the `ETag` of the storage.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct UploadedPart {
    /// Number of the part, from 1.
    pub number: i64,
    /// `ETag` of the part, without quotes.
    pub etag: String,
}

impl UploadedPart {
    /// Creates an uploaded part. Quotes around the `ETag` are removed.
    ///
    /// # Examples
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
    /// Starts the upload of a file of `size` bytes, to be continued step by step.
    ///
    /// Send each part with a PUT request to its URL, without the API key. Then [finish](Self::finish_upload) or
    /// [abort](Self::abort_upload) the upload. [`upload`](Self::upload) performs all steps. URLs are not renewed.
    /// The service does not document how long they are valid.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the size exceeds `i64::MAX`.
    ///
    /// The call is not retried after an ambiguous outcome, because it could leave an upload whose id is not known.
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped after the request was sent, the outcome is
    /// ambiguous.
    pub async fn prepare_upload(&self, filename: impl Into<String>, size: u64) -> Result<Upload, Error> {
        let body = types::PrepareMultipartRequest { filename: filename.into(), size: bytes(size)? };
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let call = self.client().call();
        let result = call.client().prepare_multipart_upload(owner, namespace, self.segment(), &body).await;
        call.finish(result).map(Upload::from_wire)
    }

    /// Returns a builder that joins the parts and starts the ingestion of the file. Await it to get the id of the
    /// ingestion.
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

    /// Aborts an upload. The service discards its parts.
    ///
    /// # Errors
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped after the request was sent, the outcome is
    /// ambiguous.
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

/// A builder that finishes an upload. Await it to get the id of the ingestion.
///
/// The call is not retried after an ambiguous outcome, because the file could be ingested twice.
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
        call.finish(result).map(|response| response.id)
    }
}

impl_into_future!(FinishUpload => Uuid);

/// Validates that parts are complete, and sorts them by number.
pub(crate) fn checked(mut parts: Vec<UploadedPart>) -> Result<Vec<UploadedPart>, Error> {
    parts.sort_by_key(|part| part.number);
    let complete = (1..).zip(&parts).all(|(number, part): (i64, _)| part.number == number);
    match parts.iter().find(|part| part.etag.is_empty()) {
        _ if parts.is_empty() => Err(Error::invalid("there are no parts: expected at least one")),
        _ if !complete => {
            Err(Error::invalid("the part numbers are not consecutive: expected 1, 2, 3 and so on, each once"))
        }
        Some(part) => Err(Error::invalid(format!("part {} has an empty ETag", part.number))),
        None => Ok(parts),
    }
}

/// Converts a file size to the type on the wire.
pub(crate) fn bytes(size: u64) -> Result<i64, Error> {
    i64::try_from(size).map_err(|error| {
        Error::invalid(format!("file size {size} is too large: expected at most {} bytes", i64::MAX))
            .caused_by(error)
    })
}

crate::client::builder_options!(FinishUpload, dataset);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_sorted_and_must_be_complete() {
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
