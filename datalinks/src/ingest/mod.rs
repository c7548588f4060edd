//! Rows go in once, and are accounted for exactly.
//!
//! [`encode`] turns each row into JSON, once; [`batch`] collects encoded rows into requests; [`engine`] sends one
//! batch, halves and bisects what is rejected, and decides each row; [`reconcile`] reads back what an ambiguous request
//! stored; [`outcomes`] keeps batches in flight and hands
//! out what became of them; [`result`] is the account of all. [`journal`] and [`dead_letters`] are files.

#[cfg(feature = "read")]
mod bad_records;
mod batch;
mod bisect;
mod counts;
mod dead_letters;
mod encode;
mod engine;
mod journal;
mod linger;
mod options;
mod outcome;
mod outcomes;
mod progress;
mod reconcile;
mod result;
mod source;
mod summary;

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

pub use counts::IngestionCounts;
pub(crate) use encode::{Buffer, write_strictly};
pub(crate) use engine::{Acknowledged, Deliver};
pub use options::Delivery;
pub(crate) use options::IngestOptions;
pub use outcome::BatchOutcome;
pub use outcomes::Outcomes;
pub use progress::Progress;
pub(crate) use reconcile::Key;
pub use result::{FailedRow, IngestionResult, ShortBatch};
pub(crate) use source::Rows;
pub use summary::IngestionSummary;

use crate::Error;

/// Opens the files and begins to send. Blocks the thread if there are files. An error means that nothing was sent.
pub(crate) fn begin<T: Serialize + Send + 'static>(
    deliver: Arc<dyn Deliver>,
    rows: Rows<T>,
    fields: &Map<String, Value>,
    options: IngestOptions,
) -> Result<Outcomes<T>, Error> {
    let engine = engine::Engine::new(deliver, fields, options)?;
    if let Rows::All(rows) = &rows {
        engine.check_journal(rows)?;
    }
    Ok(Outcomes::new(engine, rows))
}

#[cfg(test)]
mod account_tests;
#[cfg(test)]
mod tests;
