//! The progress of a run, and the events that it emits.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::cost::{LlmCall, TraceStep};
use super::failure::Failure;
use super::job::PipelineJob;
use super::question::Question;
use super::stage::Stage;
use crate::response::EventBytes;
use crate::response::api_response::ndjson;

/// The progress of a run.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(super) events: Vec<EventBytes>,
    /// The next stage.
    pub(super) stage: Stage,
    /// The question that a person must answer before the next stage.
    pub(super) waiting: Option<Question>,
    pub(super) job: PipelineJob,
    pub(super) llm_calls: Vec<LlmCall>,
    pub(super) steps: Vec<TraceStep>,
    pub(super) started: Option<DateTime<Utc>>,
    pub(super) ended: Option<DateTime<Utc>>,
}

impl Progress {
    pub(super) fn is_due(&self) -> bool {
        self.waiting.is_none() && self.stage != Stage::Over
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a, F> {
    r#type: &'a str,
    run_id: &'a str,
    #[serde(skip_serializing_if = "is_false")]
    scripted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(flatten)]
    facts: F,
}

/// The facts of a question to a person.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QuestionEvent<F> {
    kind: &'static str,
    answer_with: &'static str,
    #[serde(flatten)]
    facts: F,
}

/// The facts of a failure.
#[derive(Serialize)]
struct Failed<'a> {
    message: &'a str,
    kind: &'static str,
    retryable: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// The context of a change of a run. Emits its events.
pub(crate) struct RunContext<'a> {
    pub(super) id: &'a str,
    pub(super) now: DateTime<Utc>,
    pub(super) progress: &'a mut Progress,
}

impl RunContext<'_> {
    /// Emits an event. The facts must serialize as a JSON object.
    pub(super) fn emit(&mut self, kind: &str, facts: impl Serialize) {
        self.push(kind, None, facts);
    }

    /// Emits an event of a rule that stands in for a model.
    pub(super) fn emit_scripted(&mut self, kind: &str, note: &str, facts: impl Serialize) {
        self.push(kind, Some(note), facts);
    }

    /// Emits a question to a person, and makes the run wait for the answer.
    pub(super) fn question(&mut self, question: Question, facts: impl Serialize) {
        let kind = question.kind();
        self.emit("emulator.question", QuestionEvent { kind, answer_with: "POST to the run's hook", facts });
        self.progress.waiting = Some(question);
    }

    /// Ends the run with a failure.
    pub(super) fn fail(&mut self, failure: &Failure) {
        let Failure { message, retryable } = failure;
        let kind = if *retryable { "retryable" } else { "fatal" };
        self.end("error", Failed { message, kind, retryable: *retryable });
    }

    /// Emits the last event and ends the run.
    pub(super) fn end(&mut self, kind: &str, facts: impl Serialize) {
        self.emit(kind, facts);
        self.progress.stage = Stage::Over;
        self.progress.ended = Some(self.now);
        self.progress.waiting = None;
        self.progress.job.rows = Arc::default();
    }

    fn push(&mut self, kind: &str, note: Option<&str>, facts: impl Serialize) {
        let event = Event { r#type: kind, run_id: self.id, scripted: note.is_some(), note, facts };
        self.progress.events.push(ndjson(&event));
    }
}
