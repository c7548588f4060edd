//! The persisted form of pipeline runs, one file for each run.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::PipelineRuns;
use super::cost::{LlmCall, TraceStep};
use super::job::PipelineJob;
use super::progress::Progress;
use super::question::Question;
use super::run::PipelineRun;
use super::stage::Stage;
use crate::concurrency::lock::lock;
use crate::persistence::{Change, Files, Frozen, Persist, Sink, Unreadable, Versioned, encode, pretty, uuid};
use crate::response::Label;
use crate::response::api_response::ndjson;

const DIRECTORY: &str = "pipeline/";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct StoredRun {
    id: String,
    owner: String,
    label: Label,
    stage: Stage,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<Question>,
    job: PipelineJob,
    llm_calls: Vec<LlmCall>,
    steps: Vec<TraceStep>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<DateTime<Utc>>,
    events: Vec<Box<RawValue>>,
}

fn path(id: &str) -> String {
    format!("{DIRECTORY}{}.json", encode(id))
}

impl PipelineRun {
    fn save(&self, sink: &mut dyn Sink) {
        let changed = Versioned::changed(&lock(&self.progress));
        sink.versioned(path(&self.id), changed, &|| pretty(&self.stored()));
    }

    /// Returns a copy of the current state. The copy shares events and rows.
    fn frozen(&self) -> Self {
        let progress = Progress::clone(&lock(&self.progress));
        Self::with(self.id.clone(), self.owner.clone(), self.label, progress)
    }

    fn stored(&self) -> StoredRun {
        let progress = lock(&self.progress);
        let events = progress.events.iter().filter_map(|event| serde_json::from_slice(event).ok());
        StoredRun {
            id: self.id.clone(),
            owner: self.owner.clone(),
            label: self.label,
            stage: progress.stage,
            waiting: progress.waiting.clone(),
            job: progress.job.clone(),
            llm_calls: progress.llm_calls.clone(),
            steps: progress.steps.clone(),
            started: progress.started,
            ended: progress.ended,
            events: events.collect(),
        }
    }
}

impl From<StoredRun> for PipelineRun {
    fn from(stored: StoredRun) -> Self {
        let progress = Progress {
            events: stored.events.iter().map(ndjson).collect(),
            stage: stored.stage,
            waiting: stored.waiting,
            job: stored.job,
            llm_calls: stored.llm_calls,
            steps: stored.steps,
            started: stored.started,
            ended: stored.ended,
        };
        Self::with(stored.id, stored.owner, stored.label, progress)
    }
}

/// The runs at one point in time.
impl Frozen for Vec<PipelineRun> {
    fn save(&self, sink: &mut dyn Sink) {
        self.iter().for_each(|run| run.save(sink));
    }
}

impl Persist for PipelineRuns {
    fn changed(&self) -> u64 {
        let runs = lock(&self.all);
        let progress = runs.values().map(|run| Versioned::changed(&lock(&run.progress)));
        progress.fold(Versioned::changed(&runs), u64::max)
    }

    fn save(&self, sink: &mut dyn Sink) {
        lock(&self.all).values().for_each(|run| run.save(sink));
    }

