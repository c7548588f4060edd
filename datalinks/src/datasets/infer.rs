//! Descriptions of sample rows and their fields, written by a model.

use bytes::Bytes;
use datalinks_gen::api::types;
use serde::Serialize;

use super::schema::SchemaDefinition;
use crate::{client::DataLinks, error::Error, json::EncodedRows, types::Model};

impl DataLinks {
    /// Returns a builder for requests in which a model describes sample rows or their fields. Each request costs model tokens.
    ///
    /// # Examples
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

/// A builder for the description of sample rows: call [`description`](Self::description) or [`schema`](Self::schema) to send
/// it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until `description` or `schema` is called"]
pub struct Infer {
    client: DataLinks,
    sample: Result<EncodedRows, Error>,
    model: Model,
    current: Option<types::InferCurrentValue>,
}

impl Infer {
    /// Sets the model. Unset, the service chooses.
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        self.model = model.into();
        self
    }

    /// Sets the present description, which the model improves.
    pub fn current_description(mut self, text: impl Into<String>) -> Self {
        self.current().description = Some(text.into());
        self
    }

    /// Sets the present descriptions of fields, which the model improves.
    pub fn current_schema(mut self, schema: SchemaDefinition) -> Self {
        self.current().schema = Some(schema.into_iter().collect());
        self
    }

    /// Sends the request and returns a description of the rows.
    ///
    /// # Errors
    ///
    /// - [`Encode`](crate::ErrorKind::Encode) if a row is not a JSON object, or has a number that is NaN or infinite. Nothing
    ///   was sent.
    ///
    /// The call is not retried after an ambiguous outcome: a second one would cost tokens again.
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn description(self) -> Result<String, Error> {
        let (client, body, written) = self.body()?;
        let call = client.call().with_body(written);
        let result = call.client().infer_description(&body).await;
        call.finish(result).map(|answer| answer.description)
    }

    /// Sends the request and returns descriptions of the fields.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`description`](Self::description). The call is not retried after an ambiguous outcome.
    pub async fn schema(self) -> Result<SchemaDefinition, Error> {
        let (client, body, written) = self.body()?;
        let call = client.call().with_body(written);
        let result = call.client().infer_schema(&body).await;
        call.finish(result).map(|answer| answer.schema.into_iter().collect())
    }

    fn current(&mut self) -> &mut types::InferCurrentValue {
        self.current.get_or_insert_default()
    }

    /// Returns the request without its rows, and the encoded body with them.
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
