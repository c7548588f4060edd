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
//!   place and its cause. The service takes no key that would make a repetition harmless, so [`Delivery`]
//!   says what happens when an answer is lost, and the result says which rows may be stored twice.
//! - **Streams end honestly.** An [`AskStream`] ends with an answer or an error, a [`PipelineRun`] with
//!   `complete` or `error`; a connection that just ends is an error, or a reconnection for runs. Both are
//!   polled by the caller: no task runs behind them, and dropping one closes its connection.
//! - **Repetition is safe.** Refusals that did nothing are repeated within a budget ([`RetryPolicy`]). A call
//!   whose end is in doubt is repeated only where a second time changes nothing.
//! - **Errors help.** [`Error`] is one line that says what failed, where, and what to do, and keeps status,
//!   code and request id. It never holds a key or a presigned URL.
//!
//! # Cancellation
//!
//! Dropping a future stops what it waits for. A request that was sent may still be carried out by the service;
//! everything that reads may be dropped at any point and asked again. `next()` of a stream loses nothing when
//! it is dropped.
//!
//! # What is uncertain
//!
//! This crate was written from public facts, and nothing in it was tried against the live service. Where those
//! facts leave something open, the documentation of the item says so. [`raw`] is the low-level client, whose
//! types come from the OpenAPI document and may change with it.
//!
//! # Features
//!
//! `rustls` (the default), `native-tls` or `rustls-no-provider` choose who speaks TLS.

mod ask;
mod call;
mod client;
mod config;
mod dataset;
mod error;
mod ingest;
mod links;
mod namespace;
mod proxy;
mod query;
mod schema;
pub mod stream;
mod transport;

pub use ask::{
    Answer, Ask, AskEvent, AskStream, Failure, Plan, QueryExecuting, RunStarted, Step, StepStarted,
};
pub use client::{DataLinks, DataLinksBuilder};
pub use config::Config;
pub use datalinks_gen::InferenceStep;
pub use dataset::{AddLink, Create, Created, Dataset, DatasetInfo, Ingest, LinkAdded, QueryBuilder};
pub use error::{Error, ErrorKind, SubError};
pub use ingest::{Delivery, FailedRow, IngestionResult, Progress, ShortBatch};
pub use links::{ColumnRef, ExactMatch, GeoMatch, Link, MatchType, MatchTypes};
pub use namespace::Namespace;
pub use proxy::{
    IngestProxy, IngestProxyBuilder, PipelineEvent, PipelineRun, Reconnect, RunPipeline, Source,
};
pub use query::{DatasetCount, Explain, Field, Filter, QueryAnswer, QueryText, RejectedRow, Value, field};
pub use schema::{SchemaDefinition, data_description};
pub use transport::{Attempt, CallOptions, RetryPolicy};

/// Whether everyone may read a dataset: an older setting.
pub type Visibility = datalinks_gen::enums::DatasetVisibility;

/// The generated low-level client, outside the promises of semantic versioning.
pub use datalinks_gen as raw;

/// The README's code compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
