//! How rows are sent.

use std::{fmt, path::PathBuf, sync::Arc};

use super::Progress;
use crate::Error;

/// Requests in flight that are allowed at most.
const MOST_CONCURRENT: usize = 64;

/// What happens to a batch whose end is in doubt: it was sent, and its answer was lost, or was a 500, 502
/// or 504. The service takes no key that would make repeating it harmless.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// It is sent again; its rows may be stored (and paid for) twice, and the result says which
    /// ([`possibly_twice`](super::IngestionResult::possibly_twice)). The default.
    #[default]
    AtLeastOnce,
    /// It is not sent again; its rows are reported failed, as unknown
    /// ([`outcome_unknown`](crate::Error::outcome_unknown)).
    AtMostOnce,
    /// The dataset's number of rows is asked before and after, and decides. Sound only while nobody else
    /// writes to the dataset and no inference step changes the number of rows; it needs one request in
    /// flight, and is refused with inference steps.
    Reconciled,
}

/// What is told how far an ingestion is.
pub(crate) type ProgressHook = Arc<dyn Fn(&Progress) + Send + Sync>;

/// The options of one ingestion.
#[derive(Clone)]
pub(crate) struct IngestOptions {
    pub(crate) batch_size: usize,
    pub(crate) max_batch_bytes: usize,
    pub(crate) concurrency: usize,
    pub(crate) delivery: Delivery,
    pub(crate) max_isolation_requests: usize,
    pub(crate) journal: Option<PathBuf>,
    pub(crate) dead_letters: Option<PathBuf>,
    pub(crate) progress: Option<ProgressHook>,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self {
            batch_size: 1_000,
            max_batch_bytes: 8 * 1024 * 1024,
            concurrency: 1,
            delivery: Delivery::default(),
            max_isolation_requests: 100,
            journal: None,
            dead_letters: None,
            progress: None,
        }
    }
}

impl fmt::Debug for IngestOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IngestOptions")
            .field("batch_size", &self.batch_size)
            .field("max_batch_bytes", &self.max_batch_bytes)
            .field("concurrency", &self.concurrency)
            .field("delivery", &self.delivery)
            .field("max_isolation_requests", &self.max_isolation_requests)
            .field("journal", &self.journal)
            .field("dead_letters", &self.dead_letters)
            .finish_non_exhaustive()
    }
}

impl IngestOptions {
    /// Refuses nonsense before anything is sent.
    pub(crate) fn check(&self, has_steps: bool) -> Result<(), Error> {
        if self.max_batch_bytes == 0 {
            return Err(Error::invalid("max_batch_bytes is 0, so that no row would fit"));
        }
        if self.concurrency == 0 || self.concurrency > MOST_CONCURRENT {
            return Err(Error::invalid(format!(
                "the concurrency is {}, allowed are 1 to {MOST_CONCURRENT}",
                self.concurrency
            )));
        }
        if self.delivery == Delivery::Reconciled && self.concurrency != 1 {
            return Err(Error::invalid(
                "reconciled delivery needs a concurrency of 1: it counts rows before and after",
            ));
        }
        if self.delivery == Delivery::Reconciled && has_steps {
            return Err(Error::invalid(
                "reconciled delivery counts rows, and inference steps may change their number",
            ));
        }
        Ok(())
    }
}
