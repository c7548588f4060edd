//! Renaming, clearing and deleting a dataset, and the order of its columns.

use datalinks_gen::api::types;

use super::dataset::Dataset;
use crate::{client::segment, error::Error};

impl Dataset {
    /// Renames the dataset, and returns a handle with the new name. The service does not document whether queries and links
    /// follow the new name.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the new name cannot be a path segment.
    /// - [`Rejected`](crate::ErrorKind::Rejected) if the service does not allow the new name (400).
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the dataset does not exist, or you may not change it.
    ///
    /// The call is not retried after an ambiguous outcome: a second rename would fail and hide that the first succeeded.
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn rename(&self, name: impl AsRef<str>) -> Result<Self, Error> {
        let new = segment("dataset", name.as_ref())?;
        let call = self.client().call();
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let result =
            call.client().rename_dataset(owner, namespace, self.segment(), new.as_str().to_owned()).await;
        call.finish(result)?;
        Ok(Self::new(self.namespace().clone(), new))
    }

    /// Removes all rows and links permanently. The dataset and its definition remain.
    ///
    /// # Errors
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the dataset does not exist, or you may not change it.
    ///
    /// The call is not retried after an ambiguous outcome: a second one would remove rows that were ingested meanwhile.
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn clear(&self) -> Result<(), Error> {
        let call = self.client().call();
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let result = call.client().clear_dataset(owner, namespace, self.segment()).await;
        call.finish(result)
    }

    /// Deletes the dataset with its rows, links and metadata permanently (the service's "balefire"). Deleting the last dataset
    /// of a namespace deletes the namespace.
    ///
    /// # Errors
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the dataset does not exist, or you may not change it.
    ///
    /// The call is not retried after an ambiguous outcome: a second one would delete a dataset that was created again meanwhile.
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn delete(&self) -> Result<(), Error> {
        let call = self.client().call();
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let result = call.client().balefire_dataset(owner, namespace, self.segment()).await;
        call.finish(result)
    }

    /// Sets the order in which the columns are shown, first column first. The service does not document whether all columns
    /// must be named.
    ///
    /// # Errors
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the dataset does not exist, or you may not change it.
    /// - [`Rejected`](crate::ErrorKind::Rejected) if the service does not accept the order.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
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
