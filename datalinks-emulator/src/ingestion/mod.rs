//! Ingestions of uploaded files: how they stand, and who works on them.

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

/// Maximum number of ingestions that are over and kept, the latest ones. Those that wait or are worked on do not count.
pub(crate) const KEPT: usize = 1_000;

/// All ingestions, oldest first, and those that nobody has worked on yet.
#[derive(Debug, Default)]
pub(crate) struct Ingestions {
    table: Mutex<Versioned<Table>>,
    /// Tells the worker that there is something to do.
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
    /// Different for each, so that a page can end between any two.
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
    /// What is to be done. Gone once it is done: the file need not be kept any longer.
    order: Option<Arc<IngestionJob>>,
}

/// How an ingestion stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Status {
    Queued,
    Processing,
    Completed,
    Failed,
}

/// What an ingestion that was not begun says.
const WAITS: &str = "waits for its turn";

/// A file, and what is to be done with it.
#[derive(Debug)]
pub(crate) struct IngestionJob {
    /// What the file is kept under.
    pub(crate) file: Uuid,
    pub(crate) content: FileContent,
    pub(crate) format: Format,
    pub(crate) steps: InferenceSteps,
    pub(crate) about: DatasetContext,
    /// Rows that go through the steps at a time.
    pub(crate) batch: usize,
    /// The links to look for once the rows are stored, among what whoever ordered this may read.
    pub(crate) links: LinkSelection,
    pub(crate) caller: Caller,
}

/// What is to be queued.
struct IngestionRequest {
    dataset: DatasetName,
    name: Option<String>,
    /// The failed one that this one repeats.
    original: Option<Uuid>,
    order: Arc<IngestionJob>,
}

/// Why an ingestion is not retried.
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
        order: IngestionJob,
    ) -> Uuid {
        let wish = IngestionRequest { dataset, name, original: None, order: Arc::new(order) };
        lock(&self.table).queue(ids.next(Kind::Ingestion), now, wish, &self.queued)
    }

    /// Queues a failed one again, under a new id.
    pub(crate) fn retry(&self, ids: &Ids, now: DateTime<Utc>, id: Uuid) -> Result<Uuid, NoRetry> {
        let mut table = lock(&self.table);
        let failed = table.find(id).ok_or(NoRetry::Unknown)?;
        let (Status::Failed, Some(order)) = (failed.status, failed.order.clone()) else {
            return Err(NoRetry::NotFailed(failed.status));
        };
        failed.last_retry_at = Some(now);
        let (dataset, name) = (failed.dataset.clone(), failed.name.clone());
        let wish = IngestionRequest { dataset, name, original: Some(id), order };
        Ok(table.queue(ids.next(Kind::Ingestion), now, wish, &self.queued))
    }

    /// Notes that its end was seen. False: there is no such ingestion.
    pub(crate) fn mark_seen(&self, id: Uuid, now: DateTime<Utc>) -> bool {
        self.change(id, |ingestion| ingestion.seen_at = Some(now))
    }

    /// The dataset that an ingestion goes into.
    pub(crate) fn dataset(&self, id: Uuid) -> Option<DatasetName> {
        lock(&self.table).find(id).map(|ingestion| ingestion.dataset.clone())
    }

    /// Those of a dataset, newest first, that were created at a moment or earlier.
    pub(crate) fn of(&self, dataset: &DatasetName, latest: Option<DateTime<Utc>>) -> Vec<Ingestion> {
        let table = lock(&self.table);
        let wanted = |own: &&Ingestion| {
            own.dataset == *dataset && latest.is_none_or(|latest| own.created_at <= latest)
        };
        table.ingestions.iter().rev().filter(wanted).cloned().collect()
    }

    pub(crate) fn change(&self, id: Uuid, change: impl FnOnce(&mut Ingestion)) -> bool {
        lock(&self.table).find(id).map(change).is_some()
    }
}

impl Table {
    fn find(&mut self, id: Uuid) -> Option<&mut Ingestion> {
        self.ingestions.iter_mut().find(|own| own.id == id)
    }

    fn queue(&mut self, id: Uuid, now: DateTime<Utc>, wish: IngestionRequest, queued: &Notify) -> Uuid {
        self.ingestions.push(Ingestion {
            id,
            dataset: wish.dataset,
            created_at: self.after_the_last(now),
            status: Status::Queued,
            message: WAITS.to_owned(),
            total_bytes: wish.order.content.len(),
            processed_bytes: 0,
            processed_rows: 0,
            name: wish.name,
            seen_at: None,
            original: wish.original,
            last_retry_at: None,
            order: Some(wish.order),
        });
        self.queue.push_back(id);
        self.evict_oldest(KEPT);
        queued.notify_one();
        id
    }

    /// Forgets the oldest ingestions, so that at most so many are kept that are over.
    fn evict_oldest(&mut self, kept: usize) {
        let is_over = |own: &Ingestion| matches!(own.status, Status::Completed | Status::Failed);
        let over = self.ingestions.iter().filter(|own| is_over(own)).count();
        let mut gone = over.saturating_sub(kept);
        if gone > 0 {
            self.ingestions.retain(|own| {
                let goes = gone > 0 && is_over(own);
                gone -= usize::from(goes);
                !goes
            });
        }
    }

    /// The present, or a little later: after all ingestions before. The clock never stands at the end of the calendar, and
    /// no ingestion there is taken from files, so that there is always a later moment.
    fn after_the_last(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let step = Duration::from_micros(1);
        self.ingestions.last().map_or(now, |last| now.max(later(last.created_at, step)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_ingestions_are_kept_and_those_that_are_not_over() {
        let (mut table, queued) = (Table::default(), Notify::new());
        for number in 0..5 {
            let order = Arc::new(IngestionJob {
                file: Uuid::nil(),
                content: FileContent::default(),
                format: Format::Csv,
                steps: InferenceSteps::default(),
                about: DatasetContext::default(),
                batch: 1,
                links: LinkSelection::default(),
                caller: Caller::of("ana"),
            });
            let wish = IngestionRequest {
                dataset: DatasetName::new("ana", "n", "d"),
                name: None,
                original: None,
                order,
            };
            table.queue(Uuid::from_u128(number), DateTime::UNIX_EPOCH, wish, &queued);
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
