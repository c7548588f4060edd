//! Starting a pipeline run.

use bytes::Bytes;
use datalinks_gen::proxy::types;
use http::HeaderValue;
use serde::Serialize;
use serde_json::Value;

use super::{
    event::JsonObject,
    models::{InferenceSettings, LlmSettings},
    reconnect::ReconnectPolicy,
    run::PipelineRun,
    schema,
};
use crate::{
    client::{IngestProxy, segment},
    error::{Error, ErrorKind},
    json::EncodedRows,
    types::impl_into_future,
};

/// The response header that names the run.
const RUN_ID: &str = "x-workflow-run-id";

/// The source of a pipeline: rows, a URL, or the URL of a blob.
#[derive(Clone, PartialEq)]
pub struct PipelineSource(Kind);

#[derive(Clone, PartialEq)]
enum Kind {
    Rows(EncodedRows),
    Url(String),
    BlobUrl(String),
}

impl PipelineSource {
    /// Creates a source of rows, which are sent with the request.
    ///
    /// # Errors
    ///
    /// [`Encode`](crate::ErrorKind::Encode) if a row is not a JSON object, or has a number that is NaN or infinite. The error
    /// names the index of the row.
    pub fn rows<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        EncodedRows::new(rows).map(|rows| Self(Kind::Rows(rows)))
    }

    /// Creates a source from a URL that the proxy fetches. The URL is never printed, because it may be presigned.
    pub fn url(url: impl Into<String>) -> Self {
        Self(Kind::Url(url.into()))
    }

    /// Creates a source from the URL of a blob that the proxy fetches. The URL is never printed, because it may be presigned.
    pub fn blob_url(url: impl Into<String>) -> Self {
        Self(Kind::BlobUrl(url.into()))
    }
}

impl std::fmt::Debug for PipelineSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Rows(rows) => write!(f, "PipelineSource({} rows)", rows.count),
            Kind::Url(_) => f.write_str("PipelineSource(url)"),
            Kind::BlobUrl(_) => f.write_str("PipelineSource(blob url)"),
        }
    }
}

/// A builder for a pipeline run. The defaults are those of the vendor's client.
///
/// Awaiting the builder starts the run, follows it to its end, and returns the `complete` event, as [`PipelineRun::finish`]
/// does. An error after the start names the run, which continues on the service. It is
/// [ambiguous](crate::guide::ambiguous_outcomes) unless the run itself reported it. [`stream`](Self::stream) starts the run and
/// returns its events one by one. Use it to save the id of a run or to answer its questions.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it or its stream is awaited"]
pub struct RunPipeline {
    proxy: IngestProxy,
    namespace: String,
    source: PipelineSource,
    settings: Phases,
    texts: Texts,
    reconnect: ReconnectPolicy,
}

/// Settings that are always sent.
#[derive(Clone, Debug)]
struct Phases {
    model: bool,
    ingest: bool,
    ontology: bool,
    max_eval_retries: i64,
    max_rows_for_modeling: i64,
    max_sample_rows: i64,
    human_in_the_loop: bool,
}

impl Default for Phases {
    fn default() -> Self {
        Self {
            model: true,
            ingest: true,
            ontology: true,
            max_eval_retries: 3,
            max_rows_for_modeling: 20,
            max_sample_rows: 10,
            human_in_the_loop: false,
        }
    }
}

/// Settings that are omitted unless they are set.
#[derive(Clone, Debug, Default)]
struct Texts {
    user_prompt: Option<String>,
    predefined_schema: Option<Result<Value, String>>,
    explosion_helper_prompt: Option<String>,
    coalescence_helper_prompt: Option<String>,
    llm: Option<LlmSettings>,
    inference: Option<InferenceSettings>,
}

impl RunPipeline {
    pub(super) fn new(proxy: IngestProxy, namespace: String, source: PipelineSource) -> Self {
        Self {
            proxy,
            namespace,
            source,
            settings: Phases::default(),
            texts: Texts::default(),
            reconnect: ReconnectPolicy::default(),
        }
    }

    /// Sets a description of the data and of the desired result, in natural language.
    pub fn user_prompt(mut self, text: impl Into<String>) -> Self {
        self.texts.user_prompt = Some(text.into());
        self
    }

