//! From the queue to the end of an ingestion.

use std::sync::Arc;

use uuid::Uuid;

use super::{Ingestion, IngestionJob, Ingestions, Status};
use crate::concurrency::lock::lock;
use crate::store::DatasetName;

impl Ingestions {
    /// The next in the queue, marked as being worked on.
    pub(crate) fn next(&self) -> Option<(Uuid, DatasetName, Arc<IngestionJob>)> {
        let mut table = lock(&self.table);
        let id = table.queue.pop_front()?;
        let Ingestion { status, message, dataset, order, .. } = table.find(id)?;
        *status = Status::Processing;
        *message = "the file is read".to_owned();
        Some((id, dataset.clone(), Arc::clone(order.as_ref()?)))
    }

    /// Lets one fail that cannot be ended otherwise, however it stands since that was found out.
    pub(crate) fn mark_failed(&self, id: Uuid, message: String) {
        let mut table = lock(&self.table);
        table.queue.retain(|queued| *queued != id);
        if let Some(own) = table.find(id) {
            own.status = Status::Failed;
            own.message = message;
        }
    }

    /// Ends one that was worked on, with the rows stored or the reason why there are none. One that is gone, or that
    /// waits again because the state was replaced meanwhile, is left alone.
    pub(crate) fn end(&self, id: Uuid, store: impl FnOnce() -> Result<u64, String>) {
        let begun = lock(&self.table).find(id).is_some_and(|own| own.status == Status::Processing);
        if !begun {
            return;
        }
        let stored = store();
        self.change(id, |own| match stored {
            Ok(rows) => {
                own.status = Status::Completed;
                own.processed_rows = rows;
                own.message = format!("{rows} rows are stored");
                own.order = None;
            }
            Err(message) => {
                own.status = Status::Failed;
                own.message = message;
            }
        });
    }
}
