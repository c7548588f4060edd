//! Clients, their builders, and requests without a method of their own.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde::Serialize;
use uuid::Uuid;

use super::{
    handles::{
        AddLink, Agent, AgentRun, CreateToken, DataLinks, DataLinksBuilder, Dataset, ExplainLink, Infer,
        IngestProxy, IngestProxyBuilder, Namespace, PipelineRun, RawRequest, RawResponse, RunPipeline,
        UploadFiles, UploadSession, Usage, UsageByDay, UsageMeter,
    },
    macros::{FromAsync as _, methods},
    runtime::Runtime,
};
use crate::{
    account::{Token, TokenPermissions, User},
    agents::AgentEntry,
    ask::Conversation,
    client::{CallOptions, Config, OutgoingRequest, RequestCompression},
    datasets::{BuildSpec, BuildSpecDraft, CodeFile, ColumnRef, DatasetSummary, NamespaceSummary},
    drift::{DriftObserver, SurveyCall},
    error::Error,
    pipeline::PipelineSource,
    testing::Script,
    transport::retry::{Attempt, RetryPolicy},
    types::Listing,
    uploads::PreparedSession,
};

/// Declares how a client is made. Every client has a runtime of its own, which everything that is made from it shares.
macro_rules! constructors {
    ($client:ident, $builder:ident) => {
        impl $client {
            #[doc = concat!("Like [`from_env`](crate::client::", stringify!($client), "::from_env) of the async client.")]
            pub fn from_env() -> Result<Self, Error> {
                crate::client::$client::from_env().map(Self::from)
            }

            #[doc = concat!("Like [`from_config`](crate::client::", stringify!($client), "::from_config) of the async client.")]
            pub fn from_config(config: &Config) -> Result<Self, Error> {
                crate::client::$client::from_config(config).map(Self::from)
            }

            #[doc = concat!("Like [`builder_from`](crate::client::", stringify!($client), "::builder_from) of the async client.")]
            pub fn builder_from(config: &Config) -> Result<$builder, Error> {
                crate::client::$client::builder_from(config).map($builder::from)
            }

            #[doc = concat!("Like [`builder`](crate::client::", stringify!($client), "::builder) of the async client.")]
            pub fn builder(host: impl Into<String>, key: impl Into<String>) -> $builder {
                crate::client::$client::builder(host, key).into()
            }
        }

        /// The connections that the async client has opened belong to its own runtime, and work as long as that runs.
        impl From<crate::client::$client> for $client {
            fn from(client: crate::client::$client) -> Self {
                Self::from_async(client, &Runtime::default())
            }
        }

        impl From<crate::client::$builder> for $builder {
            fn from(builder: crate::client::$builder) -> Self {
                Self::from_async(builder, &Runtime::default())
            }
        }
    };
}

constructors!(DataLinks, DataLinksBuilder);
constructors!(IngestProxy, IngestProxyBuilder);

methods! {
    DataLinks of crate::client::DataLinks;

    wait fn current_user(&self) -> User;
    wait fn tokens(&self) -> Listing<Token>;
    plain fn create_token(&self, name: impl Into<String>) -> CreateToken;
    wait fn delete_token(&self, id: impl AsRef<str>) -> ();
    wait fn token_permissions(&self, id: impl AsRef<str>) -> TokenPermissions;
    plain fn usage(&self) -> Usage;
    plain fn usage_by_day(&self) -> UsageByDay;
    wait fn agents(&self) -> Listing<AgentEntry>;
    fallible fn agent(&self, name: impl AsRef<str>) -> Agent;
    wait fn conversation(&self, id: impl ToString) -> Conversation;
    fallible fn run(&self, id: impl ToString) -> AgentRun;
    plain fn request(&self, method: Method, path: impl Into<String>) -> RawRequest;
    plain fn with_options(&self, options: CallOptions) -> Self;
    plain fn without_options(&self) -> Self;
    plain fn proxy(&self) -> Option<&str>;
    plain fn host(&self) -> &str;
    wait fn build_specs(&self) -> Listing<BuildSpec>;
    wait fn create_build_spec(&self, draft: BuildSpecDraft) -> BuildSpec;
    wait fn build_spec(&self, id: impl ToString) -> BuildSpec;
    wait fn edit_build_spec(&self, id: impl ToString, draft: BuildSpecDraft) -> BuildSpec;
    wait fn delete_build_spec(&self, id: impl ToString) -> ();
    #[deprecated(note = "the service deprecated this listing on 2026-06-17; call `schema_datasets`")]
    #[expect(deprecated, reason = "the blocking form of a deprecated method")]
    wait fn datasets(&self) -> Listing<DatasetSummary>;
    wait fn schema_datasets(&self) -> Listing<DatasetSummary>;
    wait fn namespaces(&self) -> Listing<NamespaceSummary>;
    wait fn namespaces_of(&self, username: impl AsRef<str>) -> Listing<NamespaceSummary>;
    wait fn cleaning_code(&self, task: impl ToString) -> Listing<CodeFile>;
    fallible fn dataset(&self, namespace: impl AsRef<str>, name: impl AsRef<str>) -> Dataset;
    plain fn infer<T: Serialize>(&self, sample: impl IntoIterator<Item = T>) -> Infer;
    plain fn add_link(&self, from: ColumnRef, to: ColumnRef) -> AddLink;
    fallible fn namespace(&self, name: impl AsRef<str>) -> Namespace;
    plain fn explain_link(&self, from: ColumnRef, to: ColumnRef) -> ExplainLink;
    wait fn usage_meter(&self) -> UsageMeter;
    plain fn upload_files<P: Into<PathBuf>>(&self, paths: impl IntoIterator<Item = P>) -> UploadFiles;
    wait fn retry_ingestion(&self, ingestion: Uuid) -> Uuid;
    wait fn mark_ingestion_seen(&self, ingestion: Uuid) -> ();
    wait fn prepare_session<N: Into<String>>(&self, files: impl IntoIterator<Item = (N, u64)>) -> PreparedSession;
    fallible fn session(&self, id: impl ToString) -> UploadSession;
}

