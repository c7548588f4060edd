//! A client for [DataLinks](https://docs.datalinks.com): rows go in, are linked, and come back as the answers to
//! queries and questions.
//!
//! [`DataLinks`] is the API, [`IngestProxy`] the service that models and ingests data by itself. Both are made
//! from the environment or by a builder, are cheap to clone, and lead to everything else:
//!
//! ```
//! # use datalinks_emulator::Emulator;
//! use datalinks::{DataLinks, field};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
//! struct Film {
//!     title: String,
//!     year: u16,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start().await?;
//! # let (host, key) = (emulator.api_url(), emulator.api_key());
//! let dl = DataLinks::builder(host, key).build()?; // or DataLinks::from_env()
//! let films = dl.dataset("cinema", "films")?; // names are checked here, once
//! films.create().await?;
//!
//! let alien = Film { title: "Alien".into(), year: 1979 };
//! let parasite = Film { title: "Parasite".into(), year: 2019 };
//! let result = films.ingest([alien, parasite.clone()]).await?;
//! for row in &result.failed {
//!     eprintln!("row {}: {}", row.index, row.error);
//! }
//!
//! let recent: Vec<Film> = films.query().filter(field("year").ge(2012)).fetch().await?;
//! assert_eq!(recent, [parasite]);
//!
//! let mut events = films.namespace().ask("Which film is the oldest?").stream().await?;
//! while let Some(event) = events.next().await {
//!     println!("{}", event?.name());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What is promised
//!
//! - **Rows are accounted for.** Every row of an ingestion is in
//!   [`successful`](IngestionResult::successful) or in [`failed`](IngestionResult::failed), once, with its
//!   index and its cause. The service takes no key that would make a second request harmless, so [`Delivery`]
//!   sets what happens after an ambiguous outcome. The result lists the rows that may be stored twice, and
//!   no row is reported as not stored that is or may be.
//! - **Streams end honestly.** An [`AskStream`] ends with an answer or an error, an [`AgentStream`] with the end of
//!   its task, a [`PipelineRun`] with `complete` or `error`; a connection that just ends is an error, or a
//!   reconnection for runs. All are polled by the caller: no task runs behind them, and dropping one closes its
//!   connection.
//! - **Repetition is safe.** Refusals that did nothing are repeated within a budget ([`RetryPolicy`]), and so are
//!   requests that never left. A call with an ambiguous outcome is retried only where a second request changes
//!   nothing.
//! - **Errors help.** [`Error`] is one line that says what failed, where, and what to do, and keeps status,
//!   code and request id. It never holds a key or a presigned URL.
//!
//! # Coming from Python
//!
//! Everything that the vendor's `datalinks` package does, and where it is here. `dl` is a [`DataLinks`],
//! `proxy` an [`IngestProxy`], `ns` a [`Namespace`] and `ds` a [`Dataset`].
//!
//! | Python | Rust |
//! |---|---|
//! | `DLConfig`, `DLConfig.from_env`, `DataLinksAPI` | [`Config`], [`DataLinks::from_env`], [`DataLinks::builder`] |
//! | `IngestProxyConfig`, `IngestProxyAPI` | [`Config`], [`IngestProxy::from_env`], [`IngestProxy::builder`] |
//! | the request error | [`Error`] |
//! | `create_space` | [`ds.create()`](Dataset::create) |
//! | `ingest`, `IngestionResult` | [`ds.ingest(rows)`](Dataset::ingest), [`IngestionResult`] |
//! | `preview_ingest` | [`ds.ingest(rows).preview()`](Ingest::preview) |
//! | `infer_dataset_description`, `infer_schema` | [`dl.infer(sample)`](DataLinks::infer) |
//! | `update_infer_definition` | [`ds.define()`](Dataset::define) |
//! | `update_sort_order` | [`ds.order_columns(names)`](Dataset::order_columns) |
//! | `get_dataset_info` | [`ds.info()`](Dataset::info) |
//! | `rename_dataset`, `clear_dataset`, `delete_dataset` | [`ds.rename(name)`](Dataset::rename), [`ds.clear()`](Dataset::clear), [`ds.delete()`](Dataset::delete) |
//! | `list_datasets` | [`dl.schema_datasets()`](DataLinks::schema_datasets), [`ns.schema_datasets()`](Namespace::schema_datasets) |
//! | `list_all_datasets_schema`, `list_datasets_in_namespace_schema` | [`dl.schema_datasets()`](DataLinks::schema_datasets), [`ns.schema_datasets()`](Namespace::schema_datasets) |
//! | `list_namespaces`, `rename_namespace` | [`dl.namespaces()`](DataLinks::namespaces), [`ns.rename(name)`](Namespace::rename) |
//! | (deleting a namespace) | [`ns.delete()`](Namespace::delete), [`ns.delete_with_datasets()`](Namespace::delete_with_datasets) |
//! | (build specs) | [`dl.build_specs()`](DataLinks::build_specs), [`dl.create_build_spec(draft)`](DataLinks::create_build_spec), [`dl.build_spec(id)`](DataLinks::build_spec), [`dl.edit_build_spec(id, draft)`](DataLinks::edit_build_spec), [`dl.delete_build_spec(id)`](DataLinks::delete_build_spec) |
//! | `prepare_multipart_upload`, `finish_multipart_upload`, `abort_multipart_upload` | [`ds.prepare_upload(name, size)`](Dataset::prepare_upload), [`ds.finish_upload(..)`](Dataset::finish_upload), [`ds.abort_upload(..)`](Dataset::abort_upload) |
//! | (all three in one, in parts, with a journal) | [`ds.upload(path)`](Dataset::upload) |
//! | (file-upload sessions) | [`dl.upload_files(paths)`](DataLinks::upload_files); [`dl.prepare_session(files)`](DataLinks::prepare_session), [`UploadSession`] |
//! | `list_ingestions`, `wait_for_ingestion` | [`ds.ingestions()`](Dataset::ingestions), [`ds.wait_for(id)`](Dataset::wait_for) |
//! | `retry_ingestion`, `mark_ingestion_seen` | [`dl.retry_ingestion(id)`](DataLinks::retry_ingestion), [`dl.mark_ingestion_seen(id)`](DataLinks::mark_ingestion_seen) |
//! | `add_link` | [`dl.add_link(from, to)`](DataLinks::add_link) |
//! | `load_links`, `preview_links`, `rebuild_links` | [`ds.links()`](Dataset::links), [`ds.preview_links(rows)`](Dataset::preview_links), [`ds.rebuild_links(rows)`](Dataset::rebuild_links) |
//! | `get_ontology`, `save_ontology`, `curate_links` | [`ds.ontology()`](Dataset::ontology), [`ds.change_ontology()`](Dataset::change_ontology), [`ns.curate_links()`](Namespace::curate_links) |
//! | `query_data` | [`ds.query()`](Dataset::query), [`ns.query()`](Namespace::query); as a question [`QueryBuilder::natural_language`] |
//! | `ask`, `AskEvent` | [`ns.ask(question).stream()`](Ask::stream), [`AskEvent`] |
//! | `autorag` | [`ns.ask(question).autorag()`](Ask::autorag) |
//! | `get_agent_run_status`, `resume_agent_run`, `delete_agent_run`, `submit_agent_run_feedback` | [`dl.run(id)`](DataLinks::run): [`AgentRun`] |
//! | (waiting for a run, reaching it again after an interruption) | [`run.wait()`](AgentRun::wait), [`ns.ask(question).resume(policy)`](Ask::resume): [`ResumePolicy`] |
//! | `list_conversations`, `get_conversation` | [`ns.conversations()`](Namespace::conversations), [`dl.conversation(id)`](DataLinks::conversation) |
//! | `request_cleaning`, `get_cleaning_code` | [`ds.clean(prompts, into)`](Dataset::clean), [`dl.cleaning_code(id)`](DataLinks::cleaning_code) |
//! | (agents over A2A) | [`dl.agents()`](DataLinks::agents), [`agent.card()`](Agent::card), [`agent.ask(text)`](Agent::ask): [`AgentAsk`] |
//! | (a client without a key) | [`DataLinksBuilder::without_key`] |
//! | `get_current_user` | [`dl.current_user()`](DataLinks::current_user) |
//! | `list_tokens`, `add_token`, `delete_token`, `list_token_permissions` | [`dl.tokens()`](DataLinks::tokens), [`dl.create_token(name)`](DataLinks::create_token), [`dl.delete_token(id)`](DataLinks::delete_token), [`dl.token_permissions(id)`](DataLinks::token_permissions) |
//! | `get_usage_history`, `get_usage_by_day` | [`dl.usage()`](DataLinks::usage), [`dl.usage_by_day()`](DataLinks::usage_by_day) |
//! | `share_dataset_access`, `revoke_dataset_access`, `list_dataset_shares` | [`ds.share(user, role)`](Dataset::share), [`ds.revoke(user, role)`](Dataset::revoke), [`ds.shares()`](Dataset::shares) |
//! | `share_namespace_access`, `revoke_namespace_access`, `list_namespace_shares` | [`ns.share(user, role)`](Namespace::share), [`ns.revoke(user, role)`](Namespace::revoke), [`ns.shares()`](Namespace::shares) |
//! | `run_pipeline`, `stream_pipeline` | [`proxy.run_pipeline(..)`](IngestProxy::run_pipeline), [`proxy.follow(id, cursor)`](IngestProxy::follow): [`PipelineRun`] |
//! | `get_pipeline_trace`, `resume_pipeline_hook` | [`run.trace()`](PipelineRun::trace), [`run.hook(payload)`](PipelineRun::hook) |
//!
//! What Python leaves to `None` is an [`Error`] here, and names are escaped wherever they stand.
//!
//! # Cancellation
//!
//! Dropping a future stops what it waits for. A request that was sent may still be carried out by the service;
//! everything that reads may be dropped at any point and asked again. `next()` of a stream loses nothing when
//! it is dropped.
//!
//! # Time limits
//!
//! All of them can be set, where the second column says. `None` means that there is no limit unless one is set.
//!
//! | Limit | Set by | Default |
//! |---|---|---|
//! | making a connection, with TLS | [`connect_timeout`](DataLinksBuilder::connect_timeout) | 30 s |
//! | no progress of a call that reads or changes a few records | [`idle_timeout`](DataLinksBuilder::idle_timeout) | 60 s |
//! | no progress of any other call: rows, queries, links, uploads, models | [`idle_timeout`](DataLinksBuilder::idle_timeout) | 600 s |
//! | no data on a stream, keep-alives included | [`idle_timeout`](DataLinksBuilder::idle_timeout) | 600 s |
//! | a whole call, with its retries | [`CallOptions::timeout`] | none |
//! | attempts of a call | [`RetryPolicy::attempts`] | 3 |
//! | first and longest pause between two attempts | [`RetryPolicy::backoff`] | 0.5 s, 20 s |
//! | a wait that the server asks for (`Retry-After`), in calls, runs and resumed answers | [`RetryPolicy::longest_wait`] | 60 s |
//! | time in which an attempt may begin | [`RetryPolicy::total`] | none |
//! | reconnects of a pipeline run without progress | [`Reconnect::without_progress`] | 5 |
//! | attempts to resume an answer without progress | [`ResumePolicy::max_reconnects_without_progress`] | 5 |
//! | polling a run that cannot be resumed | [`ResumePolicy::poll_timeout`] | 600 s |
//! | waiting for an ingestion | [`WaitForIngestion::timeout`] | 1200 s |
//!
//! A call that reads or changes a few records, against a server that accepts it and says nothing, so ends after three
//! times 60 s and two pauses. The pause after a 429, which all clones of a client share, counts towards the whole call and
//! towards the time in which an attempt may begin.
//!
//! # What is uncertain
//!
//! This crate was written from public facts, and nothing in it was tried against the live service. Where those
//! facts leave something open, the documentation of the item says so, and `docs/open-questions.md` in the repository
//! lists it. [`raw`] is the low-level client, whose
//! types come from the OpenAPI document and may change with it.
//!
//! # Features
//!
//! - `rustls` (a default), `native-tls` or `rustls-no-provider` choose who speaks TLS.
//! - The version of HTTP is 1.1, also where another crate turns on the feature `http2` of reqwest.
//! - `read` (a default) reads files of rows: the module `read`. `excel` adds
//!   spreadsheets to it, `parquet` Parquet, and `parquet-zstd` Parquet with zstd, which compiles a C library.

