//! The definition of a dataset, which later ingestions use.

use datalinks_gen::api::types;

use super::{create::fields, dataset::Dataset, schema::SchemaDefinition};
use crate::{
    error::Error,
    types::{description::description, impl_into_future},
};

impl Dataset {
    /// Saves what it is about and what its fields mean, for later ingestions. Await what this answers.
    pub fn update_definition(&self) -> UpdateDefinition {
        UpdateDefinition::new(self.clone())
    }
}

/// A definition about to be saved; await it. What is not given is left out; that it stays as it is, is how we
/// read the schema.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct UpdateDefinition {
    dataset: Dataset,
    description: Option<String>,
    schema: Option<SchemaDefinition>,
    older: Option<String>,
}

impl UpdateDefinition {
    pub(super) fn new(dataset: Dataset) -> Self {
        Self { dataset, description: None, schema: None, older: None }
    }

    /// What the rows are, in plain words. At most 10,000 characters.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// What each field means.
    pub fn schema(mut self, schema: SchemaDefinition) -> Self {
        self.schema = Some(schema);
        self
    }

    /// The older form of [`schema`](Self::schema): one text with a line for each field, for servers that
    /// still want it. At most 10,000 characters.
    pub fn field_definition(mut self, text: impl Into<String>) -> Self {
        self.older = Some(text.into());
        self
    }

    async fn send(self) -> Result<(), Error> {
        let body = types::UpdateInferDefinitionRequest {
            data_description: self.description.as_deref().map(description).transpose()?,
            schema_definition: self.schema.map(fields).transpose()?,
            field_definition: self.older.as_deref().map(description).transpose()?.map(String::from),
        };
        let dataset = &self.dataset;
        let call = dataset.client().call();
        let (owner, namespace) = (dataset.namespace().owner_segment(), dataset.namespace().segment());
        let result = call.client().update_infer_definition(owner, namespace, dataset.segment(), &body).await;
        call.finish(result)
    }
}

impl_into_future!(UpdateDefinition => ());

crate::client::builder_options!(UpdateDefinition, dataset);
