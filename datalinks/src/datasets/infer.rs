//! What a model makes of sample rows: a description, and the meaning of fields.

use bytes::Bytes;
use datalinks_gen::api::types;
use serde::Serialize;

use super::schema::SchemaDefinition;
use crate::{client::DataLinks, error::Error, json::EncodedRows, types::Model};

impl DataLinks {
    /// Asks a model what sample rows are about, and what their fields mean. It costs model tokens.
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// let sample = [serde_json::json!({ "title": "Alien", "year": 1979 })];
    /// let about = dl.infer(&sample).description().await?;
    /// let schema = dl.infer(&sample).current_description(about).schema().await?;
    /// dl.dataset("cinema", "films")?.update_definition().schema(schema).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn infer<T: Serialize>(&self, sample: impl IntoIterator<Item = T>) -> Infer {
        Infer {
            client: self.clone(),
            sample: EncodedRows::new(sample),
            model: Model::default(),
            current: None,
        }
    }
}

/// Sample rows about to be described: ask for a [`description`](Self::description) or a
/// [`schema`](Self::schema).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until something is asked for"]
pub struct Infer {
    client: DataLinks,
    sample: Result<EncodedRows, Error>,
    model: Model,
    current: Option<types::InferCurrentValue>,
}

impl Infer {
    /// The model that describes.
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        self.model = model.into();
        self
    }

    /// The description there is already, to be improved.
    pub fn current_description(mut self, text: impl Into<String>) -> Self {
        self.current().description = Some(text.into());
        self
    }

    /// The meaning of fields as it is already, to be improved.
    pub fn current_schema(mut self, schema: SchemaDefinition) -> Self {
        self.current().schema = Some(schema.into_iter().collect());
        self
    }

    /// What the rows are about.
    ///
    /// # Errors
    ///
    /// Returns the errors of every call, listed in [`Error`], and [`Encode`](crate::ErrorKind::Encode) if a row is not a
    /// JSON object or has a number that is NaN or infinite. The call is not retried after an ambiguous outcome.
    pub async fn description(self) -> Result<String, Error> {
        let (client, body, written) = self.body()?;
        let call = client.call().with_body(written);
        let result = call.client().infer_description(&body).await;
        call.finish(result).map(|answer| answer.description)
    }

    /// What each field means.
    ///
    /// # Errors
    ///
    /// As [`description`](Self::description).
    pub async fn schema(self) -> Result<SchemaDefinition, Error> {
        let (client, body, written) = self.body()?;
        let call = client.call().with_body(written);
        let result = call.client().infer_schema(&body).await;
        call.finish(result).map(|answer| answer.schema.into_iter().collect())
    }

    fn current(&mut self) -> &mut types::InferCurrentValue {
        self.current.get_or_insert_default()
    }

    /// The request without its rows, and the body with them.
    fn body(self) -> Result<(DataLinks, types::InferSchemaDescriptionRequest, Bytes), Error> {
        let sample = self.sample?;
        let body = types::InferSchemaDescriptionRequest {
            sample: types::DataArray(Vec::new()),
            model: self.model.name,
            provider: self.model.provider,
            current_value: self.current,
        };
        let written = sample.inside(&body, "sample")?;
        Ok((self.client, body, written))
    }
}

crate::client::builder_options!(Infer, client);
