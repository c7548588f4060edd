//! Creating a dataset.

use datalinks_gen::api::types;
/// Who may read a dataset. An older setting: the service documents that all datasets are private now.
pub use datalinks_gen::enums::DatasetVisibility as Visibility;

use super::{dataset::Dataset, schema::SchemaDefinition};
use crate::{
    error::{Error, ErrorKind},
    types::{description::description, impl_into_future},
};

impl Dataset {
    /// Creates it, and its namespace when this is the first dataset there. Await what this answers.
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

/// A dataset about to be created; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Create {
    dataset: Dataset,
    body: types::CreateDatasetRequest,
    description: Option<String>,
    schema: Option<SchemaDefinition>,
}

/// What came of creating a dataset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CreateOutcome {
    /// It was made.
    Created,
    /// It was there already (409); its rows and its definition are as they were.
    AlreadyExists,
}

impl Create {
    pub(super) fn new(dataset: Dataset) -> Self {
        Self { dataset, body: Default::default(), description: None, schema: None }
    }

    /// What the rows are, in plain words: inference steps read it. At most 10,000 characters.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// What each field means: inference steps read it.
    pub fn schema(mut self, schema: SchemaDefinition) -> Self {
        self.schema = Some(schema);
        self
    }

    /// The older form of the body told whether everyone may read the dataset. The service says that
    /// all datasets are private now; sending it is for servers that still want the field.
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

/// What fields mean, within the service's limit.
pub(crate) fn fields(schema: SchemaDefinition) -> Result<types::SchemaDefinition, Error> {
    schema.check()?;
    Ok(types::SchemaDefinition(schema.into_iter().collect()))
}

crate::client::builder_options!(Create, dataset);
