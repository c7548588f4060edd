//! The queue of ingestions: from the start of processing to the end.

use std::sync::Arc;

use uuid::Uuid;

use super::{Ingestion, IngestionJob, Ingestions, Status};
use crate::concurrency::lock::lock;
use crate::store::DatasetName;

impl Ingestions {
    /// Takes the next ingestion from the queue and marks it as processing. Returns `None` if the queue is empty.
    pub(crate) fn next(&self) -> Option<(Uuid, DatasetName, Arc<IngestionJob>)> {
        let mut table = lock(&self.table);
        let id = table.queue.pop_front()?;
        let Ingestion { status, message, dataset, job, .. } = table.find(id)?;
        *status = Status::Processing;
        *message = "reading the file".to_owned();
        Some((id, dataset.clone(), Arc::clone(job.as_ref()?)))
    }

    /// Marks an ingestion as failed if processing cannot end it, whatever its present status.
    pub(crate) fn mark_failed(&self, id: Uuid, message: String) {
        let mut table = lock(&self.table);
        table.queue.retain(|queued| *queued != id);
        if let Some(own) = table.find(id) {
            own.status = Status::Failed;
            own.message = message;
        }
    }

    /// Ends an ingestion in progress with the number of stored rows, or with an error message.
    ///
    /// Does not call `store` if the ingestion was removed, or is queued again because the state was replaced meanwhile.
    pub(crate) fn end(&self, id: Uuid, store: impl FnOnce() -> Result<u64, String>) {
        let in_progress = lock(&self.table).find(id).is_some_and(|own| own.status == Status::Processing);
        if !in_progress {
            return;
        }
        let stored = store();
        self.change(id, |own| match stored {
            Ok(rows) => {
                own.status = Status::Completed;
                own.processed_rows = rows;
                own.message = format!("{rows} rows are stored");
                own.job = None;
            }
            Err(message) => {
                own.status = Status::Failed;
                own.message = message;
            }
        });
    }
}
