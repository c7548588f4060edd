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
//! # The guide
//!
//! [`guide`] explains one task per chapter with programs that run, from [connecting](guide::connecting) to
//! [tests of your own code](guide::testing). [Coming from Python](guide::from_python) has a table of every name of the
//! vendor's package.
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
//!   spreadsheets to it, and `parquet` Parquet, which compiles a C library (zstd).

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
pub mod guide;
mod infer;
mod inference_step;
mod ingest;
mod ingestions;
mod items;
mod lines;
mod links;
mod listing;
mod lock;
mod misfit;
mod model;
mod namespace;
mod proxy;
mod query;
#[cfg(feature = "read")]
pub mod read;
mod row_members;
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
mod written;

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
pub use datalinks_gen::Secret;
pub use dataset::{
    AddLink, ChangeOntology, CompareRows, Create, Created, CurateLinks, CuratedLinks, Dataset, DatasetInfo,
    Define, Ingest, LinkAdded, QueryBuilder, Visibility,
};
pub use error::{Error, ErrorKind, SubError};
pub use infer::Infer;
pub use inference_step::{InferenceStep, NormaliseMode, ValidateMode};
pub use ingest::{
    BatchOutcome, Delivery, FailedRow, IngestionCounts, IngestionResult, IngestionSummary, Outcomes,
    Progress, ShortBatch,
};
pub use ingestions::{Ingestion, IngestionPage, Ingestions, WaitForIngestion, Waited};
pub use items::Items;
pub use links::{ColumnRef, ExactMatch, GeoMatch, Link, MatchType, MatchTypes};
pub use listing::{Listing, Rejected};
pub use model::Model;
pub use namespace::Namespace;
pub use proxy::{
    InferenceSettings, IngestProxy, IngestProxyBuilder, LlmSettings, PipelineEvent, PipelineRun, Reconnect,
    RunPipeline, Source,
};
pub use query::{DatasetCount, Explain, Field, Filter, FilterValue, QueryAnswer, QueryText, field};
pub use runs::{AgentRun, Rate, RunState, RunStatus};
pub use schema::{SchemaDefinition, data_description};
pub use sessions::{FinishedFile, PreparedSession, SessionFile, SessionFiles, SessionStatus, UploadSession};
pub use sharing::{Role, Share};
pub use tokens::{CreateToken, CreatedToken, Token, TokenPermissions, User};
pub use transport::{Attempt, Backoff, CallOptions, RetryPolicy};
pub use upload::{
    FinishUpload, TooSlow, Upload, UploadFile, UploadFileStatus, UploadFiles, UploadProgress, Uploaded,
    UploadedFile, UploadedFiles, UploadedPart,
};
pub use usage::{Usage, UsageByDay, UsageCursor, UsageDay, UsageDays, UsageItem, UsagePage};

/// The generated low-level client, outside the promises of semantic versioning.
pub use datalinks_gen as raw;

/// The README's code compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
