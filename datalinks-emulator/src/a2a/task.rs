//! A run of the agent, as the protocol tells it.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::message::{Reply, TextPart};
use crate::ask::{Run, Status, StepTold};

/// A task: the run of a question, in the context of its conversation.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Task<'a> {
    kind: &'static str,
    id: Uuid,
    context_id: Uuid,
    status: TaskStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifacts: Option<[Artifact<'a>; 1]>,
}

#[derive(Serialize)]
struct TaskStatus {
    state: &'static str,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Reply>,
}

/// The answer as text, and the steps that led to it as data.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact<'a> {
    artifact_id: &'static str,
    name: &'static str,
    parts: (TextPart, DataPart<'a>),
}

#[derive(Serialize)]
struct DataPart<'a> {
    kind: &'static str,
    data: Steps<'a>,
}

#[derive(Serialize)]
struct Steps<'a> {
    steps: Vec<StepTold<'a>>,
}

impl<'a> Task<'a> {
    pub(crate) fn new(run: &'a Run, now: DateTime<Utc>) -> Self {
        let (state, failure) = match run.status(now) {
            Status::Running => ("working", None),
            Status::Completed => ("completed", None),
            Status::Failed => ("failed", run.error()),
            Status::Expired => ("failed", Some("the run has expired")),
        };
        // The status of a task bears one message at the most, so it can bear the task's id.
        let message = failure.map(|text| Reply::new(run.id, text));
        let artifacts = run.response().map(|response| {
            let steps = run.checkpoint.iter().flat_map(|done| &done.steps).map(StepTold::from).collect();
            let data = DataPart { kind: "data", data: Steps { steps } };
            [Artifact { artifact_id: "answer", name: "answer", parts: (TextPart::new(response), data) }]
        });
        let timestamp = run.updated_at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let status = TaskStatus { state, timestamp, message };
        Self { kind: "task", id: run.id, context_id: run.conversation, status, artifacts }
    }
}
