//! Runs as files, one each: what they told, what they know, and what comes next.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::question::Question;
use super::run::Progress;
use super::stage::Stage;
use super::trace::{LlmCall, TraceStep};
use super::{Job, Run, Runs};
use crate::answer::ndjson;
use crate::files::{Change, Files, Marked, Part, Sink, Unreadable, encode, pretty, uuid};
use crate::label::Label;
use crate::lock::lock;

const FOLDER: &str = "pipeline/";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Kept {
    id: String,
    owner: String,
    label: Label,
    stage: Stage,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<Question>,
    job: Job,
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

impl Run {
    fn kept(&self) -> Kept {
        let progress = lock(&self.progress);
        let events = progress.events.iter().filter_map(|event| serde_json::from_slice(event).ok());
        Kept {
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

impl From<Kept> for Run {
    fn from(kept: Kept) -> Self {
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

impl Part for Runs {
    fn changed(&self) -> u64 {
        let runs = lock(&self.all);
        let progress = runs.values().map(|run| Marked::changed(&lock(&run.progress)));
        progress.fold(Marked::changed(&runs), u64::max)
    }

    fn save(&self, sink: &mut dyn Sink) {
        for (id, run) in lock(&self.all).iter() {
            let changed = Marked::changed(&lock(&run.progress));
            sink.stamped(path(id), changed, &|| pretty(&run.kept()));
        }
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let mut runs = BTreeMap::new();
        for path in files.paths(FOLDER, ".json") {
            if let Some(kept) = files.take_value::<Kept>(&path)? {
                let run = Run::from(kept);
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
            let due: VecDeque<Arc<Run>> = runs.values().filter(|run| run.is_due()).cloned().collect();
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
        let trace = Run::from(serde_json::from_str::<Kept>(&kept).unwrap()).trace();
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
        job.replace("CALLER", &serde_json::to_string(&crate::access::Caller::of("ana")).unwrap())
    }

    #[test]
    fn runs_that_ended_under_an_earlier_version_are_still_read() {
        let kept = format!(
            r#"{{"id":"r","owner":"ana","label":"computed","stage":"over","job":{},
            "llmCalls":[{{"phase":"coalescence","tokens":10,"ms":1.5}}],"steps":[{{"name":"start","ms":0.5}}],
            "events":[{{"type":"complete"}}]}}"#,
            job()
        );
        let run = Run::from(serde_json::from_str::<Kept>(&kept).unwrap());
        let trace = serde_json::to_value(run.trace()).unwrap();
        assert_eq!((&trace["ended"], &trace["totalTokens"]), (&true.into(), &10.into()));
        assert_eq!(trace.get("startedAt"), None, "what was not kept is not invented");
    }
}
