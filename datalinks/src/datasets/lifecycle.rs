//! Renaming, emptying, deleting, and the order of columns.

use datalinks_gen::api::types;

use super::dataset::Dataset;
use crate::{client::segment, error::Error};

impl Dataset {
    /// Gives this dataset another name, and returns a handle to it under that name. The service does not document
    /// whether queries and links follow the new name.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the new name cannot be a path segment.
    /// - [`Rejected`](crate::ErrorKind::Rejected) if the service does not allow the new name (400).
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the dataset does not exist, or you may not change it.
    ///
    /// The call is not retried after an ambiguous outcome: a second rename would fail and hide that the first worked.
    pub async fn rename(&self, name: impl AsRef<str>) -> Result<Self, Error> {
        let new = segment("dataset", name.as_ref())?;
        let call = self.client().call();
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let result =
            call.client().rename_dataset(owner, namespace, self.segment(), new.as_str().to_owned()).await;
        call.finish(result)?;
        Ok(Self::new(self.namespace().clone(), new))
    }

    /// Removes all rows and links, for good; the dataset and its definition stay.
    ///
    /// # Errors
    ///
    /// As any call. It is not repeated after an ambiguous outcome: rows ingested meanwhile would go too.
    pub async fn clear(&self) -> Result<(), Error> {
        let call = self.client().call();
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let result = call.client().clear_dataset(owner, namespace, self.segment()).await;
        call.finish(result)
    }

    /// Deletes it with its rows, links and metadata, for good (the service's "balefire"). Its namespace goes
    /// with its last dataset.
    ///
    /// # Errors
    ///
    /// As any call. It is not repeated after an ambiguous outcome: a dataset made anew meanwhile would go too.
    pub async fn delete(&self) -> Result<(), Error> {
        let call = self.client().call();
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let result = call.client().balefire_dataset(owner, namespace, self.segment()).await;
        call.finish(result)
    }

    /// Sets the order in which its columns are shown, the first one first. Whether all must be named is not
    /// public.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn order_columns<N: Into<String>>(
        &self,
        columns: impl IntoIterator<Item = N>,
    ) -> Result<(), Error> {
        let body = types::UpdateSortOrderRequest { order: columns.into_iter().map(Into::into).collect() };
        let call = self.client().call();
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let result = call.client().update_sort_order(owner, namespace, self.segment(), &body).await;
        call.finish(result)
    }
}
