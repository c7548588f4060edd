//! Runs of the ingest pipeline.
//!
//! A run has no task of its own: what it does is done while its request or its hook is answered,
//! and its events are kept. A stream reads them from any place and waits for more, so a run ends
//! with the emulator and never behind its back.

mod saved;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Instant;

use futures::StreamExt;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use crate::answer::{EventBytes, ndjson};
use crate::files::Marked;
use crate::lock::{lock, write};
use crate::seen;
use crate::store::{DatasetName, Definition, InputRow, Namespace, Store};

/// All runs, by id.
#[derive(Debug, Default)]
pub(crate) struct Runs(Mutex<Marked<BTreeMap<String, Arc<Run>>>>);

impl Runs {
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Run>> {
        lock(&self.0).get(id).cloned()
    }

    /// Starts a run, and carries it out up to its question, if it has one, or to its end.
    pub(crate) fn start(&self, store: &RwLock<Store>, id: String, owner: String, job: Job) -> Arc<Run> {
        let run = Arc::new(Run {
            id: id.clone(),
            owner,
            scripted: job.model || job.ontology,
            progress: Mutex::default(),
            changed: watch::Sender::new(()),
        });
        run.begin(store, job);
        lock(&self.0).insert(id, Arc::clone(&run));
        run
    }
}

/// What a run shall do.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) namespace: Namespace,
    pub(crate) rows: Vec<InputRow<'static>>,
    pub(crate) model: bool,
    pub(crate) ingest: bool,
    pub(crate) ontology: bool,
    pub(crate) sample: usize,
    pub(crate) ask_human: bool,
}

/// One run.
#[derive(Debug)]
pub(crate) struct Run {
    id: String,
    owner: String,
    scripted: bool,
    progress: Mutex<Marked<Progress>>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Progress {
    events: Vec<EventBytes>,
    /// What is left to do once the human has answered.
    waiting: Option<Job>,
    ended: bool,
    steps: Vec<TraceStep>,
}

/// One step of a run, for its trace.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct TraceStep {
    name: String,
    ms: f64,
}

/// What a run did, as its trace tells it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trace {
    run_id: String,
    ended: bool,
    note: &'static str,
    llm_calls: [(); 0],
    steps: Vec<TraceStep>,
}

