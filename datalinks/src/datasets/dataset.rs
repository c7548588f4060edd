//! A dataset and what one can do with it.

use datalinks_gen::{PathSegment, api::types};

use super::{match_types::ColumnRef, namespace::Namespace};
use crate::{
    client::{DataLinks, segment},
    error::Error,
};

/// A dataset: a table of rows in a namespace. Cheap to clone; making one sends nothing, and it need
/// not exist yet.
#[derive(Clone, Debug)]
pub struct Dataset {
    namespace: Namespace,
    name: PathSegment,
}

impl DataLinks {
    /// One of your own datasets. Sends nothing.
    ///
    /// # Errors
    ///
    /// As [`namespace`](Self::namespace), for either name.
    pub fn dataset(&self, namespace: impl AsRef<str>, name: impl AsRef<str>) -> Result<Dataset, Error> {
        self.namespace(namespace)?.dataset(name)
    }
}

impl Namespace {
    /// One of its datasets. Sends nothing.
    ///
    /// # Errors
    ///
    /// When the name is empty, `.` or `..`, or has a backslash or a control character.
    pub fn dataset(&self, name: impl AsRef<str>) -> Result<Dataset, Error> {
        Ok(Dataset::new(self.clone(), segment("dataset", name.as_ref())?))
    }
}

impl Dataset {
    pub(crate) fn new(namespace: Namespace, name: PathSegment) -> Self {
        Self { namespace, name }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The namespace it is in.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Its columns, its number of rows and its stored definition.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such dataset, or it is not yours to see.
    pub async fn info(&self) -> Result<DatasetInfo, Error> {
        let call = self.client().call();
        let result = call
            .client()
            .get_dataset_information(self.namespace.owner_segment(), self.namespace.segment(), &self.name)
            .await;
        call.finish(result)
    }

    /// One of its columns, as the end of a link.
    pub fn column(&self, name: impl Into<String>) -> ColumnRef {
        ColumnRef::new(self.namespace.name(), self.name(), name).username(self.namespace.owner())
    }

    pub(crate) fn segment(&self) -> &PathSegment {
        &self.name
    }
}

/// What the service tells of a dataset.
pub type DatasetInfo = types::DatasetResponse;

crate::client::handle_options!(Dataset, crate::client::DataLinks, namespace);
