//! Grants on datasets and namespaces for other users.
//!
//! - **Rights.** Only the owner lists, grants and revokes. Other users, editors included, get
//!   [`Forbidden`](crate::ErrorKind::Forbidden) (403): a share cannot be passed on.
//! - **Roles.** A [`Viewer`](Role::Viewer) lists, reads and queries. An [`Editor`](Role::Editor) can also ingest,
//!   update and modify. The service rejects other roles (422).
//! - **Users.** The service matches user names in lower case. The user must have an account.
//! - **Delay.** The service is eventually consistent: a grant or a revocation takes some seconds. If the grantee
//!   gets [`NotFound`](crate::ErrorKind::NotFound) (404) right after a grant, the call should be tried again. This
//!   crate does not retry it, because a missing dataset looks the same.
//! - **Use.** The grantee names the owner with [`Namespace::with_owner`]. Plain [`Dataset::ingest`] always writes to
//!   the caller's own namespaces, so an editor sends rows with [`Dataset::upload`].

use datalinks_gen::api::types;

use super::{
    dataset::Dataset,
    namespace::Namespace,
    share::{Role, Share},
};
use crate::{
    error::Error,
    types::{FromWire as _, Listing},
};

fn request(username: impl Into<String>, role: Role) -> types::ShareAccessRequest {
    types::ShareAccessRequest { username: username.into(), role }
}

impl Dataset {
    /// Lists the users that the dataset is shared with.
    ///
    /// # Errors
    ///
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if you are not the owner.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the dataset does not exist, or you may not see it.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn shares(&self) -> Result<Listing<Share>, Error> {
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let call = self.client().call();
        let result = call.client().list_dataset_shares(owner, namespace, self.segment()).await;
        call.finish_list(result).map(Listing::from_wire)
    }

    /// Shares the dataset with a user. A second grant replaces the role of the first.
    ///
    /// The service matches `username` in lower case. Access takes some seconds to take effect: until then the user
    /// may get [`NotFound`](crate::ErrorKind::NotFound) and should try again. An editor sends rows with
    /// [`upload`](Self::upload), because plain [`ingest`](Self::ingest) always writes to the caller's own namespaces.
    ///
    /// # Errors
    ///
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if you are not the owner. Editors cannot share further.
    /// - [`Rejected`](crate::ErrorKind::Rejected) if the user has no account, or the role is unknown (422).
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the dataset does not exist, or you may not see it.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks, of_bo: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::datasets::Role;
    ///
    /// dl.dataset("plants", "trees")?.share("bo", Role::Editor).await?;
    ///
    /// // Some seconds later, with the key of bo:
    /// let trees = of_bo.namespace("plants")?.with_owner("ada")?.dataset("trees")?;
    /// println!("{} rows", trees.info().await?.metadata.row_count);
    /// trees.upload("more-trees.csv").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn share(&self, username: impl Into<String>, role: Role) -> Result<(), Error> {
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let body = request(username, role);
        let call = self.client().call();
        let result = call.client().share_dataset_access(owner, namespace, self.segment(), &body).await;
        call.finish(result)
    }

    /// Revokes the access of a user to the dataset, with any role.
    ///
    /// The request must name a role, but the service considers the user alone. Revocation takes some seconds to take effect.
    /// The request is a `DELETE` with a body, which some proxies drop.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`share`](Self::share).
    pub async fn revoke(&self, username: impl Into<String>, role: Role) -> Result<(), Error> {
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let body = request(username, role);
        let call = self.client().call();
        let result = call.client().revoke_dataset_access(owner, namespace, self.segment(), &body).await;
        call.finish(result)
    }
}

impl Namespace {
    /// Lists the users that the namespace is shared with.
    ///
    /// # Errors
    ///
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if you are not the owner.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the namespace does not exist, or you may not see it.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn shares(&self) -> Result<Listing<Share>, Error> {
        let call = self.client().call();
        let result = call.client().list_namespace_shares(self.owner_segment(), self.segment()).await;
        call.finish_list(result).map(Listing::from_wire)
    }

    /// Shares all datasets of the namespace with a user, those that are created later included. A second grant
    /// replaces the role of the first.
    ///
    /// The service matches `username` in lower case. Access takes some seconds to take effect: until then the user
    /// may get [`NotFound`](crate::ErrorKind::NotFound) and should try again. An editor sends rows with
    /// [`Dataset::upload`], because plain [`Dataset::ingest`] always writes to the caller's own namespaces.
    ///
    /// # Errors
    ///
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if you are not the owner. Editors cannot share further.
    /// - [`Rejected`](crate::ErrorKind::Rejected) if the user has no account, or the role is unknown (422).
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the namespace does not exist, or you may not see it.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn share(&self, username: impl Into<String>, role: Role) -> Result<(), Error> {
        let body = request(username, role);
        let call = self.client().call();
        let result = call.client().share_namespace_access(self.owner_segment(), self.segment(), &body).await;
        call.finish(result)
    }

    /// Revokes the access of a user to the namespace, with any role.
    ///
    /// The request must name a role, but the service considers the user alone. Revocation takes some seconds to take effect.
    /// The service does not document whether grants on single datasets of the namespace remain. The request is a `DELETE` with a
    /// body, which some proxies drop.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`share`](Self::share).
    pub async fn revoke(&self, username: impl Into<String>, role: Role) -> Result<(), Error> {
        let body = request(username, role);
        let call = self.client().call();
        let result = call.client().revoke_namespace_access(self.owner_segment(), self.segment(), &body).await;
        call.finish(result)
    }
}