/// The hook of a run that waits for nothing.
#[derive(Debug)]
pub(crate) struct NotWaiting;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    r#type: &'a str,
    run_id: &'a str,
    #[serde(skip_serializing_if = "is_false")]
    scripted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(flatten)]
    facts: Map<String, Value>,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Run {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Who started it.
    pub(crate) fn owner(&self) -> &str {
        &self.owner
    }

    /// Whether a rule stands for a model anywhere in it.
    pub(crate) fn is_scripted(&self) -> bool {
        self.scripted
    }

    fn begin(&self, store: &RwLock<Store>, job: Job) {
        let clock = Instant::now();
        let seen = seen::columns(&job.rows);
        let columns: Vec<&str> = seen.iter().map(|column| column.name).collect();
        let kinds: Map<String, Value> =
            seen.iter().map(|column| (column.name.to_owned(), json!(column.kinds))).collect();
        self.tell("emulator.started", json!({ "namespace": job.namespace.name, "rows": job.rows.len() }));
        self.tell("emulator.received", json!({ "rows": job.rows.len(), "columns": columns }));
        if job.model {
            self.script(
                "emulator.modeling",
                "a model would reshape the rows here; they stay as they are",
                json!({}),
            );
        } else {
            self.tell("emulator.modelingSkipped", json!({ "model": false }));
        }
        let sample = job.rows.iter().take(job.sample).collect::<Vec<_>>();
        self.tell("emulator.sampled", json!({ "sample": sample }));
        self.script(
            "emulator.schema",
            "the kinds of value seen in the rows; a model would describe the columns",
            json!({ "columns": kinds }),
        );
        self.step("prepare", clock);
        if job.ask_human {
            self.script(
                "emulator.question",
                "a person would look at the columns here; any body sent to the hook lets the run go on",
                json!({ "columns": columns, "answerWith": "POST to the run's hook" }),
            );
            lock(&self.progress).waiting = Some(job);
            self.changed.send_replace(());
        } else {
            self.finish(store, job);
        }
    }

    /// Lets a waiting run go on.
    pub(crate) fn resume(&self, store: &RwLock<Store>) -> Result<(), NotWaiting> {
        let job = lock(&self.progress).waiting.take().ok_or(NotWaiting)?;
        self.tell("emulator.answered", json!({}));
        self.finish(store, job);
        Ok(())
    }

    fn finish(&self, store: &RwLock<Store>, job: Job) {
        let clock = Instant::now();
        let received = job.rows.len();
        let mut facts = json!({ "rows": received, "indexed": 0 });
        if job.ingest {
            let name = ingest(store, &job.namespace, job.rows);
            let place = json!({ "namespace": name.namespace, "dataset": name.name });
            self.tell("emulator.ingesting", place.clone());
            facts = json!({ "rows": received, "indexed": received, "namespace": name.namespace, "dataset": name.name });
            self.tell("emulator.ingested", facts.clone());
        } else {
            self.tell("emulator.ingestSkipped", json!({ "ingest": false }));
        }
        self.step("ingest", clock);
        if job.ontology {
            self.script(
                "emulator.ontology",
                "a model would choose links here; none was added",
                json!({ "links": 0 }),
            );
        } else {
            self.tell("emulator.ontologySkipped", json!({ "ontology": false }));
        }
        self.tell("complete", facts);
        lock(&self.progress).ended = true;
        self.changed.send_replace(());
    }

    /// An event about something that was done.
    fn tell(&self, kind: &str, facts: Value) {
        self.push(kind, None, facts);
    }

    /// An event in the place of something that a model would have done.
    fn script(&self, kind: &str, note: &str, facts: Value) {
        self.push(kind, Some(note), facts);
    }

    fn push(&self, kind: &str, note: Option<&str>, facts: Value) {
        let facts = if let Value::Object(facts) = facts { facts } else { Map::new() };
        let event = Event { r#type: kind, run_id: &self.id, scripted: note.is_some(), note, facts };
        lock(&self.progress).events.push(ndjson(&event));
    }

    fn step(&self, name: &'static str, since: Instant) {
        let ms = since.elapsed().as_secs_f64() * 1000.0;
        lock(&self.progress).steps.push(TraceStep { name: name.to_owned(), ms });
    }

    pub(crate) fn trace(&self) -> Trace {
        let progress = lock(&self.progress);
        Trace {
            run_id: self.id.clone(),
            ended: progress.ended,
            note: "no model ran, so there are no model calls and no tokens",
            llm_calls: [],
            steps: progress.steps.clone(),
        }
    }

    /// The events so far: all of a run that ended, those up to the question of one that waits.
    pub(crate) fn events_so_far(&self) -> BoxStream<'static, EventBytes> {
        let events = lock(&self.progress).events.clone();
        futures::stream::iter(events).boxed()
    }

    /// The events from one on, and those to come.
    pub(crate) fn events(self: Arc<Self>, from: usize) -> BoxStream<'static, EventBytes> {
        let changed = self.changed.subscribe();
        futures::stream::unfold((self, changed, from), |(run, mut changed, next)| async move {
            loop {
                // Marked as seen before looking, so that no change falls between the two.
                changed.mark_unchanged();
                let (event, ended) = {
                    let progress = lock(&run.progress);
                    (progress.events.get(next).cloned(), progress.ended)
                };
                if let Some(event) = event {
                    return Some((event, (run, changed, next + 1)));
                }
                if ended || changed.changed().await.is_err() {
                    return None;
                }
            }
        })
        .boxed()
    }
}

/// Stores the rows in a new dataset of the namespace.
fn ingest(store: &RwLock<Store>, namespace: &Namespace, rows: Vec<InputRow<'static>>) -> DatasetName {
    let mut store = write(store);
    let mut number = 1u64;
    loop {
        let name = namespace.dataset(format!("pipeline_{number}"));
        if store.create(name.clone(), Definition::default()).is_ok() {
            if let Ok(dataset) = store.find_mut(&name) {
                dataset.append(rows);
            }
            return name;
        }
        number += 1;
    }
}
