//! Options for the ingestion of an uploaded file.

use datalinks_gen::api::types;

use crate::{
    datasets::{MatchTypes, SchemaDefinition, fields},
    error::Error,
    types::{
        description::description,
        inference_step::{self, InferenceStep},
    },
};

/// The options of the request that finishes an upload.
#[derive(Clone, Debug, Default)]
pub(crate) struct FinishOptions {
    pub(crate) name: Option<String>,
    pub(crate) steps: Option<Vec<InferenceStep>>,
    pub(crate) link: Option<MatchTypes>,
    pub(crate) infer_batch_size: Option<u32>,
    pub(crate) description: Option<String>,
    pub(crate) schema: Option<SchemaDefinition>,
}

impl FinishOptions {
    /// Validates the options.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.clone().body(String::new(), String::new(), Vec::new()).map(|_| ())
    }

    /// Returns the request that finishes an upload.
    pub(super) fn body(
        self,
        upload_id: String,
        key: String,
        parts: Vec<types::FinishedMultipartItem>,
    ) -> Result<types::FinishedMultipartRequest, Error> {
        if self.infer_batch_size == Some(0) {
            return Err(Error::invalid("infer_batch_size is 0: expected at least 1"));
        }
        if let Some(link) = &self.link {
            link.check()?;
        }
        let steps = self.steps.map(inference_step::checked).transpose()?;
        Ok(types::FinishedMultipartRequest {
            upload_id,
            key,
            parts,
            name: self.name,
            infer: steps.map(|steps| types::IngestRequestInfer { steps: Some(steps) }),
            link: self.link.map(MatchTypes::into_wire),
            infer_batch_size: self.infer_batch_size.map(i64::from),
            data_description: self.description.as_deref().map(description).transpose()?,
            schema_definition: self.schema.map(fields).transpose()?,
        })
    }
}

/// The setters of both builders that finish an upload.
macro_rules! finish_setters {
    ($builder:ty) => {
        impl $builder {
            /// Sets a name for the ingestion. By default, the ingestion has no name.
            pub fn name(mut self, name: impl Into<String>) -> Self {
                self.options.name = Some(name.into());
                self
            }

            /// Sets the inference steps. The service runs them in order on each row before it stores the row.
            ///
            /// Most steps call a model, which uses tokens for every row. An empty list is sent as an empty list. By
            /// default, the member is left out.
            pub fn steps(mut self, steps: impl IntoIterator<Item = $crate::ingest::InferenceStep>) -> Self {
                self.options.steps = Some(steps.into_iter().collect());
                self
            }

            /// Sets the links that the service searches for in the rows (entity resolution). By default, none.
            pub fn link(mut self, match_types: $crate::datasets::MatchTypes) -> Self {
                self.options.link = match_types.requested();
                self
            }

            /// Sets the number of rows that pass through the inference steps together, at least 1.
            ///
            /// A smaller number is safer for large files, because the source of the rows can time out if a model is
            /// slow. Defaults to 1,000, the default of the service.
            pub fn infer_batch_size(mut self, rows: u32) -> Self {
                self.options.infer_batch_size = Some(rows);
                self
            }

            /// Sets a description of the rows in natural language. At most 10,000 characters.
            pub fn data_description(mut self, text: impl Into<String>) -> Self {
                self.options.description = Some(text.into());
                self
            }

            /// Sets the meaning of each field. The service then does not derive the fields with a model.
            pub fn schema(mut self, schema: $crate::datasets::SchemaDefinition) -> Self {
                self.options.schema = Some(schema);
                self
            }
        }
    };
}

pub(crate) use finish_setters;
