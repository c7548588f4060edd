//! Datasets of [DataLinks](datalinks) as tables of [Apache DataFusion](datafusion), so that SQL reads them.
//!
//! [`DatasetTable`] is a dataset, [`NamespaceSchema`] a namespace, and [`AccountCatalog`] the namespaces of an account. The
//! engine computes what the query language of the service lacks, such as aggregations, joins and windows.
//! [`Pushdown`] says which part of a statement the service computes, and [`ColumnType`] how columns get their types.
//!
//! # Example
//!
//! ```
//! # use datalinks_emulator::Emulator;
//! use std::sync::Arc;
//!
//! use datafusion::prelude::SessionContext;
//! use datalinks::DataLinks;
//! use datalinks_datafusion::{AccountCatalog, TableOptions};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start().await?;
//! # let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
//! # let films = dl.dataset("cinema", "films")?;
//! # films.create().await?;
//! # let row = |title: &str, year: u16| [("title", title.to_owned().into()), ("year", year.into())]
//! #     .into_iter().map(|(name, value): (&str, serde_json::Value)| (name.to_owned(), value)).collect::<datalinks::types::Row>();
//! # films.ingest([row("Alien", 1979), row("Parasite", 2019)]).await?;
//! let catalog = AccountCatalog::load(dl, TableOptions::default()).await?;
//! let context = SessionContext::new();
//! context.register_catalog("datalinks", Arc::new(catalog));
//!
//! let recent = context.sql("SELECT title FROM datalinks.cinema.films WHERE year >= 2012").await?;
//! assert_eq!(recent.count().await?, 1);
//! # Ok(())
//! # }
//! ```

mod batch;
mod catalog;
mod column_type;
mod condition;
pub mod distributed;
mod error;
mod insert;
mod insert_input;
mod insert_row;
mod insert_settings;
mod loaded_tables;
mod natural_language;
mod nested_values;
mod options;
mod partitioned_insert;
mod problems;
mod scan;
mod search_around;
mod stop_inserts;
mod table;
mod times;

pub use catalog::{AccountCatalog, NamespaceSchema};
pub use column_type::ColumnType;
pub use error::{RowError, RowErrorKind};
pub use insert::{InsertAccount, InsertError, InsertPart};
pub use insert_row::InsertRow;
pub use insert_settings::InsertSettings;
pub use loaded_tables::LoadedTables;
pub use natural_language::NaturalLanguage;
pub use options::{Pushdown, TableOptions};
pub use search_around::SearchAround;
pub use stop_inserts::StopInserts;
pub use table::DatasetTable;
