//! How an uploaded file is ingested.

use datalinks_gen::api::types;

use crate::{
    datasets::{MatchTypes, SchemaDefinition, fields},
    error::Error,
    types::{
        description::description,
        inference_step::{self, InferenceStep},
    },
};

/// What is said when an upload is finished.
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
    /// Refuses nonsense, before anything is sent.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.clone().body(String::new(), String::new(), Vec::new()).map(|_| ())
    }

    /// The request that finishes an upload.
    pub(super) fn body(
        self,
        upload_id: String,
        key: String,
        parts: Vec<types::FinishedMultipartItem>,
    ) -> Result<types::FinishedMultipartRequest, Error> {
        if self.infer_batch_size == Some(0) {
            return Err(Error::invalid("infer_batch_size is 0, so that no row would be ingested"));
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
            /// A name for the ingestion. Default: none.
            pub fn name(mut self, name: impl Into<String>) -> Self {
                self.options.name = Some(name.into());
                self
            }

            /// Inference steps, run on each row before it is stored, in order. Most cost model tokens for every
            /// row. An empty list is sent as such. Unset, the field is left out.
            pub fn steps(mut self, steps: impl IntoIterator<Item = $crate::ingest::InferenceStep>) -> Self {
                self.options.steps = Some(steps.into_iter().collect());
                self
            }

            /// Which links are looked for in the rows (entity resolution). Default: none.
            pub fn link(mut self, match_types: $crate::datasets::MatchTypes) -> Self {
                self.options.link = match_types.requested();
                self
            }

            /// Rows that go through the steps at a time, at least 1. Unset, the service's default holds: 1,000.
            /// Smaller is safer for large files, whose source times out when a model is slow.
            pub fn infer_batch_size(mut self, rows: u32) -> Self {
                self.options.infer_batch_size = Some(rows);
                self
            }

            /// What the rows are, in plain words. At most 10,000 characters.
            pub fn data_description(mut self, text: impl Into<String>) -> Self {
                self.options.description = Some(text.into());
                self
            }

            /// What each field means; given, the service does not guess the fields by a model.
            pub fn schema(mut self, schema: $crate::datasets::SchemaDefinition) -> Self {
                self.options.schema = Some(schema);
                self
            }
        }
    };
}

pub(crate) use finish_setters;