#![cfg_attr(test, allow(clippy::disallowed_macros, reason = "values written out in a test"))]

mod agents;
mod ask;
mod awaitable;
mod build_specs;
mod call;
mod catalogue;
mod cleaning;
mod client;
mod config;
mod conversations;
mod dataset;
mod error;
mod infer;
mod ingest;
mod ingestions;
mod items;
mod lines;
mod links;
mod listing;
mod lock;
mod model;
mod namespace;
mod proxy;
mod query;
#[cfg(feature = "read")]
pub mod read;
mod rows;
mod runs;
mod schema;
mod secrets;
mod sessions;
mod sharing;
mod sse_reader;
pub mod stream;
mod tokens;
mod transport;
mod upload;
mod usage;

pub use agents::{
    Agent, AgentAnswer, AgentArtifact, AgentArtifactUpdate, AgentAsk, AgentCapabilities, AgentCard,
    AgentData, AgentEntry, AgentEvent, AgentInterface, AgentMessage, AgentPart, AgentPartContent, AgentRole,
    AgentSkill, AgentStatusUpdate, AgentStream, AgentTask, AgentTaskState, AgentTaskStatus,
};
pub use ask::{
    Answer, Ask, AskEvent, AskStream, AutoRagAnswer, CallerContext, Failure, Plan, QueryExecuting,
    ResumePolicy, RunStarted, Step, StepStarted,
};
pub use build_specs::{BuildSpec, BuildSpecDraft, DatasetCoordinate};
pub use catalogue::{DatasetSummary, NamespaceSummary};
pub use cleaning::CodeFile;
pub use client::{DataLinks, DataLinksBuilder};
pub use config::Config;
pub use conversations::{Conversation, ConversationSummary};
pub use datalinks_gen::{InferenceStep, Secret};
pub use dataset::{
    AddLink, ChangeOntology, CompareRows, Create, Created, CurateLinks, CuratedLinks, Dataset, DatasetInfo,
    Define, Ingest, LinkAdded, QueryBuilder,
};
pub use error::{Error, ErrorKind, SubError};
pub use infer::Infer;
pub use ingest::{
    BatchOutcome, Delivery, FailedRow, IngestionResult, IngestionSummary, Outcomes, Progress, ShortBatch,
};
pub use ingestions::{Ingestion, IngestionPage, Ingestions, WaitForIngestion, Waited};
pub use items::Items;
pub use links::{ColumnRef, ExactMatch, GeoMatch, Link, MatchType, MatchTypes};
pub use listing::{Listing, Rejected};
pub use model::Model;
pub use namespace::Namespace;
pub use proxy::{
    IngestProxy, IngestProxyBuilder, PipelineEvent, PipelineRun, Reconnect, RunPipeline, Source,
};
pub use query::{DatasetCount, Explain, Field, Filter, FilterValue, QueryAnswer, QueryText, field};
pub use runs::{AgentRun, Rate, RunState, RunStatus};
pub use schema::{SchemaDefinition, data_description};
pub use sessions::{FinishedFile, PreparedSession, SessionFile, SessionFiles, SessionStatus, UploadSession};
pub use sharing::{Role, Share};
pub use tokens::{CreateToken, CreatedToken, Token, TokenPermissions, User};
pub use transport::{Attempt, CallOptions, RetryPolicy};
pub use upload::{
    FinishUpload, TooSlow, Upload, UploadFile, UploadFiles, UploadProgress, Uploaded, UploadedFile,
    UploadedFiles, UploadedPart,
};
pub use usage::{Usage, UsageByDay, UsageCursor, UsageDay, UsageDays, UsageItem, UsagePage};

/// Whether everyone may read a dataset: an older setting.
pub type Visibility = datalinks_gen::enums::DatasetVisibility;

/// The generated low-level client, outside the promises of semantic versioning.
pub use datalinks_gen as raw;

/// The README's code compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
