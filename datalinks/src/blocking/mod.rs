//! The client for programs without async: the same surface, over the same core. Feature `blocking`.
//!
//! Every type of the async surface that sends something has a form of the same name here, with the same methods. All other
//! types, such as errors, rows and answers, are those of the rest of the crate.
//!
//! | async | blocking |
//! |---|---|
//! | `films.info().await?` | `films.info()?` |
//! | `films.create().description("…").await?`, a builder | `films.create().description("…").run()?` |
//! | `while let Some(event) = events.next().await`, a stream | `for event in events`, an iterator |
//! | `films.ingest_stream(stream)`, `ingest_try_stream` | `films.ingest_iter(iterator)`, `ingest_try_iter` |
//! | `upload.stop_when(future)` | `upload.stop_when(&stop)`, with a [`Stop`] |
//! | `datalinks::read::file("films.csv").into_stream()` | `datalinks::read::file("films.csv").rows()`, an iterator |
//! | `plan.run_partition(n, journals, ingest).await?` | `ingest.run_partition(&plan, n, journals)?` |
//! | `plan.account(journals).await?` | [`partition_account(&plan, journals)?`](partition_account) |
//! | `drift::survey(&dl).await` | [`survey(&dl)?`](survey) |
//! | `script.client()` of [`testing`](crate::testing) | `DataLinks::from(script.client())` |
//! | `dl.raw()` | none, because the generated client is async |
//!
//! # Examples
//!
//! ```
//! # use datalinks_emulator::Emulator;
//! use datalinks::{blocking::DataLinks, field};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
//! struct Film {
//!     title: String,
//!     year: u16,
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::builder().start_blocking()?;
//! # let (host, key) = (emulator.api_url(), emulator.api_key());
//! let dl = DataLinks::builder(host, key).build()?; // or DataLinks::from_env()
//! let films = dl.dataset("cinema", "films")?;
//! films.create().run()?;
//!
//! let alien = Film { title: "Alien".into(), year: 1979 };
//! let parasite = Film { title: "Parasite".into(), year: 2019 };
//! films.ingest([alien, parasite.clone()]).run()?.check()?;
//!
//! let recent: Vec<Film> = films.query().filter(field("year").ge(2012)).fetch()?;
//! assert_eq!(recent, [parasite]);
//!
//! for event in films.namespace().ask("Which film is the oldest?").stream()? {
//!     println!("{}", event?.name());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Threads
//!
//! A call is carried out on the thread that makes it. One more thread drives the connections and timers of a client. It starts
//! with the first call, is shared by the client's clones and everything that was made from it, and ends after the last of them is
//! dropped. Clients and handles can be cloned into any number of threads, which call at the same time.
//!
//! Dropping an iterator ends its request, as dropping a stream does. A call cannot be dropped. It ends with its response, an
//! error or a time limit ([`CallOptions::timeout`](crate::CallOptions::timeout)). Ctrl-C ends the process, unless the program
//! handles the signal. A [`journal`](Ingest::journal) lets a later run continue after either.
//!
//! # Runtimes
//!
//! No runtime is needed. In a program that has one, blocking calls work in `tokio::task::spawn_blocking`,
//! `tokio::task::block_in_place` and threads of the program. In an `async fn` that Tokio runs, every call that would block returns
//! an error of kind [`InvalidInput`](crate::ErrorKind::InvalidInput), and an iterator yields it as its last item. The call
//! sends nothing then. The error is not found in a future below `tokio::task::unconstrained` and in runtimes other than Tokio, where the call
//! blocks the thread. Values can be dropped anywhere.

mod account;
mod agents;
mod ask;
mod client;
mod datasets;
mod handles;
mod ingest;
mod macros;
mod pipeline;
mod query;
mod runtime;
mod stop;
mod uploads;

pub use client::survey;
pub use handles::{
    AddLink, Agent, AgentAsk, AgentRun, AgentStream, Ask, AskStream, BatchStream, ChangeOntology,
    CompareRows, Create, CreateToken, CurateLinks, DataLinks, DataLinksBuilder, Dataset, EstimateCost,
    ExplainLink, FinishUpload, Infer, Ingest, IngestProxy, IngestProxyBuilder, Ingestions, Items, Namespace,
    PipelineRun, QueryBuilder, RateRun, RawRequest, RawResponse, RunPipeline, UpdateDefinition, UploadFile,
    UploadFiles, UploadSession, Usage, UsageByDay, UsageMeter, Verify, WaitForIngestion,
};
pub use ingest::partition_account;
pub use stop::Stop;
