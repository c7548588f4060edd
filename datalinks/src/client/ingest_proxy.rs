//! The client of the ingest proxy.

use std::sync::Arc;

use datalinks_gen::proxy;

use super::connection::Connection;
use crate::transport::{Call, CallOptions, RetryPolicy};

/// A client of the ingest proxy, the service that models and ingests data by itself.
///
/// The ingest proxy has a separate host, without the prefix `/api/v1`, and takes the same API key as the API. A client is cheap
/// to clone. All clones share connections, the retry budget and the delay after a 429.
///
/// # Examples
///
/// ```no_run
/// # async fn run(rows: Vec<serde_json::Value>) -> Result<(), datalinks::Error> {
/// use datalinks::{IngestProxy, PipelineEvent, pipeline::PipelineSource};
///
/// let proxy = IngestProxy::from_env()?;
/// let mut run = proxy.run_pipeline("cinema", PipelineSource::rows(&rows)?).user_prompt("films and people").stream().await?;
/// println!("{}", run.id());
/// while let Some(event) = run.next().await {
///     println!("{:?}", event?); // reconnects if necessary, ends with complete or error
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
    pub(crate) fn over(connection: Connection, username: String) -> Self {
        Self { connection: Arc::new(connection), username, options: Arc::default() }
    }

    /// Returns a client with these options for its calls. Runs that it starts keep them.
    ///
    /// Options are merged with those of this client, and `options` take precedence. This client does not change.
    /// [`without_options`](Self::without_options) returns a client without options.
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self { options: Arc::new(self.options.merged(options)), ..self.clone() }
    }

    /// Returns a client without the options of [`with_options`](Self::with_options). The settings of the builder apply.
    pub fn without_options(&self) -> Self {
        Self { options: Arc::default(), ..self.clone() }
    }

    /// Returns the generated low-level client, which uses the same connections, API key and retries.
    ///
    /// The low-level client is exempt from semantic versioning, because it changes with the OpenAPI document.
    #[cfg(feature = "raw")]
    pub fn raw(&self) -> proxy::Client {
        self.generated(crate::transport::call::raw(&self.connection.transport, &self.options))
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn username(&self) -> &str {
        &self.username
    }

    /// Returns the retry policy of the calls.
    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        self.options.policy(&self.connection.transport.policy)
    }

    /// Returns the options of the calls.
    pub(crate) fn options(&self) -> &CallOptions {
        &self.options
    }

    /// Returns a generated client for one call.
    pub(crate) fn call(&self) -> Call<proxy::Client> {
        self.call_with(&self.options)
    }

    /// Returns a generated client for one call with these options.
    pub(crate) fn call_with(&self, options: &CallOptions) -> Call<proxy::Client> {
        Call::new(&self.connection.transport, options, |ctx| self.generated(ctx))
    }

    fn generated(&self, ctx: datalinks_gen::Ctx) -> proxy::Client {
        proxy::Client::new_with_client(
            self.connection.address.as_str(),
            self.connection.transport.sender.client().clone(),
            ctx,
        )
    }
}
