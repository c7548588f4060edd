//! Ingesting rows: batches, retries after ambiguous outcomes, and a result for every row.
//!
//! [`Dataset::ingest`](crate::Dataset::ingest) and its variants return an [`Ingest`], which collects the options.
//! Awaiting it returns an [`IngestionResult`] with every row. [`Ingest::batches`] returns a [`BatchStream`] for
//! input that does not fit into memory, which ends with an [`IngestionSummary`]. Files are uploaded by
//! [`uploads`](crate::uploads). [`partitions`] divides one input among runs and processes.

// The data flow of one ingestion:
//
// 1. `builder` collects the options and opens a `batch_stream`.
// 2. `batch` encodes each row once and groups encoded rows into batches.
// 3. `engine` sends a batch, splits it if the service rejects it as a whole, and decides the outcome of each row.
//    `adaptive` admits its attempts and sets the sizes of batches, if the options ask for it.
// 4. `reconcile` reads the dataset after a request with an ambiguous outcome.
// 5. `journal` and `dead_letters` write files for later runs.
// 6. `budget` admits attempts, too, if the options limit what the run may cost. `estimate` measures a cost beforehand.
// 7. `result` and `summary` report the outcomes.
//
// `partitions` runs the parts of one input, each with a journal of its own, and merges their journals into one account.

mod adaptive;
mod attempt_end;
#[cfg(feature = "read")]
mod bad_records;
mod batch;
mod batch_stream;
mod budget;
mod builder;
mod concurrency;
mod counts;
mod dead_letters;
mod dry_run;
mod engine;
mod estimate;
mod failed_row;
mod journal;
mod linger;
mod options;
mod outcome;
mod partially_indexed;
pub mod partitions;
mod preview;
mod progress;
mod reconcile;
mod result;
mod run_key;
mod setting;
mod source;
mod stop;
mod sub_batches;
mod summary;

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

pub use batch_stream::BatchStream;
pub use budget::{Budget, BudgetReport, BudgetState};
pub use builder::Ingest;
pub use concurrency::Concurrency;
pub use counts::IngestionCounts;
pub(crate) use engine::Deliver;
pub use estimate::{
    CostRange, Estimate, EstimateCost, MeasuredCost, Measurement, NotMeasurable, SampledFrom,
};
pub use failed_row::FailedRow;
pub use options::Delivery;
pub(crate) use options::IngestOptions;
pub use outcome::BatchOutcome;
pub use partially_indexed::PartiallyIndexedBatch;
pub use progress::IngestProgress;
pub use result::IngestionResult;
pub use setting::{IngestSetting, SettingReason};
pub(crate) use source::Rows;
pub use summary::IngestionSummary;

pub use crate::types::inference_step::{InferenceStep, NormaliseMode, ValidateMode};

use crate::error::Error;

/// Creates an engine, opens its files, and returns the stream of outcomes. Sends nothing. Blocks the thread while
/// files are read.
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
