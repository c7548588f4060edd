//! Ingestions of uploaded files: their status and their queue.

mod format;
mod persist;
mod queue;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use uuid::Uuid;

pub(crate) use format::Format;

use crate::accounts::Caller;
use crate::concurrency::lock::lock;
use crate::linking::LinkSelection;
use crate::persistence::Versioned;
use crate::runtime::clock::later;
use crate::runtime::{Ids, Kind};
use crate::steps::{DatasetContext, InferenceSteps};
use crate::store::DatasetName;
use crate::uploads::storage::FileContent;

/// Maximum number of ended ingestions that are retained. Those that are queued or processed do not count.
pub(crate) const RETAINED: usize = 1_000;

/// All ingestions, oldest first, and the queue.
#[derive(Debug, Default)]
pub(crate) struct Ingestions {
    table: Mutex<Versioned<Table>>,
    /// Notifies the worker of a new ingestion.
    pub(crate) queued: Notify,
}

#[derive(Debug, Default)]
struct Table {
    ingestions: Vec<Ingestion>,
    queue: VecDeque<Uuid>,
}

/// One ingestion.
#[derive(Clone, Debug)]
pub(crate) struct Ingestion {
    pub(crate) id: Uuid,
    pub(crate) dataset: DatasetName,
    /// Time of creation. It is unique, so that a page can end between any two ingestions.
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) status: Status,
    pub(crate) message: String,
    pub(crate) total_bytes: u64,
    pub(crate) processed_bytes: u64,
    pub(crate) processed_rows: u64,
    pub(crate) name: Option<String>,
    pub(crate) seen_at: Option<DateTime<Utc>>,
    pub(crate) original: Option<Uuid>,
    pub(crate) last_retry_at: Option<DateTime<Utc>>,
    /// The job, or `None` once it is done and the file can be removed.
    job: Option<Arc<IngestionJob>>,
}

/// The state of an ingestion.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Status {
    Queued,
    Processing,
    Completed,
    Failed,
}

/// Message of an ingestion in the queue.
const QUEUED: &str = "waiting in the queue";

/// A file, and how its rows are processed and stored.
#[derive(Debug)]
pub(crate) struct IngestionJob {
    /// Id under which the file is persisted.
    pub(crate) file: Uuid,
    pub(crate) content: FileContent,
    pub(crate) format: Format,
    pub(crate) steps: InferenceSteps,
    pub(crate) about: DatasetContext,
    /// Number of rows that pass through the steps at a time.
    pub(crate) batch: usize,
    /// The links to search for once the rows are stored, with the access rights of the caller.
    pub(crate) links: LinkSelection,
    pub(crate) caller: Caller,
}

/// A new ingestion for the queue.
struct IngestionRequest {
    dataset: DatasetName,
    name: Option<String>,
    /// Id of the failed ingestion that is retried.
    original: Option<Uuid>,
    job: Arc<IngestionJob>,
}

/// The reason why an ingestion cannot be retried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoRetry {
    Unknown,
    NotFailed(Status),
}

impl Ingestions {
    /// Queues the ingestion of a file.
    pub(crate) fn begin(
        &self,
        ids: &Ids,
        now: DateTime<Utc>,
        dataset: DatasetName,
        name: Option<String>,
        job: IngestionJob,
    ) -> Uuid {
        let request = IngestionRequest { dataset, name, original: None, job: Arc::new(job) };
        lock(&self.table).queue(ids.next(Kind::Ingestion), now, request, &self.queued)
    }

    /// Queues a failed ingestion again under a new id.
    pub(crate) fn retry(&self, ids: &Ids, now: DateTime<Utc>, id: Uuid) -> Result<Uuid, NoRetry> {
        let mut table = lock(&self.table);
        let failed = table.find(id).ok_or(NoRetry::Unknown)?;
        let (Status::Failed, Some(job)) = (failed.status, failed.job.clone()) else {
            return Err(NoRetry::NotFailed(failed.status));
        };
        failed.last_retry_at = Some(now);
        let (dataset, name) = (failed.dataset.clone(), failed.name.clone());
        let request = IngestionRequest { dataset, name, original: Some(id), job };
        Ok(table.queue(ids.next(Kind::Ingestion), now, request, &self.queued))
    }

