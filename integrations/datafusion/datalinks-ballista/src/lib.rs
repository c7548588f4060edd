//! SQL over datasets of [DataLinks](datalinks), and ingestion, on many machines with [Apache DataFusion Ballista].
//!
//! A [`Scheduler`] plans statements, [`Executor`]s run their parts, and a [`session`](session()) submits them. Tables are those
//! of [`datalinks_datafusion`]. Plans travel as data, and each process has its [`Hosts`] with API keys of its own.
//!
//! - A `SELECT` reads each dataset in one executor. Files are read by all, and so are joins and aggregations.
//! - An `INSERT INTO` ingests each partition of its input in some executor, with a journal in a directory that all machines
//!   share. It needs [`TableOptions::journals`](datalinks_datafusion::TableOptions::journals), and [`ClusterInsert`] submits it
//!   again if executors are lost.
//!
//! [Apache DataFusion Ballista]: https://datafusion.apache.org/ballista
//!
//! # Example
//!
//! The processes of a cluster, in one process:
//!
//! ```
//! # use datalinks_emulator::Emulator;
//! use std::sync::Arc;
//!
//! use datafusion::prelude::SessionConfig;
//! use datalinks::{DataLinks, ingest::partitions::JournalDirectory};
//! use datalinks_ballista::{ClusterInsert, Executor, Hosts, Scheduler, session};
//! use datalinks_datafusion::{ColumnType, DatasetTable, TableOptions};
//! use tokio::net::TcpListener;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start().await?;
//! # let (host, key) = (&emulator.api_url(), emulator.api_key());
//! # let directory = tempfile::tempdir()?;
//! # let shared = directory.path();
//! let dl = DataLinks::builder(host, key).build()?;
//! dl.dataset("cinema", "films")?.create().await?;
//!
//! // The scheduler has no API key.
//! let hosts = Hosts::new([DataLinks::builder(host, "").without_key().build()?]);
//! let scheduler = Scheduler::new(TcpListener::bind("127.0.0.1:0").await?, hosts)?;
//! let url = scheduler.url().to_owned();
//! # let rows = shared.join("rows");
//! # std::fs::create_dir(&rows)?;
//! let scheduler = tokio::spawn(scheduler.serve());
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let executor = Executor::new(listener, &url, Hosts::new([dl.clone()]), rows)?;
//! let executor = tokio::spawn(executor.serve(std::future::pending()));
//!
//! // A client. Its table names the directory of the journals.
//! let session = session(&url, SessionConfig::new().with_target_partitions(4))?;
//! let journals = JournalDirectory::new(shared.join("journals"));
//! let options = TableOptions::default().column("title", ColumnType::Text).journals(journals.clone());
//! let films = DatasetTable::load(dl.dataset("cinema", "films")?, options).await?;
//! session.register_table("films", Arc::new(films))?;
//! let insert = ClusterInsert::new("INSERT INTO films VALUES ('Alien'), ('Parasite')", journals);
//! assert_eq!(insert.run(&session).await?.account.stored(), 2);
//! let films = session.sql("SELECT title FROM films WHERE title > 'B'").await?;
//! assert_eq!(films.collect().await?.iter().map(|batch| batch.num_rows()).sum::<usize>(), 1);
//! executor.abort();
//! scheduler.abort();
//! # Ok(())
//! # }
//! ```

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod codec;
mod error;
mod executor;
mod hosts;
mod insert;
mod plan;
mod scheduler;
mod session;

/// The maximum size in bytes of a message between the processes of a cluster. A task has the list of all files of its statement.
const MAX_MESSAGE: u32 = 64 * 1024 * 1024;

pub use codec::{LogicalCodec, PhysicalCodec};
pub use executor::Executor;
pub use hosts::Hosts;
pub use insert::{ClusterInsert, ClusterInsertError, ClusterInserted};
pub use scheduler::Scheduler;
pub use session::session;
