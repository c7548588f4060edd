//! Creating a dataset.

use datalinks_gen::api::types;
/// The readers of a dataset. This setting is obsolete: the service documents that all datasets are private.
pub use datalinks_gen::enums::DatasetVisibility as Visibility;

use super::{dataset::Dataset, schema::SchemaDefinition};
use crate::{
    error::{Error, ErrorKind},
    types::{description::description, impl_into_future},
};

impl Dataset {
    /// Returns a builder that creates the dataset, and its namespace if it is the first dataset there. Await it to send the
    /// request.
    ///
    /// A dataset that already exists is not an error, see [`CreateOutcome`].
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the namespace belongs to another user, or a description is too
    ///   long. Nothing was sent.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::SchemaDefinition;
    ///
    /// let schema = SchemaDefinition::new().field("title", "Title as released").field("year", "Year of release");
    /// dl.dataset("cinema", "films")?.create().schema(schema).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self) -> Create {
        Create::new(self.clone())
    }
}

/// A builder for the creation of a dataset. Await it to send the request.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Create {
    dataset: Dataset,
    body: types::CreateDatasetRequest,
    description: Option<String>,
    schema: Option<SchemaDefinition>,
}

/// The outcome of creating a dataset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CreateOutcome {
    /// The dataset was created.
    Created,
    /// The dataset exists already (409). Its rows and its definition are unchanged.
    AlreadyExists,
}

impl Create {
    pub(super) fn new(dataset: Dataset) -> Self {
        Self { dataset, body: Default::default(), description: None, schema: None }
    }

    /// Sets the description of the rows, in plain words, at most 10,000 characters. Inference steps read it.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Sets the descriptions of the fields. Inference steps read them.
    pub fn schema(mut self, schema: SchemaDefinition) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Sets the obsolete field for the readers of the dataset, for servers that still require it. The service documents that
    /// all datasets are private.
    pub fn visibility(mut self, visibility: Visibility) -> Self {
        self.body.visibility = Some(visibility);
        self
    }

    async fn send(mut self) -> Result<CreateOutcome, Error> {
        if let Some(text) = self.description {
            self.body.data_description = Some(description(&text)?);
        }
        if let Some(schema) = self.schema {
            self.body.schema_definition = Some(fields(schema)?);
        }
        let namespace = self.dataset.namespace();
        namespace.own_only("creating datasets").map_err(|error| {
            error.advice(
                "nothing was sent; the service always creates datasets in your own namespaces: ask the owner to \
                 create it and to share it with you",
            )
        })?;
        let call = self.dataset.client().call();
        let result =
            call.client().create_dataset(namespace.segment(), self.dataset.segment(), &self.body).await;
        match call.finish(result) {
            Ok(()) => Ok(CreateOutcome::Created),
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(CreateOutcome::AlreadyExists),
            Err(error) => Err(error),
        }
    }
}

impl_into_future!(Create => CreateOutcome);

/// Returns the descriptions of fields as they are sent, or an error if they exceed the service's limit.
pub(crate) fn fields(schema: SchemaDefinition) -> Result<types::SchemaDefinition, Error> {
    schema.check()?;
    Ok(types::SchemaDefinition(schema.into_iter().collect()))
}

crate::client::builder_options!(Create, dataset);