    /// Sets which phases run. Defaults to all three.
    ///
    /// - `model` finds the datasets that the data is made of. A run makes several datasets, and a language
    ///   model names them. Without this phase the run goes straight to ingestion, with the datasets of
    ///   [`predefined_schema`](Self::predefined_schema). The field on the wire is called `model`, which means the name
    ///   of a model in all other requests.
    /// - `ingest` creates the datasets and pushes all rows into them. Without it nothing is created.
    /// - `ontology` links columns of the datasets. Without it no link is added.
    pub fn phases(mut self, model: bool, ingest: bool, ontology: bool) -> Self {
        (self.settings.model, self.settings.ingest, self.settings.ontology) = (model, ingest, ontology);
        self
    }

    /// Sets how often the evaluation of the datasets may send the run back to modeling. The checks after
    /// expansion and coalescence retry as often. Defaults to 3.
    pub fn max_eval_retries(mut self, most: u32) -> Self {
        self.settings.max_eval_retries = most.into();
        self
    }

    /// Sets the maximum number of rows that modeling reads. Ingestion pushes all rows. Defaults to 20.
    pub fn max_rows_for_modeling(mut self, most: u32) -> Self {
        self.settings.max_rows_for_modeling = most.into();
        self
    }

    /// Sets the maximum number of sample rows per dataset in the preview. Defaults to 10.
    pub fn max_sample_rows(mut self, most: u32) -> Self {
        self.settings.max_sample_rows = most.into();
        self
    }

    /// Lets the run stop for questions, which [`PipelineRun::resume_hook`] answers. The service documents three: a
    /// clarification, if its confidence in the prompt is 60 % or less, a review of the schema, after the
    /// sample rows, and a fresh token, before ingestion, if the token has expired. Off by default.
    pub fn human_in_the_loop(mut self) -> Self {
        self.settings.human_in_the_loop = true;
        self
    }

    /// Sets the datasets to create: an object, as the vendor's client declares it, or an array of dataset
    /// schemas, as the vendor's documentation describes it. The value is sent as given. With modeling off
    /// ([`phases`](Self::phases)), the run goes straight to ingestion with these datasets. The service does
    /// not document the fields of a dataset schema.
    ///
    /// [`stream`](Self::stream) rejects any other value before sending.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(proxy: datalinks::IngestProxy, source: datalinks::pipeline::PipelineSource) -> Result<(), datalinks::Error> {
    /// use serde_json::json;
    ///
    /// let schemas = json!([{ "name": "films", "fields": { "title": "the title", "year": "" } }]);
    /// let run = proxy.run_pipeline("cinema", source).phases(false, true, true).predefined_schema(schemas);
    /// println!("{}", run.stream().await?.id());
    /// # Ok(())
    /// # }
    /// ```
    pub fn predefined_schema(mut self, schema: impl Serialize) -> Self {
        self.texts.predefined_schema = Some(schema::read(schema));
        self
    }

    /// Sets a hint for expansion, which adds columns and turns multi-valued fields into rows. The wire calls
    /// it explosion.
    pub fn explosion_helper_prompt(mut self, text: impl Into<String>) -> Self {
        self.texts.explosion_helper_prompt = Some(text.into());
        self
    }

    /// Sets a hint for coalescence, which groups columns into datasets with natural identifiers.
    pub fn coalescence_helper_prompt(mut self, text: impl Into<String>) -> Self {
        self.texts.coalescence_helper_prompt = Some(text.into());
        self
    }

    /// Sets the language model of the pipeline itself.
    pub fn llm(mut self, settings: LlmSettings) -> Self {
        self.texts.llm = Some(settings);
        self
    }

    /// Sets the models of the inference steps that the pipeline sets up.
    pub fn inference(mut self, settings: InferenceSettings) -> Self {
        self.texts.inference = Some(settings);
        self
    }

    /// Sets how the run is followed after interruptions. Defaults to [`ReconnectPolicy::default`].
    pub fn reconnect(mut self, policy: ReconnectPolicy) -> Self {
        self.reconnect = policy;
        self
    }

