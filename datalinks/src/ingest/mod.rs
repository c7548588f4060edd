//! Rows go in once, and are accounted for exactly.
//!
//! [`encode`] turns each row into JSON, once; [`batch`] collects encoded rows into requests; [`engine`] sends one
//! batch, halves and bisects what is refused, and decides each row; [`outcomes`] keeps batches in flight and hands
//! out what became of them; [`result`] is the account of all. [`journal`] and [`dead_letters`] are files.

mod batch;
mod bisect;
mod dead_letters;
mod encode;
mod engine;
mod journal;
mod options;
mod outcome;
mod outcomes;
mod progress;
mod result;
mod summary;

use std::sync::Arc;

use futures::stream::BoxStream;
use serde::Serialize;
use serde_json::{Map, Value};

pub(crate) use encode::write_strictly;
pub(crate) use engine::{Acknowledged, Deliver};
pub use options::Delivery;
pub(crate) use options::IngestOptions;
pub use outcome::BatchOutcome;
pub use outcomes::Outcomes;
pub use progress::Progress;
pub use result::{FailedRow, IngestionResult, ShortBatch};
pub use summary::IngestionSummary;

use crate::Error;

/// Begins to send. An error means that the options were refused and nothing was sent.
pub(crate) fn begin<T: Serialize + Send + 'static>(
    deliver: Arc<dyn Deliver>,
    source: BoxStream<'static, Result<T, Error>>,
    total: Option<usize>,
    fields: &Map<String, Value>,
    options: IngestOptions,
) -> Result<Outcomes<T>, Error> {
    engine::Engine::new(deliver, fields, options).map(|engine| Outcomes::new(engine, source, total))
}

#[cfg(test)]
mod tests;
