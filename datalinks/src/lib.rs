//! A client for [DataLinks](https://docs.datalinks.com), a hosted service that ingests rows into datasets, links the datasets,
//! and responds to queries and questions about them. [`DataLinks`] is the client for the API, and [`IngestProxy`] the client for
//! the service that models and ingests data by itself.
//!
//! The project is independent of the vendor. It was written from public facts and was **not tested against the live service**:
//! its tests run against the emulator of the crate `datalinks-emulator`, which implements the same contract.
//! [`guide::uncertainties`] lists the points that the public facts leave open.
//!
//! # Cargo.toml
//!
//! The crates are not published yet. Until the first release, depend on them by path, or by `git` with the URL of the
//! repository.
//!
//! ```toml
//! [dependencies]
//! datalinks = { path = "../datalinks/datalinks" }
//! serde = { version = "1", features = ["derive"] }
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! # Example
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
//! let films = dl.dataset("cinema", "films")?; // checks the names, sends nothing
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
//! let answer = films.namespace().ask("Which film is the oldest?").await?;
//! println!("{}", answer.response);
//! # Ok(())
//! # }
//! ```
//!
//! # Guarantees
//!
//! - **Rows are accounted for.** Every row of an ingestion is in [`successful`](IngestionResult::successful) or in
//!   [`failed`](IngestionResult::failed), exactly once, with its index and its error. No row is reported as not stored if it may
//!   be stored.
//! - **Retries are safe.** A call is retried, within limits ([`RetryPolicy`]), if it was not carried out. After an
//!   [ambiguous outcome](guide::ambiguous_outcomes), it is retried only if a second request changes nothing. Rows are the
//!   exception: [`Delivery`] decides about them, and by default they are sent again and reported as possibly stored twice.
//! - **Streams end visibly.** An [`AskStream`], an [`AgentStream`](agents::AgentStream) and a [`PipelineRun`] end with their last event or with an
//!   error. All are polled by the caller: no task runs behind them, and dropping one closes its connection.
//! - **Errors help.** [`Error`] is one line that says what failed, where, and what to do next. It keeps status, code and
//!   request id, and never contains a key or a presigned URL.
//!
//! # Guide
//!
//! | To | see |
//! |---|---|
//! | write a first program | [`guide::getting_started`] |
//! | connect, also through a proxy, and set time limits | [`guide::connecting`] |
//! | ingest rows from lists, files and databases | [`guide::ingesting_rows`] |
//! | decide what to do when a response is lost | [`guide::ambiguous_outcomes`] |
//! | query, and follow links | [`guide::querying`] |
//! | ask questions | [`guide::asking_questions`], [`guide::calling_agents`] |
//! | let the ingest proxy do the modeling | [`guide::pipelines`] |
//! | upload whole files | [`guide::uploading_files`] |
//! | handle errors, and set retries | [`guide::errors_and_retries`] |
//! | read logs and spans | [`guide::observability`] |
//! | test your own code | [`guide::testing`] |
//! | write a program without async | [`guide::without_async`] |
//! | call a single operation of the API | [`guide::low_level_calls`] |
//! | follow the vendor's advice | [`guide::vendor_advice`] |
//! | come from Python, or compare | [`guide::from_python`], [`guide::comparison`] |
//!
//! # Features
//!
//! | Feature | Default | Effect |
//! |---|---|---|
//! | `rustls` | yes | TLS by rustls with its default provider |
//! | `rustls-no-provider` | no | TLS by rustls with a provider that the application installs |
//! | `native-tls` | no | TLS by the library of the platform |
//! | `read` | no | the module `read`: files of rows as CSV, JSON and NDJSON |
//! | `excel` | no | spreadsheets in `read` |
//! | `parquet` | no | Parquet files in `read`. Compiles a C library (zstd) |
//! | `gzip`, `brotli`, `zstd` | no | [compressed responses and requests](guide::connecting#compression). `zstd` compiles a C library |
//! | `blocking` | no | the module `blocking`: the same client without async |
//! | `raw` | no | the module `raw`: the generated client, exempt from semantic versioning |
//! | `schemars` | no | `SchemaDefinition::of`: descriptions of fields, derived from the type of the rows |
//! | `generate` | no | generates that client in the build, instead of compiling the committed copy of the same code |
//!
//! [`guide::getting_started`](guide::getting_started#features) says what each feature adds to a build.
//!
//! # Versions, panics and cancellation
//!
//! - The minimum supported Rust version is 1.88.
//! - The crate follows semantic versioning, except the module `raw`, the generated client, which changes with the OpenAPI document.
//! - The crate does not panic. A method that can panic says so in a section of its documentation.
//! - A future that is dropped stops what it waits for. A request that was sent may still be carried out by the service.
//!   `next` of a stream loses no event when its future is dropped.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::disallowed_macros, reason = "values written out in a test"))]

pub mod account;
pub mod agents;
pub mod ask;
#[cfg(feature = "blocking")]
pub mod blocking;
pub mod client;
pub mod datasets;
pub mod drift;
pub mod error;
pub mod guide;
pub mod ingest;
mod journal;
mod json;
pub mod pipeline;
mod platform;
pub mod query;
#[cfg(feature = "read")]
pub mod read;
mod secrets;
pub mod spending;
pub mod stream;
pub mod testing;
mod transport;
pub mod types;
pub mod uploads;

pub use ask::{AskEvent, AskStream};
pub use client::{CallOptions, Config, DataLinks, DataLinksBuilder, IngestProxy};
pub use datasets::{Dataset, Namespace, SchemaDefinition};
pub use error::{Error, ErrorKind};
pub use ingest::{BatchStream, Delivery, FailedRow, InferenceStep, IngestionResult};
pub use pipeline::{PipelineEvent, PipelineRun};
pub use query::{Filter, field};
pub use transport::retry::{self, RetryPolicy};
pub use types::{Items, Listing, Model, Secret};

/// The generated low-level client, outside the promises of semantic versioning.
#[cfg(feature = "raw")]
pub use datalinks_gen as raw;

/// The README's code compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
