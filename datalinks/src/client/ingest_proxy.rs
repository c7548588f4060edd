//! The client of the ingest proxy.

use std::sync::Arc;

use datalinks_gen::proxy;

use super::connection::Connection;
use crate::transport::{Call, CallOptions, RetryPolicy};

/// The ingest proxy. It has a host of its own (no `/api/v1`) and takes the same key. Cheap to clone.
///
/// ```no_run
/// # async fn run(rows: Vec<serde_json::Value>) -> Result<(), datalinks::Error> {
/// use datalinks::{IngestProxy, PipelineEvent, pipeline::PipelineSource};
///
/// let proxy = IngestProxy::from_env()?;
/// let mut run = proxy.run_pipeline("cinema", PipelineSource::rows(&rows)?).user_prompt("films and people").stream().await?;
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

    /// The generated low-level client over the same connections, key and retries. It is outside the
    /// promises of semantic versioning: it changes with the OpenAPI document.
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
            self.connection.transport.sender.client().clone(),
            ctx,
        )
    }
}
