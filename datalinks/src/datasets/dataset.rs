//! A handle to a dataset.

use datalinks_gen::PathSegment;

use super::{info::DatasetInfo, match_types::ColumnRef, namespace::Namespace};
use crate::{
    client::{DataLinks, segment},
    error::Error,
    types::FromWire as _,
};

/// A handle to a dataset, a table of rows in a namespace.
///
/// Creating a handle sends nothing, and the dataset need not exist yet. Clones are cheap and share the client.
#[derive(Clone, Debug)]
pub struct Dataset {
    namespace: Namespace,
    name: PathSegment,
}

impl DataLinks {
    /// Returns a handle to one of your own datasets. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if one of the names is empty, `.` or `..`, or contains a backslash or
    /// a control character.
    pub fn dataset(&self, namespace: impl AsRef<str>, name: impl AsRef<str>) -> Result<Dataset, Error> {
        self.namespace(namespace)?.dataset(name)
    }
}

impl Namespace {
    /// Returns a handle to a dataset of this namespace. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name is empty, `.` or `..`, or contains a backslash or a control
    /// character.
    pub fn dataset(&self, name: impl AsRef<str>) -> Result<Dataset, Error> {
        Ok(Dataset::new(self.clone(), segment("dataset", name.as_ref())?))
    }
}

impl Dataset {
    pub(crate) fn new(namespace: Namespace, name: PathSegment) -> Self {
        Self { namespace, name }
    }

    /// Returns the name of the dataset.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Returns the namespace of the dataset.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Returns the columns, the number of rows and the stored definition of the dataset.
    ///
    /// # Errors
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the dataset does not exist, or you may not see it.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn info(&self) -> Result<DatasetInfo, Error> {
        let call = self.client().call();
        let result = call
            .client()
            .get_dataset_information(self.namespace.owner_segment(), self.namespace.segment(), &self.name)
            .await;
        call.finish(result).map(DatasetInfo::from_wire)
    }

    /// Returns a column of the dataset, as one end of a link. Sends nothing.
    pub fn column(&self, name: impl Into<String>) -> ColumnRef {
        ColumnRef::new(self.namespace.name(), self.name(), name).username(self.namespace.owner())
    }

    pub(crate) fn segment(&self) -> &PathSegment {
        &self.name
    }
}

crate::client::handle_options!(Dataset, crate::client::DataLinks, namespace);
