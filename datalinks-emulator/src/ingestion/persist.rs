//! Ingestions as files, and the uploaded files that they may still need.
//!
//! One that is being worked on is kept as one that waits: its rows are stored together with its end, so it begins
//! anew after a restart and stores nothing twice.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Format, Ingestion, IngestionJob, Ingestions, Status, Table, WAITS};
use crate::accounts::Caller;
use crate::concurrency::lock::lock;
use crate::linking::LinkSelection;
use crate::persistence::{Change, Files, Persist, Sink, Unreadable, Versioned, once, save_lines};
use crate::runtime::clock::later;
use crate::steps::{DatasetContext, InferenceSteps};
use crate::store::DatasetName;
use crate::uploads::storage::{FileContent, PartCount};

const PATH: &str = "ingestions.ndjson";

/// Time that must be left after an ingestion, in the calendar: the next ones may be a microsecond later each.
const ROOM: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct StoredIngestion {
    id: Uuid,
    dataset: DatasetName,
    created_at: DateTime<Utc>,
    status: Status,
    message: String,
    total_bytes: u64,
    processed_bytes: u64,
    processed_rows: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_retry_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<StoredJob>,
}

/// What is to be done with a file, which is kept under this id.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredJob {
    file: Uuid,
    /// The number of files that hold its content.
    #[serde(default, skip_serializing_if = "PartCount::is_one")]
    parts: PartCount,
    format: Format,
    steps: InferenceSteps,
    about: DatasetContext,
    batch: usize,
    links: LinkSelection,
    caller: Caller,
}

/// The path of a file without its ending.
fn path(file: Uuid) -> String {
    format!("ingestions/{file}")
}

impl From<&IngestionJob> for StoredJob {
    fn from(order: &IngestionJob) -> Self {
        Self {
            file: order.file,
            parts: order.content.parts(),
            format: order.format,
            steps: order.steps.clone(),
            about: order.about.clone(),
            batch: order.batch,
            links: order.links.clone(),
            caller: order.caller.clone(),
        }
    }
}

impl StoredJob {
    /// The order, which may be that of an earlier ingestion, too.
    fn order(
        self,
        files: &mut Files,
        orders: &mut BTreeMap<Uuid, Arc<IngestionJob>>,
    ) -> Result<Arc<IngestionJob>, Unreadable> {
        if let Some(order) = orders.get(&self.file) {
            return Ok(Arc::clone(order));
        }
        let Self { file, parts, format, steps, about, batch, links, caller } = self;
        let content = FileContent::load(&path(file), parts, files)?;
        let order = Arc::new(IngestionJob { file, content, format, steps, about, batch, links, caller });
        orders.insert(file, Arc::clone(&order));
        Ok(order)
    }
}

impl From<&Ingestion> for StoredIngestion {
    fn from(own: &Ingestion) -> Self {
        let begun = own.status == Status::Processing;
        Self {
            id: own.id,
            dataset: own.dataset.clone(),
            created_at: own.created_at,
            status: if begun { Status::Queued } else { own.status },
            message: if begun { WAITS.to_owned() } else { own.message.clone() },
            total_bytes: own.total_bytes,
            processed_bytes: if begun { 0 } else { own.processed_bytes },
            processed_rows: if begun { 0 } else { own.processed_rows },
            name: own.name.clone(),
            seen_at: own.seen_at,
            original: own.original,
            last_retry_at: own.last_retry_at,
            order: own.order.as_deref().map(StoredJob::from),
        }
    }
}

impl Persist for Ingestions {
    fn changed(&self) -> u64 {
        Versioned::changed(&lock(&self.table))
    }

    fn save(&self, sink: &mut dyn Sink) {
        let table = lock(&self.table);
        save_lines(sink, PATH, table.ingestions.iter().map(StoredIngestion::from));
        let orders = table.ingestions.iter().filter_map(|own| own.order.as_ref());
        // A retry needs the same file.
        let orders: BTreeMap<Uuid, &Arc<IngestionJob>> = orders.map(|order| (order.file, order)).collect();
        for (file, order) in orders {
            order.content.save(&path(file), sink);
        }
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let (mut ingestions, mut queue) = (Vec::new(), VecDeque::new());
        let mut orders: BTreeMap<Uuid, Arc<IngestionJob>> = BTreeMap::new();
        let mut before: Option<DateTime<Utc>> = None;
        let all = files.take_lines::<StoredIngestion>(PATH)?;
        once(PATH, all.iter().map(|kept| (kept.id, ())))?;
        for kept in all {
            if before.replace(kept.created_at).is_some_and(|before| kept.created_at <= before) {
                // Lists are paged by these moments.
                let reason =
                    format!("has {} which is not later than the one before it; put it right", kept.id);
                return Err(Unreadable::new(PATH, reason));
            }
            if later(kept.created_at, ROOM) >= DateTime::<Utc>::MAX_UTC {
                let reason = format!("has {} at the end of the calendar; give it an earlier moment", kept.id);
                return Err(Unreadable::new(PATH, reason));
            }
            let order = kept.order.map(|own| own.order(files, &mut orders)).transpose()?;
            if matches!(kept.status, Status::Queued | Status::Processing) {
                if order.is_none() {
                    return Err(Unreadable::new(PATH, format_args!("{} waits without a file", kept.id)));
                }
                queue.push_back(kept.id);
            }
            ingestions.push(Ingestion {
                id: kept.id,
                dataset: kept.dataset,
                created_at: kept.created_at,
                status: kept.status,
                message: kept.message,
                total_bytes: kept.total_bytes,
                processed_bytes: kept.processed_bytes,
                processed_rows: kept.processed_rows,
                name: kept.name,
                seen_at: kept.seen_at,
                original: kept.original,
                last_retry_at: kept.last_retry_at,
                order,
            });
        }
        Ok(Box::new(move || {
            **lock(&self.table) = Table { ingestions, queue };
            self.queued.notify_one();
        }))
    }
}
