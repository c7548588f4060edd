//! Who else may use a dataset or a namespace.

use datalinks_gen::api::types;

use crate::{Dataset, Error, Listing, Namespace};

/// A user and what they may do.
pub type Share = types::AccessGrant;

/// What a user may do: a viewer reads, an editor reads and writes.
pub type Role = datalinks_gen::enums::AccessRole;

fn request(username: impl Into<String>, role: Role) -> types::ShareAccessRequest {
    types::ShareAccessRequest { username: username.into(), role }
}

impl Dataset {
    /// The users it is shared with.
    ///
    /// # Errors
    ///
    /// [`Forbidden`](crate::ErrorKind::Forbidden) when you are not its owner, and as any call.
    pub async fn shares(&self) -> Result<Listing<Share>, Error> {
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let call = self.client().call();
        let result = call.client().list_dataset_shares(owner, namespace, self.segment()).await;
        call.finish_list(result)
    }

    /// Shares it with a user; a second grant replaces the first.
    ///
    /// # Errors
    ///
    /// As [`shares`](Self::shares).
    pub async fn share(&self, username: impl Into<String>, role: Role) -> Result<(), Error> {
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let body = request(username, role);
        let call = self.client().call();
        let result = call.client().share_dataset_access(owner, namespace, self.segment(), &body).await;
        call.finish(result)
    }

    /// Takes a user's access away. The request is a DELETE with a body, which some proxies drop.
    ///
    /// # Errors
    ///
    /// As [`shares`](Self::shares).
    pub async fn revoke(&self, username: impl Into<String>, role: Role) -> Result<(), Error> {
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let body = request(username, role);
        let call = self.client().call();
        let result = call.client().revoke_dataset_access(owner, namespace, self.segment(), &body).await;
        call.finish(result)
    }
}

impl Namespace {
    /// The users it is shared with.
    ///
    /// # Errors
    ///
    /// [`Forbidden`](crate::ErrorKind::Forbidden) when you are not its owner, and as any call.
    pub async fn shares(&self) -> Result<Listing<Share>, Error> {
        let call = self.client().call();
        let result = call.client().list_namespace_shares(self.owner_segment(), self.segment()).await;
        call.finish_list(result)
    }

    /// Shares all its datasets with a user; a second grant replaces the first.
    ///
    /// # Errors
    ///
    /// As [`shares`](Self::shares).
    pub async fn share(&self, username: impl Into<String>, role: Role) -> Result<(), Error> {
        let body = request(username, role);
        let call = self.client().call();
        let result = call.client().share_namespace_access(self.owner_segment(), self.segment(), &body).await;
        call.finish(result)
    }

    /// Takes a user's access away. The request is a DELETE with a body, which some proxies drop.
    ///
    /// # Errors
    ///
    /// As [`shares`](Self::shares).
    pub async fn revoke(&self, username: impl Into<String>, role: Role) -> Result<(), Error> {
        let body = request(username, role);
        let call = self.client().call();
        let result = call.client().revoke_namespace_access(self.owner_segment(), self.segment(), &body).await;
        call.finish(result)
    }
}