    /// Starts the run and returns its events as a stream.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the namespace is not a valid name, or the predefined schema is
    ///   neither an object nor an array. Nothing was sent.
    /// - [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the response does not name the run. The
    ///   run may have started, and cannot be followed.
    ///
    /// The call is not retried after an ambiguous outcome: a second run would cost tokens again.
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// This method is not cancel safe. If the future is dropped after the request was sent, the outcome is ambiguous.
    pub async fn stream(self) -> Result<PipelineRun, Error> {
        let reconnect = self.reconnect.clone();
        let proxy = self.proxy.clone();
        segment("namespace", &self.namespace)?;
        let (body, written) = self.body()?;
        let call = proxy.call();
        let call = match written {
            Some(written) => call.with_body(written),
            None => call,
        };
        let result = call.client().run_pipeline(&body).await;
        // The body of the response is not the stream to follow. Dropping it closes the connection.
        let (_, facts) = call.finish_with_facts(result)?;
        let id = facts.headers.get(RUN_ID).map(HeaderValue::to_str).and_then(Result::ok).unwrap_or_default();
        if id.is_empty() {
            return Err(facts
                .unexpected(format!("the response does not name the run (no {RUN_ID} header)"), b"")
                .advice("the run may have started and cannot be followed; check the namespace before you start another")
                .with_ambiguous(true));
        }
        let run = PipelineRun::new(proxy, segment("run id", id)?, 0).reconnect(reconnect);
        Ok(run.redacted(facts.context.redactor))
    }

    async fn send(self) -> Result<JsonObject, Error> {
        self.stream().await?.finish().await.map_err(|error| match error.kind() {
            // The run said how it ended.
            ErrorKind::Reported => error,
            // The run has started, and a second one costs model time again.
            _ => error.with_ambiguous(true),
        })
    }

    /// Returns the request without its rows, and the encoded body with the rows if the source has rows.
    fn body(self) -> Result<(types::PipelineRunRequest, Option<Bytes>), Error> {
        let predefined_schema = self.texts.predefined_schema.map(schema::sendable).transpose()?;
        let (mut rows, mut data_url, mut data_blob_url) = (None, None, None);
        match self.source.0 {
            Kind::Rows(encoded) => rows = Some(encoded),
            Kind::Url(url) => data_url = Some(url.into()),
            Kind::BlobUrl(url) => data_blob_url = Some(url.into()),
        }
        let request = types::PipelineRunRequest {
            coalescence_helper_prompt: self.texts.coalescence_helper_prompt,
            data: None,
            data_blob_url,
            data_url,
            datalinks_inference_settings: self.texts.inference.map(InferenceSettings::into_wire),
            datalinks_username: self.proxy.username().to_owned(),
            enable_human_in_the_loop: self.settings.human_in_the_loop,
            explosion_helper_prompt: self.texts.explosion_helper_prompt,
            ingest: self.settings.ingest,
            llm: self.texts.llm.map(LlmSettings::checked).transpose()?,
            max_eval_retries: self.settings.max_eval_retries,
            max_rows_for_modeling: self.settings.max_rows_for_modeling,
            max_sample_rows: self.settings.max_sample_rows,
            model: self.settings.model,
            namespace: self.namespace,
            ontology: self.settings.ontology,
            predefined_schema,
            user_prompt: self.texts.user_prompt,
        };
        let written = rows.map(|rows| rows.inside(&request, "data")).transpose()?;
        Ok((request, written))
    }
}

impl_into_future!(RunPipeline => JsonObject);
crate::client::builder_options!(RunPipeline, proxy);

impl IngestProxy {
    /// Returns a builder for a pipeline run that reads `source` and writes into `namespace`. Await it, or its
    /// [`stream`](RunPipeline::stream), to start the run, which costs model tokens.
    pub fn run_pipeline(&self, namespace: impl Into<String>, source: PipelineSource) -> RunPipeline {
        RunPipeline::new(self.clone(), namespace.into(), source)
    }

    /// Returns a run that was started earlier, or by another process, from the event with index `cursor` on.
    ///
    /// `0` yields all events, and a value of [`PipelineRun::cursor`] continues there. Sends nothing until the first event is
    /// awaited.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id cannot be a path segment.
    pub fn follow(&self, run_id: impl AsRef<str>, cursor: u64) -> Result<PipelineRun, Error> {
        Ok(PipelineRun::new(self.clone(), segment("run id", run_id.as_ref())?, cursor))
    }
}
