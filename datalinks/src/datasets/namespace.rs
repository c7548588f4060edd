//! A namespace and what one can do in it.

use datalinks_gen::PathSegment;

use crate::{
    client::{DataLinks, segment},
    error::Error,
};

/// A namespace: a group of datasets. It exists as long as it holds one; creating the first dataset
/// creates it. Cheap to clone; making one sends nothing.
#[derive(Clone, Debug)]
pub struct Namespace {
    client: DataLinks,
    owner: PathSegment,
    name: PathSegment,
}

impl DataLinks {
    /// One of your own namespaces. Sends nothing.
    ///
    /// # Errors
    ///
    /// When the name is empty, `.` or `..`, or has a backslash or a control character: such names
    /// would address something else.
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
    /// Creating datasets and plain ingest work in your own namespaces only, because their paths carry no owner; here they
    /// are rejected before anything is sent. Uploads name the owner, see [`Dataset::upload`](super::Dataset::upload).
    ///
    /// # Errors
    ///
    /// When the name cannot stand in a path.
    pub fn with_owner(mut self, username: impl AsRef<str>) -> Result<Self, Error> {
        self.owner = segment("username", username.as_ref())?;
        Ok(self)
    }

    /// The same namespace under another name.
    pub(crate) fn named(&self, name: PathSegment) -> Self {
        Self { name, ..self.clone() }
    }

    /// Refuses what the service offers for one's own namespaces only: those paths and bodies carry no owner.
    pub(crate) fn own_only(&self, what: &str) -> Result<(), Error> {
        if self.owner.as_str() == "self" {
            return Ok(());
        }
        Err(Error::invalid(format!("{what} is for one's own namespaces; this one belongs to {}", self.owner)))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Its owner; `self` is whom the key belongs to.
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
