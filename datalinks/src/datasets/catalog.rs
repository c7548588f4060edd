//! The catalog: lists of datasets and namespaces.

use datalinks_gen::PathSegment;

use super::{
    namespace::Namespace,
    summaries::{DatasetSummary, NamespaceSummary},
};
use crate::{
    client::{DataLinks, segment},
    error::{Error, ErrorKind},
    types::{FromWire as _, Listing},
};

impl DataLinks {
    /// Returns the datasets that you may read, in all namespaces, from the older listing.
    ///
    /// # Errors
    ///
    /// Returns the [errors of every call](crate::error#errors-of-every-call).
    #[deprecated(
        note = "the service deprecated this listing on 2026-06-17; call `DataLinks::schema_datasets`"
    )]
    pub async fn datasets(&self) -> Result<Listing<DatasetSummary>, Error> {
        let call = self.call();
        let result = call.client().get_datasets().await;
        call.finish_list(result).map(Listing::from_wire)
    }

    /// Returns the datasets that you may read, in all namespaces.
    ///
    /// # Errors
    ///
    /// Returns the [errors of every call](crate::error#errors-of-every-call).
    pub async fn schema_datasets(&self) -> Result<Listing<DatasetSummary>, Error> {
        let call = self.call();
        let result = call.client().list_all_datasets().await;
        call.finish_list(result).map(Listing::from_wire)
    }

    /// Returns your own namespaces.
    ///
    /// # Errors
    ///
    /// Returns the [errors of every call](crate::error#errors-of-every-call).
    pub async fn namespaces(&self) -> Result<Listing<NamespaceSummary>, Error> {
        self.namespaces_at(&PathSegment::own()).await
    }

    /// Returns the namespaces of another user that you may see.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the user name cannot be a path segment. Nothing was sent.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn namespaces_of(&self, username: impl AsRef<str>) -> Result<Listing<NamespaceSummary>, Error> {
        self.namespaces_at(&segment("username", username.as_ref())?).await
    }

    async fn namespaces_at(&self, user: &PathSegment) -> Result<Listing<NamespaceSummary>, Error> {
        let call = self.call();
        let result = call.client().list_user_namespaces(user).await;
        call.finish_list(result).map(Listing::from_wire)
    }
}

impl Namespace {
    /// Returns the datasets of this namespace, which must be your own, from the older listing.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the namespace belongs to another user: the path carries no
    /// owner.
    #[deprecated(
        note = "the service deprecated this listing on 2026-06-17; call `Namespace::schema_datasets`"
    )]
    pub async fn datasets(&self) -> Result<Listing<DatasetSummary>, Error> {
        self.own_only("the older listing of datasets").map_err(|error| {
            error.advice("call Namespace::schema_datasets, whose path names the owner; nothing was sent")
        })?;
        let call = self.client().call();
        let result = call.client().get_datasets_in_namespace(self.segment()).await;
        call.finish_list(result).map(Listing::from_wire)
    }

    /// Returns the datasets of this namespace, which may belong to another user.
    ///
    /// # Errors
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the namespace does not exist, or you may not see it.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn schema_datasets(&self) -> Result<Listing<DatasetSummary>, Error> {
        let call = self.client().call();
        let result = call.client().list_datasets_within_namespace(self.owner_segment(), self.segment()).await;
        call.finish_list(result).map(Listing::from_wire)
    }

    /// Renames the namespace, and returns a handle with the new name. The service does not document whether queries and links
    /// follow the new name.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the new name cannot be a path segment.
    /// - [`Rejected`](crate::ErrorKind::Rejected) if the service does not allow the new name (400).
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the namespace does not exist, or you may not change it.
    ///
    /// The call is not retried after an ambiguous outcome: a second rename would fail and hide that the first succeeded.
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn rename(&self, name: impl AsRef<str>) -> Result<Self, Error> {
        let new = segment("namespace", name.as_ref())?;
        let call = self.client().call();
        let result = call
            .client()
            .rename_namespace(self.owner_segment(), self.segment(), new.as_str().to_owned())
            .await;
        call.finish(result)?;
        Ok(self.named(new))
    }

    /// Deletes this namespace if it has no datasets. This cannot be undone.
    ///
    /// A namespace exists only through its datasets, so this usually fails with 409. To delete the datasets first, call
    /// [`delete_with_datasets`](Self::delete_with_datasets).
    ///
    /// # Errors
    ///
    /// - [`Conflict`](crate::ErrorKind::Conflict) (409), usually because the namespace still has datasets. The service does
    ///   not document the cause.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the namespace does not exist, or you may not see it.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if you may not delete it.
    ///
    /// The call is not retried after an ambiguous outcome: a namespace created in the meantime would be deleted, too.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::ErrorKind;
    ///
    /// let scratch = dl.namespace("scratch")?;
    /// match scratch.delete().await {
    ///     Err(error) if error.kind() == ErrorKind::Conflict => scratch.delete_with_datasets().await?,
    ///     other => other?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete(&self) -> Result<(), Error> {
        self.balefire(None).await.map_err(|error| match error.kind() {
            ErrorKind::Conflict => error.advice(
                "usually because the namespace still has datasets: delete them, or call Namespace::delete_with_datasets",
            ),
            _ => error,
        })
    }

    /// Deletes this namespace and all its datasets, with their rows, links and metadata. This cannot be undone.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`delete`](Self::delete), except the conflict. The call is not retried after an ambiguous outcome.
    pub async fn delete_with_datasets(&self) -> Result<(), Error> {
        self.balefire(Some(true)).await
    }

    /// Deletes the namespace. `None` omits the parameter `deleteDatasets`.
    async fn balefire(&self, delete_datasets: Option<bool>) -> Result<(), Error> {
        let call = self.client().call();
        let result =
            call.client().balefire_namespace(self.owner_segment(), self.segment(), delete_datasets).await;
        call.finish(result)
    }
}
