//! Starting a pipeline run.

use datalinks_gen::{Row, proxy::types};
use http::HeaderValue;
use serde::Serialize;

use super::{IngestProxy, PipelineRun, Reconnect};
use crate::{Error, client::segment, rows::objects};

/// The answer's header that names the run.
const RUN_ID: &str = "x-workflow-run-id";

/// What a pipeline reads: exactly one of the three.
#[derive(Clone, PartialEq)]
pub struct Source(Kind);

#[derive(Clone, PartialEq)]
enum Kind {
    Rows(Vec<Row>),
    Url(String),
    BlobUrl(String),
}

impl Source {
    /// These rows, sent with the request.
    ///
    /// # Errors
    ///
    /// [`Encode`](crate::ErrorKind::Encode) when one is not a JSON object, naming its index.
    pub fn rows<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        objects(rows).map(|rows| Self(Kind::Rows(rows)))
    }

    /// A URL that the proxy fetches the data from. It may be presigned: it is never printed.
    pub fn url(url: impl Into<String>) -> Self {
        Self(Kind::Url(url.into()))
    }

    /// A URL of a blob that the proxy fetches the data from. It may be presigned: it is never printed.
    pub fn blob_url(url: impl Into<String>) -> Self {
        Self(Kind::BlobUrl(url.into()))
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Rows(rows) => write!(f, "Source({} rows)", rows.len()),
            Kind::Url(_) => f.write_str("Source(url)"),
            Kind::BlobUrl(_) => f.write_str("Source(blob url)"),
        }
    }
}

/// A pipeline run about to start. The defaults are those of the vendor's client.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is started"]
pub struct RunPipeline {
    proxy: IngestProxy,
    namespace: String,
    source: Source,
    settings: Phases,
    texts: Texts,
    reconnect: Reconnect,
}

/// The settings that are always sent.
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

/// The settings that are left out unless given.
#[derive(Clone, Debug, Default)]
struct Texts {
    user_prompt: Option<String>,
    predefined_schema: Option<Row>,
    explosion_helper_prompt: Option<String>,
    coalescence_helper_prompt: Option<String>,
    llm: Option<types::PipelineLlmSettings>,
    inference: Option<types::PipelineInferenceSettings>,
}

impl RunPipeline {
    pub(super) fn new(proxy: IngestProxy, namespace: String, source: Source) -> Self {
        Self {
            proxy,
            namespace,
            source,
            settings: Phases::default(),
            texts: Texts::default(),
            reconnect: Reconnect::default(),
        }
    }

    /// What the data is and what is wanted of it, in plain words.
    pub fn user_prompt(mut self, text: impl Into<String>) -> Self {
        self.texts.user_prompt = Some(text.into());
        self
    }

    /// Which phases run: modelling, ingesting, building the ontology. Default: all. (On the wire the
    /// first is called `model`, a word that means a model's name everywhere else.)
    pub fn phases(mut self, model: bool, ingest: bool, ontology: bool) -> Self {
        (self.settings.model, self.settings.ingest, self.settings.ontology) = (model, ingest, ontology);
        self
    }

    /// How often a model that its evaluation refused is made again. Default 3.
    pub fn max_eval_retries(mut self, most: u32) -> Self {
        self.settings.max_eval_retries = most.into();
        self
    }

    /// Rows that modelling reads at most. Default 20.
    pub fn max_rows_for_modeling(mut self, most: u32) -> Self {
        self.settings.max_rows_for_modeling = most.into();
        self
    }

    /// Rows that are sampled at most. Default 10.
    pub fn max_sample_rows(mut self, most: u32) -> Self {
        self.settings.max_sample_rows = most.into();
        self
    }

    /// Lets the run stop for questions, answered by [`PipelineRun::hook`]. Default: it does not.
    pub fn human_in_the_loop(mut self) -> Self {
        self.settings.human_in_the_loop = true;
        self
    }

    /// A schema to model by, instead of one found by a model. Its form is not publicly known.
    pub fn predefined_schema(mut self, schema: Row) -> Self {
        self.texts.predefined_schema = Some(schema);
        self
    }

    /// Words that guide the explosion of rows.
    pub fn explosion_helper_prompt(mut self, text: impl Into<String>) -> Self {
        self.texts.explosion_helper_prompt = Some(text.into());
        self
    }

    /// Words that guide the coalescence of rows.
    pub fn coalescence_helper_prompt(mut self, text: impl Into<String>) -> Self {
        self.texts.coalescence_helper_prompt = Some(text.into());
        self
    }

    /// The language model of the pipeline itself.
    pub fn llm(mut self, settings: types::PipelineLlmSettings) -> Self {
        self.texts.llm = Some(settings);
        self
    }

    /// The models of the inference steps that the pipeline sets up.
    pub fn inference(mut self, settings: types::PipelineInferenceSettings) -> Self {
        self.texts.inference = Some(settings);
        self
    }

    /// How the run is followed through cuts.
    pub fn reconnect(mut self, policy: Reconnect) -> Self {
        self.reconnect = policy;
        self
    }

    /// Starts the run. It is not started again after a doubtful end, because that could cost twice.
    ///
    /// # Errors
    ///
    /// As any call; and [`UnexpectedAnswer`](crate::ErrorKind::UnexpectedAnswer) when the answer does not name
    /// the run: it may be running then, and cannot be followed.
    pub async fn start(self) -> Result<PipelineRun, Error> {
        let reconnect = self.reconnect.clone();
        let proxy = self.proxy.clone();
        let call = proxy.call();
        let body = self.body();
        let result = call.client().run_pipeline(&body).await;
        // The body of the answer is not the stream to follow; dropping it closes that connection.
        let (_, facts) = call.finish_with_facts(result)?;
        let id = facts.headers.get(RUN_ID).map(HeaderValue::to_str).and_then(Result::ok).unwrap_or_default();
        if id.is_empty() {
            return Err(facts
                .unexpected(format!("the answer does not name the run (no {RUN_ID} header)"), b"")
                .advice("the run may have started and cannot be followed; look at the namespace before you start another")
                .with_outcome_unknown(true));
        }
        Ok(PipelineRun::new(proxy, segment("run id", id)?, 0).reconnect(reconnect))
    }

    fn body(self) -> types::PipelineRunRequest {
        let (mut data, mut data_url, mut data_blob_url) = (None, None, None);
        match self.source.0 {
            Kind::Rows(rows) => data = Some(types::DataArray(rows)),
            Kind::Url(url) => data_url = Some(url.into()),
            Kind::BlobUrl(url) => data_blob_url = Some(url.into()),
        }
        types::PipelineRunRequest {
            coalescence_helper_prompt: self.texts.coalescence_helper_prompt,
            data,
            data_blob_url,
            data_url,
            datalinks_inference_settings: self.texts.inference,
            datalinks_username: self.proxy.username,
            enable_human_in_the_loop: self.settings.human_in_the_loop,
            explosion_helper_prompt: self.texts.explosion_helper_prompt,
            ingest: self.settings.ingest,
            llm: self.texts.llm,
            max_eval_retries: self.settings.max_eval_retries,
            max_rows_for_modeling: self.settings.max_rows_for_modeling,
            max_sample_rows: self.settings.max_sample_rows,
            model: self.settings.model,
            namespace: self.namespace,
            ontology: self.settings.ontology,
            predefined_schema: self.texts.predefined_schema.map(serde_json::Value::Object),
            user_prompt: self.texts.user_prompt,
        }
    }
}
