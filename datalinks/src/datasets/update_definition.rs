//! The definition of a dataset, which later ingestions use.

use datalinks_gen::api::types;

use super::{create::fields, dataset::Dataset, schema::SchemaDefinition};
use crate::{
    error::Error,
    types::{description::description, impl_into_future},
};

impl Dataset {
    /// Returns a builder that saves the description of the dataset and of its fields, for later ingestions. Await it to send
    /// the request.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if a description is too long. Nothing was sent.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the dataset does not exist, or you may not change it.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub fn update_definition(&self) -> UpdateDefinition {
        UpdateDefinition::new(self.clone())
    }
}

/// A builder for an update of the definition of a dataset. Await it to send the request.
///
/// Parts that are not set are omitted. The service does not document whether it keeps them.
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

    /// Sets the description of the rows, in plain words, at most 10,000 characters.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Sets the descriptions of the fields.
    pub fn schema(mut self, schema: SchemaDefinition) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Sets the obsolete form of [`schema`](Self::schema), for servers that still require it: one string with a line per field,
    /// at most 10,000 characters.
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
