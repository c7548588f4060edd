//! Runs as files, one each: what they told, and what they wait for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::watch;

use super::{Job, Progress, Run, Runs, TraceStep};
use crate::answer::{EventBytes, ndjson};
use crate::files::{Change, Files, Marked, Part, Sink, Unreadable, encode, pretty};
use crate::lock::lock;
use crate::store::{InputRow, Namespace};

const FOLDER: &str = "pipeline/";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    id: String,
    owner: String,
    scripted: bool,
    ended: bool,
    steps: Vec<TraceStep>,
    events: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<KeptJob>,
}

/// What is left to do once somebody has answered.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct KeptJob {
    namespace: Namespace,
    model: bool,
    ingest: bool,
    ontology: bool,
    sample: usize,
    rows: Vec<Box<RawValue>>,
}

fn path(id: &str) -> String {
    format!("{FOLDER}{}.json", encode(id))
}

impl KeptJob {
    fn of(job: &Job) -> Self {
        let rows = job.rows.iter().filter_map(|row| serde_json::value::to_raw_value(row).ok());
        Self {
            namespace: job.namespace.clone(),
            model: job.model,
            ingest: job.ingest,
            ontology: job.ontology,
            sample: job.sample,
            rows: rows.collect(),
        }
    }

    fn job(self) -> serde_json::Result<Job> {
        let rows = self.rows.iter().map(|row| serde_json::from_str(row.get()).map(InputRow::into_owned));
        Ok(Job {
            rows: rows.collect::<Result<_, _>>()?,
            namespace: self.namespace,
            model: self.model,
            ingest: self.ingest,
            ontology: self.ontology,
            sample: self.sample,
            ask_human: true,
        })
    }
}

impl Run {
    fn kept(&self) -> Kept {
        let progress = lock(&self.progress);
        let events = progress.events.iter().filter_map(|event| serde_json::from_slice(event).ok());
        Kept {
            id: self.id.clone(),
            owner: self.owner.clone(),
            scripted: self.scripted,
            ended: progress.ended,
            steps: progress.steps.clone(),
            events: events.collect(),
            waiting: progress.waiting.as_ref().map(KeptJob::of),
        }
    }

    fn of(kept: Kept) -> serde_json::Result<Self> {
        let events: Vec<EventBytes> = kept.events.iter().map(ndjson).collect();
        let waiting = kept.waiting.map(KeptJob::job).transpose()?;
        let progress = Progress { events, waiting, ended: kept.ended, steps: kept.steps };
        Ok(Self {
            id: kept.id,
            owner: kept.owner,
            scripted: kept.scripted,
            progress: Mutex::new(progress.into()),
            changed: watch::Sender::new(()),
        })
    }

    /// Ends the streams of a run that is no longer there.
    fn forget(&self) {
        lock(&self.progress).ended = true;
        self.changed.send_replace(());
    }
}

impl Part for Runs {
    fn changed(&self) -> u64 {
        let runs = lock(&self.0);
        let progress = runs.values().map(|run| Marked::changed(&lock(&run.progress)));
        progress.fold(Marked::changed(&runs), u64::max)
    }

    fn save(&self, sink: &mut dyn Sink) {
        for (id, run) in lock(&self.0).iter() {
            let changed = Marked::changed(&lock(&run.progress));
            sink.stamped(path(id), changed, &|| pretty(&run.kept()));
        }
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let mut runs = BTreeMap::new();
        for path in files.paths(FOLDER, ".json") {
            let Some(kept) = files.take_value::<Kept>(&path)? else { continue };
            let run = Run::of(kept).map_err(|error| Unreadable::new(path, error))?;
            runs.insert(run.id.clone(), Arc::new(run));
        }
        Ok(Box::new(move || {
            let mut own = lock(&self.0);
            own.values().for_each(|run| run.forget());
            **own = runs;
        }))
    }
}
