//! Ingesting one input in partitions, each with a journal of its own.
//!
//! A [`PartitionPlan`] lists what the partitions read. Each partition has an id and a journal, so partitions can be run in any
//! order, at the same time, in other processes and again. [`PartitionPlan::account`] merges the journals into one account.
//!
//! - A partition that is run again skips the rows that its journal records as stored, by position and hash. Rows with an
//!   ambiguous outcome are handled by the [delivery](crate::Delivery), as in every run with a
//!   [journal](crate::ingest::Ingest::journal).
//! - A journal is locked during a run. A second run of the partition is rejected before it sends anything.
//! - [`PartitionJournals`] says where journals are kept. [`JournalDirectory`] keeps them in a directory.
//!
//! The crate does not read the files of a plan: the caller opens each partition as an [`Ingest`](crate::ingest::Ingest). A
//! partition must yield the same rows in the same order whenever it is run.
//!
//! # Examples
//!
//! ```
//! # use datalinks_emulator::Emulator;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start().await?;
//! # let dl = datalinks::DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
//! # let directory = tempfile::tempdir()?;
//! use std::sync::Arc;
//!
//! use datalinks::ingest::partitions::{JournalDirectory, Partition, PartitionPlan};
//!
//! let numbers = dl.dataset("numbers", "all")?;
//! numbers.create().await?;
//! let plan = PartitionPlan::new((0..4).map(|n| Partition::rows("numbers", n * 250..(n + 1) * 250)))?;
//! let journals = Arc::new(JournalDirectory::new(directory.path().join("journals")));
//!
//! for (number, partition) in plan.partitions().iter().enumerate() {
//!     let range = partition.range.rows().unwrap_or_default();
//!     let rows = range.map(|n| serde_json::json!({ "n": n }));
//!     let run = plan.run_partition(number, journals.clone(), numbers.ingest(rows)).await?;
//!     run.summary.check()?;
//! }
//! let account = plan.account(journals).await?;
//! assert!(account.is_complete());
//! assert_eq!(account.to_string(), "4 of 4 partitions finished: 1000 rows stored, 0 failed");
//! # Ok(())
//! # }
//! ```

mod account;
mod directory;
mod plan;
mod run;

pub use account::{PartitionAccount, PlanAccount};
pub use directory::{JournalDirectory, PartitionJournals};
pub use plan::{Partition, PartitionId, PartitionPlan, PartitionRange};
pub use run::PartitionRun;