    /// Marks an ingestion as seen. Returns `false` if it does not exist.
    pub(crate) fn mark_seen(&self, id: Uuid, now: DateTime<Utc>) -> bool {
        self.change(id, |ingestion| ingestion.seen_at = Some(now))
    }

    /// Returns the target dataset of an ingestion.
    pub(crate) fn dataset(&self, id: Uuid) -> Option<DatasetName> {
        lock(&self.table).find(id).map(|ingestion| ingestion.dataset.clone())
    }

    /// Returns the ingestions of a dataset that were created at `latest` or earlier, newest first.
    pub(crate) fn of(&self, dataset: &DatasetName, latest: Option<DateTime<Utc>>) -> Vec<Ingestion> {
        let table = lock(&self.table);
        let selected = |own: &&Ingestion| {
            own.dataset == *dataset && latest.is_none_or(|latest| own.created_at <= latest)
        };
        table.ingestions.iter().rev().filter(selected).cloned().collect()
    }

    pub(crate) fn change(&self, id: Uuid, change: impl FnOnce(&mut Ingestion)) -> bool {
        lock(&self.table).find(id).map(change).is_some()
    }
}

impl Table {
    fn find(&mut self, id: Uuid) -> Option<&mut Ingestion> {
        self.ingestions.iter_mut().find(|own| own.id == id)
    }

    fn queue(&mut self, id: Uuid, now: DateTime<Utc>, request: IngestionRequest, queued: &Notify) -> Uuid {
        self.ingestions.push(Ingestion {
            id,
            dataset: request.dataset,
            created_at: self.after_the_last(now),
            status: Status::Queued,
            message: QUEUED.to_owned(),
            total_bytes: request.job.content.len(),
            processed_bytes: 0,
            processed_rows: 0,
            name: request.name,
            seen_at: None,
            original: request.original,
            last_retry_at: None,
            job: Some(request.job),
        });
        self.queue.push_back(id);
        self.evict_oldest(RETAINED);
        queued.notify_one();
        id
    }

    /// Removes the oldest ended ingestions beyond a number.
    fn evict_oldest(&mut self, retained: usize) {
        let is_over = |own: &Ingestion| matches!(own.status, Status::Completed | Status::Failed);
        let over = self.ingestions.iter().filter(|own| is_over(own)).count();
        let mut gone = over.saturating_sub(retained);
        if gone > 0 {
            self.ingestions.retain(|own| {
                let goes = gone > 0 && is_over(own);
                gone -= usize::from(goes);
                !goes
            });
        }
    }

    /// Returns the present time, or a later one that follows all earlier ingestions.
    ///
    /// The clock is limited, and files with ingestions at the end of the calendar are rejected, so that a later time
    /// always exists.
    fn after_the_last(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let step = Duration::from_micros(1);
        self.ingestions.last().map_or(now, |last| now.max(later(last.created_at, step)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latest_ended_and_all_other_ingestions_are_retained() {
        let (mut table, queued) = (Table::default(), Notify::new());
        for number in 0..5 {
            let job = Arc::new(IngestionJob {
                file: Uuid::nil(),
                content: FileContent::default(),
                format: Format::Csv,
                steps: InferenceSteps::default(),
                about: DatasetContext::default(),
                batch: 1,
                links: LinkSelection::default(),
                caller: Caller::of("ana"),
            });
            let request = IngestionRequest {
                dataset: DatasetName::new("ana", "n", "d"),
                name: None,
                original: None,
                job,
            };
            table.queue(Uuid::from_u128(number), DateTime::UNIX_EPOCH, request, &queued);
        }
        let statuses =
            [Status::Completed, Status::Queued, Status::Failed, Status::Processing, Status::Completed];
        for (own, status) in table.ingestions.iter_mut().zip(statuses) {
            own.status = status;
        }
        let ids = |table: &Table| table.ingestions.iter().map(|own| own.id.as_u128()).collect::<Vec<_>>();
        table.evict_oldest(3);
        assert_eq!(ids(&table), [0, 1, 2, 3, 4]);
        table.evict_oldest(1);
        assert_eq!(ids(&table), [1, 3, 4]);
    }
}
