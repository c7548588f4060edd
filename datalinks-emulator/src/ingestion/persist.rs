//! Persistence of ingestions and of the uploaded files that they still need.
//!
//! An ingestion in progress is persisted as queued. Its rows are stored together with its end, so after a restart it
//! begins again and stores no row twice.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Format, Ingestion, IngestionJob, Ingestions, QUEUED, Status, Table};
use crate::accounts::Caller;
use crate::concurrency::lock::lock;
use crate::linking::LinkSelection;
use crate::persistence::{Change, Files, Persist, Sink, Unreadable, Versioned, once, save_lines};
use crate::runtime::clock::later;
use crate::steps::{DatasetContext, InferenceSteps};
use crate::store::DatasetName;
use crate::uploads::storage::{FileContent, PartCount};

const PATH: &str = "ingestions.ndjson";

/// Minimum time between an ingestion and the end of the calendar. Each of the next ones may be a microsecond later.
const MARGIN: Duration = Duration::from_secs(24 * 60 * 60);

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
    job: Option<StoredJob>,
}

/// A job as it is persisted. The file is stored under its id.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredJob {
    file: Uuid,
    /// Number of files that contain its content.
    #[serde(default, skip_serializing_if = "PartCount::is_one")]
    parts: PartCount,
    format: Format,
    steps: InferenceSteps,
    about: DatasetContext,
    batch: usize,
    links: LinkSelection,
    caller: Caller,
}

/// Returns the path of a file without its extension.
fn path(file: Uuid) -> String {
    format!("ingestions/{file}")
}

impl From<&IngestionJob> for StoredJob {
    fn from(job: &IngestionJob) -> Self {
        Self {
            file: job.file,
            parts: job.content.parts(),
            format: job.format,
            steps: job.steps.clone(),
            about: job.about.clone(),
            batch: job.batch,
            links: job.links.clone(),
            caller: job.caller.clone(),
        }
    }
}

impl StoredJob {
    /// Returns the job, which a retry shares with the failed ingestion.
    fn load(
        self,
        files: &mut Files,
        jobs: &mut BTreeMap<Uuid, Arc<IngestionJob>>,
    ) -> Result<Arc<IngestionJob>, Unreadable> {
        if let Some(job) = jobs.get(&self.file) {
            return Ok(Arc::clone(job));
        }
        let Self { file, parts, format, steps, about, batch, links, caller } = self;
        let content = FileContent::load(&path(file), parts, files)?;
        let job = Arc::new(IngestionJob { file, content, format, steps, about, batch, links, caller });
        jobs.insert(file, Arc::clone(&job));
        Ok(job)
    }
}

impl From<&Ingestion> for StoredIngestion {
    fn from(own: &Ingestion) -> Self {
        let in_progress = own.status == Status::Processing;
        Self {
            id: own.id,
            dataset: own.dataset.clone(),
            created_at: own.created_at,
            status: if in_progress { Status::Queued } else { own.status },
            message: if in_progress { QUEUED.to_owned() } else { own.message.clone() },
            total_bytes: own.total_bytes,
            processed_bytes: if in_progress { 0 } else { own.processed_bytes },
            processed_rows: if in_progress { 0 } else { own.processed_rows },
            name: own.name.clone(),
            seen_at: own.seen_at,
            original: own.original,
            last_retry_at: own.last_retry_at,
            job: own.job.as_deref().map(StoredJob::from),
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
        let jobs = table.ingestions.iter().filter_map(|own| own.job.as_ref());
        // A retry shares the file of the failed ingestion.
        let jobs: BTreeMap<Uuid, &Arc<IngestionJob>> = jobs.map(|job| (job.file, job)).collect();
        for (file, job) in jobs {
            job.content.save(&path(file), sink);
        }
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let (mut ingestions, mut queue) = (Vec::new(), VecDeque::new());
        let mut jobs: BTreeMap<Uuid, Arc<IngestionJob>> = BTreeMap::new();
        let mut before: Option<DateTime<Utc>> = None;
        let all = files.take_lines::<StoredIngestion>(PATH)?;
        once(PATH, all.iter().map(|stored| (stored.id, ())))?;
        for stored in all {
            if before.replace(stored.created_at).is_some_and(|before| stored.created_at <= before) {
                // Lists are paged by creation time.
                let reason = format!(
                    "has {}, which is not later than the one before it; correct createdAt",
                    stored.id
                );
                return Err(Unreadable::new(PATH, reason));
            }
            if later(stored.created_at, MARGIN) >= DateTime::<Utc>::MAX_UTC {
                let reason =
                    format!("has {} at the end of the calendar; set an earlier createdAt", stored.id);
                return Err(Unreadable::new(PATH, reason));
            }
            let job = stored.job.map(|own| own.load(files, &mut jobs)).transpose()?;
            if matches!(stored.status, Status::Queued | Status::Processing) {
                if job.is_none() {
                    let reason = format!("has {}, which is queued without a job; remove it", stored.id);
                    return Err(Unreadable::new(PATH, reason));
                }
                queue.push_back(stored.id);
            }
            ingestions.push(Ingestion {
                id: stored.id,
                dataset: stored.dataset,
                created_at: stored.created_at,
                status: stored.status,
                message: stored.message,
                total_bytes: stored.total_bytes,
                processed_bytes: stored.processed_bytes,
                processed_rows: stored.processed_rows,
                name: stored.name,
                seen_at: stored.seen_at,
                original: stored.original,
                last_retry_at: stored.last_retry_at,
                job,
            });
        }
        Ok(Box::new(move || {
            **lock(&self.table) = Table { ingestions, queue };
            self.queued.notify_one();
        }))
    }
}