/// Declares the methods of a builder: its own, and those of both builders.
macro_rules! builder {
    ($name:ident of $inner:ty; $($own:tt)*) => {
        methods! {
            $name of $inner;

            $($own)*
            plain fn connect_timeout(self, limit: Duration) -> Self;
            plain fn idle_timeout(self, limit: Duration) -> Self;
            plain fn retry(self, policy: RetryPolicy) -> Self;
            plain fn jitter_seed(self, seed: u64) -> Self;
            plain fn on_attempt(self, observer: impl Fn(&Attempt) + Send + Sync + 'static) -> Self;
            plain fn on_send(self, observer: impl Fn(&OutgoingRequest<'_>) + Send + Sync + 'static) -> Self;
            plain fn allow_plain_http(self) -> Self;
            plain fn no_proxy(self) -> Self;
            plain fn allow_plain_http_through_proxy(self) -> Self;
            plain fn user_agent(self, name: impl Into<String>) -> Self;
            plain fn http_client(self, client: reqwest::Client) -> Self;
            plain fn storage_http_client(self, client: reqwest::Client) -> Self;
            plain fn proxy(self, url: impl Into<String>) -> Self;
            plain fn no_proxy_for<S: Into<String>>(self, hosts: impl IntoIterator<Item = S>) -> Self;
            #[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
            plain fn add_root_certificate(self, pem_or_der: impl AsRef<[u8]>) -> Self;
            #[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
            plain fn identity(self, certificates: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self;
            plain fn pool_idle_timeout(self, limit: Duration) -> Self;
            plain fn pool_max_idle_per_host(self, connections: usize) -> Self;
            plain fn resolve(self, host: impl Into<String>, addresses: impl IntoIterator<Item = SocketAddr>) -> Self;
            plain fn default_headers(self, headers: HeaderMap) -> Self;
            plain fn on_request(self, hook: impl Fn(&mut HeaderMap) + Send + Sync + 'static) -> Self;
            plain fn compress_requests(self, compression: RequestCompression) -> Self;
            plain fn observe_drift(self, observer: &DriftObserver) -> Self;
            plain fn script(self, script: &Script) -> Self;
        }
    };
}

builder! {
    DataLinksBuilder of crate::client::DataLinksBuilder;

    plain fn without_key(self) -> Self;
    fallible fn build(self) -> DataLinks;
}

methods! {
    IngestProxy of crate::client::IngestProxy;

    plain fn with_options(&self, options: CallOptions) -> Self;
    plain fn without_options(&self) -> Self;
    plain fn run_pipeline(&self, namespace: impl Into<String>, source: PipelineSource) -> RunPipeline;
    fallible fn follow(&self, run_id: impl AsRef<str>, cursor: u64) -> PipelineRun;
}

builder! {
    IngestProxyBuilder of crate::client::IngestProxyBuilder;

    plain fn username(self, username: impl Into<String>) -> Self;
    fallible fn build(self) -> IngestProxy;
}

methods! {
    RawRequest of crate::client::RawRequest;

    plain fn body(self, json: impl Into<Bytes>) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> RawResponse;
}

methods! {
    RawResponse of crate::client::RawResponse;

    wait fn bytes(self) -> Bytes;
}

impl RawResponse {
    /// Like [`chunk`](crate::client::RawResponse::chunk) of the async client.
    pub fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        self.runtime.wait(|| self.inner.chunk())
    }
}

/// Like [`survey`](crate::drift::survey) of the async client.
///
/// # Errors
///
/// Fails only where the survey cannot be made at all, as described in [Runtimes](super#runtimes).
pub fn survey(client: &DataLinks) -> Result<Vec<SurveyCall>, Error> {
    client.runtime.wait_for(|| crate::drift::survey(&client.inner))
}
