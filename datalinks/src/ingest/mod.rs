//! Rows go in once, and are accounted for exactly.
//!
//! `encode` turns each row into JSON, once; `batch` collects encoded rows into requests; `engine` sends one
//! batch, halves and bisects what is rejected, and decides each row; `reconcile` reads back what an ambiguous request
//! stored; `batches` keeps batches in flight and hands
//! out what became of them; `result` is the account of all. `journal` and `dead_letters` are files.

#[cfg(feature = "read")]
mod bad_records;
mod batch;
mod batch_stream;
mod builder;
mod counts;
mod dead_letters;
mod engine;
mod failed_row;
pub(crate) mod inference_step;
mod journal;
mod linger;
mod options;
mod outcome;
mod partially_indexed;
mod progress;
mod reconcile;
mod result;
mod source;
mod sub_batches;
mod summary;

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

pub use batch_stream::BatchStream;
pub use builder::Ingest;
pub use counts::IngestionCounts;
pub(crate) use engine::Deliver;
pub use failed_row::FailedRow;
pub use inference_step::{InferenceStep, NormaliseMode, ValidateMode};
pub use options::Delivery;
pub(crate) use options::IngestOptions;
pub use outcome::BatchOutcome;
pub use partially_indexed::PartiallyIndexedBatch;
pub use progress::IngestProgress;
pub use result::IngestionResult;
pub(crate) use source::Rows;
pub use summary::IngestionSummary;

use crate::error::Error;

/// Opens the files and begins to send. Blocks the thread if there are files. An error means that nothing was sent.
pub(crate) fn begin<T: Serialize + Send + 'static>(
    deliver: Arc<dyn Deliver>,
    rows: Rows<T>,
    fields: &Map<String, Value>,
    options: IngestOptions,
) -> Result<BatchStream<T>, Error> {
    let engine = engine::Engine::new(deliver, fields, options)?;
    if let Rows::All(rows) = &rows {
        engine.check_journal(rows)?;
    }
    Ok(BatchStream::new(engine, rows))
}

#[cfg(test)]
mod account_tests;
#[cfg(test)]
mod tests;