    fn freeze(&self) -> Box<dyn Frozen> {
        Box::new(lock(&self.all).values().map(|run| run.frozen()).collect::<Vec<PipelineRun>>())
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let mut runs = BTreeMap::new();
        for path in files.paths(DIRECTORY, ".json") {
            if let Some(stored) = files.take_value::<StoredRun>(&path)? {
                let run = PipelineRun::from(stored);
                uuid(&path, &run.id)?;
                if path != self::path(&run.id) {
                    let reason =
                        format!("contains the run {}; name the file after the id of the run", run.id);
                    return Err(Unreadable::new(path, reason));
                }
                runs.insert(run.id.clone(), Arc::new(run));
            }
        }
        Ok(Box::new(move || {
            // An interrupted run repeats its current stage.
            let due: VecDeque<Arc<PipelineRun>> = runs.values().filter(|run| run.is_due()).cloned().collect();
            let mut own = lock(&self.all);
            own.values().for_each(|run| run.discard());
            **own = runs;
            *lock(&self.ready) = due;
            self.queued.notify_one();
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::evict_oldest;
    use super::*;

    #[test]
    fn token_sums_of_a_trace_saturate() {
        let call = format!(
            r#"{{"phase":"prompt","inputTokens":{0},"outputTokens":{0},"tokens":{0},"ms":1}}"#,
            u64::MAX
        );
        let stored = format!(
            r#"{{"id":"r","owner":"ana","label":"computed","stage":"over","job":{},"llmCalls":[{call},{call}],"steps":[],
                "events":[]}}"#,
            job()
        );
        let trace = PipelineRun::from(serde_json::from_str::<StoredRun>(&stored).unwrap()).trace();
        let trace = serde_json::to_value(trace).unwrap();
        for tokens in ["inputTokens", "outputTokens", "tokens"] {
            assert_eq!(trace["summary"][tokens], u64::MAX, "{tokens}");
        }
        assert_eq!(trace["totalTokens"], u64::MAX);
    }

    /// Returns the job of a run in the format of an earlier version.
    fn job() -> String {
        let job = r#"{"namespace":{"owner":"ana","namespace":"n"},"rows":[],"caller":CALLER,
            "switches":{"model":true,"ingest":true,"ontology":true,"ask_human":false},"eval_retries":3,
            "rows_for_modeling":20,"sample":10,"user_prompt":null,"explosion_prompt":null,"coalescence_prompt":null,
            "predefined_schema":null,"llm":{"model":null,"ontology_model":null,"explosion_temperature":null,
            "coalescence_temperature":null,"ontology_temperature":null},"clarifications":[],"descriptions":{}}"#;
        job.replace("CALLER", &serde_json::to_string(&crate::accounts::Caller::of("ana")).unwrap())
    }

    #[test]
    fn ended_runs_of_earlier_versions_are_loaded() {
        let stored = format!(
            r#"{{"id":"r","owner":"ana","label":"computed","stage":"over","job":{},
            "llmCalls":[{{"phase":"coalescence","tokens":10,"ms":1.5}}],"steps":[{{"name":"start","ms":0.5}}],
            "events":[{{"type":"complete"}}]}}"#,
            job()
        );
        let run = PipelineRun::from(serde_json::from_str::<StoredRun>(&stored).unwrap());
        let trace = serde_json::to_value(run.trace()).unwrap();
        assert_eq!((&trace["ended"], &trace["totalTokens"]), (&true.into(), &10.into()));
        assert_eq!(trace.get("startedAt"), None, "a missing time is not invented");
    }

    #[test]
    fn eviction_keeps_recently_ended_runs_and_runs_in_progress() {
        let stored = |id: &str, stage: &str, ended: &str| {
            let text = format!(
                r#"{{"id":"{id}","owner":"ana","label":"computed","stage":"{stage}","ended":{ended},"job":{},"llmCalls":[],
                    "steps":[],"events":[]}}"#,
                job()
            );
            let run = PipelineRun::from(serde_json::from_str::<StoredRun>(&text).unwrap());
            (run.id.clone(), Arc::new(run))
        };
        let mut runs = BTreeMap::from([
            stored("a", "over", r#""2026-01-03T00:00:00Z""#),
            stored("b", "over", r#""2026-01-01T00:00:00Z""#),
            stored("c", "preview", "null"),
            stored("d", "over", "null"),
            stored("e", "over", r#""2026-01-02T00:00:00Z""#),
        ]);
        let ids = |runs: &BTreeMap<String, Arc<PipelineRun>>| runs.keys().cloned().collect::<String>();
        evict_oldest(&mut runs, 4);
        assert_eq!(ids(&runs), "abcde");
        evict_oldest(&mut runs, 2);
        assert_eq!(ids(&runs), "ace");
        evict_oldest(&mut runs, 0);
        assert_eq!(ids(&runs), "c");
    }
}
