//! A handle to a namespace.

use datalinks_gen::PathSegment;

use crate::{
    client::{DataLinks, segment},
    error::Error,
};

/// A handle to a namespace, a group of datasets.
///
/// A namespace exists as long as it holds a dataset: creating the first dataset creates it, and deleting the last one deletes
/// it. Creating a handle sends nothing. Clones are cheap and share the client.
#[derive(Clone, Debug)]
pub struct Namespace {
    client: DataLinks,
    owner: PathSegment,
    name: PathSegment,
}

impl DataLinks {
    /// Returns a handle to one of your own namespaces. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name is empty, `.` or `..`, or contains a backslash or a control
    /// character. A path with such a name would address another resource.
    pub fn namespace(&self, name: impl AsRef<str>) -> Result<Namespace, Error> {
        Ok(Namespace::new(self.clone(), segment("namespace", name.as_ref())?))
    }
}

impl Namespace {
    pub(crate) fn new(client: DataLinks, name: PathSegment) -> Self {
        Self { client, owner: PathSegment::own(), name }
    }

    /// Returns a handle to the namespace of this name that belongs to another user, who has shared it.
    ///
    /// Creating datasets and ingesting rows work in your own namespaces only, because their paths carry no owner. With a handle
    /// to another owner's namespace, they fail before anything is sent. Uploads name the owner, see
    /// [`Dataset::upload`](super::Dataset::upload).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the user name cannot be a path segment.
    pub fn with_owner(mut self, username: impl AsRef<str>) -> Result<Self, Error> {
        self.owner = segment("username", username.as_ref())?;
        Ok(self)
    }

    /// Returns a handle to the namespace of the same owner with another name.
    pub(crate) fn named(&self, name: PathSegment) -> Self {
        Self { name, ..self.clone() }
    }

    /// Rejects an operation that the service offers for the caller's own namespaces only, because its path and body carry no
    /// owner.
    pub(crate) fn own_only(&self, what: &str) -> Result<(), Error> {
        if self.owner.as_str() == "self" {
            return Ok(());
        }
        Err(Error::invalid(format!("{what} is for one's own namespaces; this one belongs to {}", self.owner)))
    }

    /// Returns the name of the namespace.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Returns the user name of the owner, or `self` for the owner of the API key.
    pub fn owner(&self) -> &str {
        self.owner.as_str()
    }

    pub(crate) fn owner_segment(&self) -> &PathSegment {
        &self.owner
    }

    pub(crate) fn segment(&self) -> &PathSegment {
        &self.name
    }
}

crate::client::handle_options!(Namespace, crate::client::DataLinks, client);
