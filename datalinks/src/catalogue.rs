//! What there is: lists of datasets and namespaces.

use datalinks_gen::{PathSegment, api::types};

use crate::{DataLinks, Error, Listing, Namespace, client::segment};

/// A dataset in a list: its names, its owner, and an older word for who may read it.
pub type DatasetSummary = types::ApiDatasetDescription;

/// A namespace in a list. Its owner is an id or a name, depending on the service's version.
pub type NamespaceSummary = types::ApiNamespace;

impl DataLinks {
    /// The datasets that you may read, in all namespaces.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn datasets(&self) -> Result<Listing<DatasetSummary>, Error> {
        let call = self.call();
        let result = call.client().get_datasets().await;
        call.finish_list(result)
    }

    /// The same from the service's view of the whole schema. How the two lists differ is not public.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn schema_datasets(&self) -> Result<Listing<DatasetSummary>, Error> {
        let call = self.call();
        let result = call.client().list_all_datasets().await;
        call.finish_list(result)
    }

    /// Your own namespaces.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn namespaces(&self) -> Result<Listing<NamespaceSummary>, Error> {
        self.namespaces_at(&PathSegment::own()).await
    }

    /// The namespaces of another user that you may see.
    ///
    /// # Errors
    ///
    /// When the name cannot stand in a path, and as any call.
    pub async fn namespaces_of(&self, username: impl AsRef<str>) -> Result<Listing<NamespaceSummary>, Error> {
        self.namespaces_at(&segment("username", username.as_ref())?).await
    }

    async fn namespaces_at(&self, user: &PathSegment) -> Result<Listing<NamespaceSummary>, Error> {
        let call = self.call();
        let result = call.client().list_user_namespaces(user).await;
        call.finish_list(result)
    }
}

impl Namespace {
    /// The datasets of this namespace, which must be your own: the path carries no owner.
    /// [`schema_datasets`](Self::schema_datasets) lists those of others.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn datasets(&self) -> Result<Listing<DatasetSummary>, Error> {
        self.own_only("listing its datasets")?;
        let call = self.client().call();
        let result = call.client().get_datasets_in_namespace(self.segment()).await;
        call.finish_list(result)
    }

    /// The datasets of this namespace, whoever owns it, from the service's view of the schema.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn schema_datasets(&self) -> Result<Listing<DatasetSummary>, Error> {
        let call = self.client().call();
        let result = call.client().list_datasets_within_namespace(self.owner_segment(), self.segment()).await;
        call.finish_list(result)
    }

    /// Gives this namespace another name, and answers it under that name. What becomes of queries and links
    /// that use the old one is not public.
    ///
    /// # Errors
    ///
    /// When the new name cannot stand in a path, and as any call. It is not repeated after a doubtful end.
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

    /// Deletes this namespace with all its datasets, for good.
    ///
    /// # Errors
    ///
    /// As any call. It is not repeated after a doubtful end: a namespace made anew meanwhile would go too.
    pub async fn delete(&self) -> Result<(), Error> {
        let call = self.client().call();
        let result = call.client().balefire_namespace(self.owner_segment(), self.segment()).await;
        call.finish(result)
    }
}
