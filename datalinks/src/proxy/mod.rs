//! The ingest proxy: a service with its own host that models, ingests and links data.
//!
//! The service goes through four phases.
//!
//! 1. *Modeling* loads the schemas of the namespace, refines the prompt, adds columns and turns multi-valued
//!    fields into rows (*expansion*), groups columns into datasets with natural identifiers (*coalescence*),
//!    describes them, and evaluates the result.
//! 2. *Preview* shows sample rows of each dataset, and waits for a person if one is in the loop.
//! 3. *Ingestion* creates the datasets and pushes all rows into all of them.
//! 4. *Ontology* links equal columns, columns of the same name, and columns that a model finds.
//!
//! The service does not document the types of events except `complete` and `error`, the bodies of hooks, and
//! the fields of a trace except `runId`.

mod builder;
mod event;
mod models;
mod progress;
mod reconnect;
mod replay;
mod run;
mod schema;
mod start;

use std::sync::Arc;

use datalinks_gen::{Row, proxy};

pub use builder::IngestProxyBuilder;
pub use event::PipelineEvent;
pub use models::{InferenceSettings, LlmSettings};
pub use reconnect::Reconnect;
pub use run::PipelineRun;
pub use start::{RunPipeline, Source};

use crate::{
    CallOptions, Config, Error, RetryPolicy,
    call::{self, Call},
    client::{Connection, segment},
};

/// The ingest proxy. It has a host of its own (no `/api/v1`) and takes the same key. Cheap to clone.
///
/// ```no_run
/// # async fn run(rows: Vec<serde_json::Value>) -> Result<(), datalinks::Error> {
/// use datalinks::{IngestProxy, PipelineEvent, Source};
///
/// let proxy = IngestProxy::from_env()?;
/// let mut run = proxy.run_pipeline("cinema", Source::rows(&rows)?).user_prompt("films and people").stream().await?;
/// println!("{}", run.id());
/// while let Some(event) = run.next().await {
///     println!("{:?}", event?); // reconnects by itself, ends with complete or error
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct IngestProxy {
    connection: Arc<Connection>,
    username: String,
    options: Arc<CallOptions>,
}

impl IngestProxy {
    /// A client by the environment: `DL_INGEST_PROXY` and `DL_API_KEY`, and `DL_USERNAME` if set (see
    /// [`Config`]).
    ///
    /// # Errors
    ///
    /// One error names all settings that are missing; others say which is unusable and why.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_config(&Config::from_env()?)
    }

    /// A client by settings read earlier.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_config(config: &Config) -> Result<Self, Error> {
        Self::builder_from(config)?.build()
    }

    /// The builder of a client by settings read earlier, to set more.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn builder_from(config: &Config) -> Result<IngestProxyBuilder, Error> {
        let [host, key] =
            config.require([("DL_INGEST_PROXY", &config.proxy), ("DL_API_KEY", &config.key)])?;
        Ok(Self::builder(host, key).username(config.username().unwrap_or_default()))
    }

    /// A client for the proxy at `host`, a base URL without a prefix, and a key.
    pub fn builder(host: impl Into<String>, key: impl Into<String>) -> IngestProxyBuilder {
        IngestProxyBuilder::new(host.into(), key.into())
    }

    pub(crate) fn over(connection: Connection, username: String) -> Self {
        Self { connection: Arc::new(connection), username, options: Arc::default() }
    }

    /// Returns a client whose calls differ by these options. The runs made from it keep them.
    ///
    /// Options are merged: those that this client has already stay, unless `options` sets them, too. The client that
    /// it is made from stays as it is, and [`without_options`](Self::without_options) returns one without any.
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self { options: Arc::new(self.options.merged(options)), ..self.clone() }
    }

    /// Returns a client without the options of [`with_options`](Self::with_options): all calls are as the builder set
    /// them.
    pub fn without_options(&self) -> Self {
        Self { options: Arc::default(), ..self.clone() }
    }

    /// A pipeline about to run over `source`, into `namespace`. It costs model tokens.
    pub fn run_pipeline(&self, namespace: impl Into<String>, source: Source) -> RunPipeline {
        RunPipeline::new(self.clone(), namespace.into(), source)
    }

    /// Follows a run that was started earlier or elsewhere, from the event with index `cursor` on: 0
    /// for all, or what [`PipelineRun::cursor`] said. Sends nothing until the first event is awaited.
    ///
    /// # Errors
    ///
    /// When the id cannot stand in a path.
    pub fn follow(&self, run_id: impl AsRef<str>, cursor: u64) -> Result<PipelineRun, Error> {
        Ok(PipelineRun::new(self.clone(), segment("run id", run_id.as_ref())?, cursor))
    }

    /// The generated low-level client over the same connections, key and retries. It is outside the
    /// promises of semantic versioning: it changes with the OpenAPI document.
    pub fn raw(&self) -> proxy::Client {
        self.generated(call::raw(&self.connection.transport, &self.options))
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Returns the retry policy of its calls.
    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        self.options.policy(&self.connection.transport.policy)
    }

    /// The settings of its calls.
    pub(crate) fn options(&self) -> &CallOptions {
        &self.options
    }

    /// A generated client for one call.
    pub(crate) fn call(&self) -> Call<proxy::Client> {
        self.call_with(&self.options)
    }

    /// A generated client for one call that differs from the others.
    pub(crate) fn call_with(&self, options: &CallOptions) -> Call<proxy::Client> {
        Call::new(&self.connection.transport, options, |ctx| self.generated(ctx))
    }

    fn generated(&self, ctx: datalinks_gen::Ctx) -> proxy::Client {
        proxy::Client::new_with_client(
            self.connection.address.as_str(),
            self.connection.transport.http.clone(),
            ctx,
        )
    }
}

/// A JSON object, as the free-form answers of the proxy are.
pub(crate) type Object = Row;
