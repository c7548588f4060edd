//! Runs as files, one each: what they told, what they know, and what comes next.

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

const FOLDER: &str = "pipeline/";

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
    format!("{FOLDER}{}.json", encode(id))
}

impl PipelineRun {
    fn save(&self, sink: &mut dyn Sink) {
        let changed = Versioned::changed(&lock(&self.progress));
        sink.versioned(path(&self.id), changed, &|| pretty(&self.kept()));
    }

    /// A copy of this moment. Events and rows are shared with it.
    fn frozen(&self) -> Self {
        let progress = Progress::clone(&lock(&self.progress));
        Self::with(self.id.clone(), self.owner.clone(), self.label, progress)
    }

    fn kept(&self) -> StoredRun {
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
    fn from(kept: StoredRun) -> Self {
        let progress = Progress {
            events: kept.events.iter().map(ndjson).collect(),
            stage: kept.stage,
            waiting: kept.waiting,
            job: kept.job,
            llm_calls: kept.llm_calls,
            steps: kept.steps,
            started: kept.started,
            ended: kept.ended,
        };
        Self::with(kept.id, kept.owner, kept.label, progress)
    }
}

/// Runs as they were at some moment.
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
        for path in files.paths(FOLDER, ".json") {
            if let Some(kept) = files.take_value::<StoredRun>(&path)? {
                let run = PipelineRun::from(kept);
                uuid(&path, &run.id)?;
                if path != self::path(&run.id) {
                    let reason = format!("holds the run {}; name the file like the run", run.id);
                    return Err(Unreadable::new(path, reason));
                }
                runs.insert(run.id.clone(), Arc::new(run));
            }
        }
        Ok(Box::new(move || {
            // What was interrupted begins its stage anew.
            let due: VecDeque<Arc<PipelineRun>> = runs.values().filter(|run| run.is_due()).cloned().collect();
            let mut own = lock(&self.all);
            own.values().for_each(|run| run.forget());
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
    fn tokens_of_a_trace_add_up_to_no_more_than_can_be_counted() {
        let call = format!(
            r#"{{"phase":"prompt","inputTokens":{0},"outputTokens":{0},"tokens":{0},"ms":1}}"#,
            u64::MAX
        );
        let kept = format!(
            r#"{{"id":"r","owner":"ana","label":"computed","stage":"over","job":{},"llmCalls":[{call},{call}],"steps":[],
                "events":[]}}"#,
            job()
        );
        let trace = PipelineRun::from(serde_json::from_str::<StoredRun>(&kept).unwrap()).trace();
        let trace = serde_json::to_value(trace).unwrap();
        for tokens in ["inputTokens", "outputTokens", "tokens"] {
            assert_eq!(trace["summary"][tokens], u64::MAX, "{tokens}");
        }
        assert_eq!(trace["totalTokens"], u64::MAX);
    }

    /// The job of a run, as an earlier version has kept it.
    fn job() -> String {
        let job = r#"{"namespace":{"owner":"ana","namespace":"n"},"rows":[],"caller":CALLER,
            "switches":{"model":true,"ingest":true,"ontology":true,"ask_human":false},"eval_retries":3,
            "rows_for_modeling":20,"sample":10,"user_prompt":null,"explosion_prompt":null,"coalescence_prompt":null,
            "predefined_schema":null,"llm":{"model":null,"ontology_model":null,"explosion_temperature":null,
            "coalescence_temperature":null,"ontology_temperature":null},"clarifications":[],"descriptions":{}}"#;
        job.replace("CALLER", &serde_json::to_string(&crate::accounts::Caller::of("ana")).unwrap())
    }

    #[test]
    fn runs_that_ended_under_an_earlier_version_are_still_read() {
        let kept = format!(
            r#"{{"id":"r","owner":"ana","label":"computed","stage":"over","job":{},
            "llmCalls":[{{"phase":"coalescence","tokens":10,"ms":1.5}}],"steps":[{{"name":"start","ms":0.5}}],
            "events":[{{"type":"complete"}}]}}"#,
            job()
        );
        let run = PipelineRun::from(serde_json::from_str::<StoredRun>(&kept).unwrap());
        let trace = serde_json::to_value(run.trace()).unwrap();
        assert_eq!((&trace["ended"], &trace["totalTokens"]), (&true.into(), &10.into()));
        assert_eq!(trace.get("startedAt"), None, "what was not kept is not invented");
    }

    #[test]
    fn the_runs_that_ended_last_are_kept_and_those_that_go_on() {
        let kept = |id: &str, stage: &str, ended: &str| {
            let text = format!(
                r#"{{"id":"{id}","owner":"ana","label":"computed","stage":"{stage}","ended":{ended},"job":{},"llmCalls":[],
                    "steps":[],"events":[]}}"#,
                job()
            );
            let run = PipelineRun::from(serde_json::from_str::<StoredRun>(&text).unwrap());
            (run.id.clone(), Arc::new(run))
        };
        let mut runs = BTreeMap::from([
            kept("a", "over", r#""2026-01-03T00:00:00Z""#),
            kept("b", "over", r#""2026-01-01T00:00:00Z""#),
            kept("c", "preview", "null"),
            kept("d", "over", "null"),
            kept("e", "over", r#""2026-01-02T00:00:00Z""#),
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
