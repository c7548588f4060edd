//! Tables, scans and inserts as plain data, for engines that run a statement on several machines.
//!
//! [`TableParts`], [`ScanParts`] and [`InsertParts`] have names, columns, conditions, limits, settings and the directory of
//! journals. They have the host of the API, and neither an API key nor another setting of the client. The process that makes
//! a table, a scan or an insert of them brings a client of its own, which has to be one of the same host.
//!
//! [`InsertWork`] is an `INSERT INTO` whose partitions can be run apart, each in another process. [`Problems`] says what went
//! wrong in them.
//!
//! The crate `datalinks-ballista` uses this module. Statements of one process do not need it.

mod columns;
mod insert;
mod place;
mod scan;
mod table;

pub use insert::{InsertParts, InsertWork};
pub use place::DatasetPlace;
pub use scan::ScanParts;
pub use table::TableParts;

pub use crate::{partitioned_insert::InsertInput, problems::Problems};
