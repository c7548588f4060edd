//! Tasks, and the updates that a stream consists of.

use chrono::{DateTime, SecondsFormat, Utc};
use futures::{Stream, StreamExt};
use serde::Serialize;
use uuid::Uuid;

use super::part::{OutputModes, Part};

/// One frame of a stream, named after the member of `result` that holds it. The response to `SendMessage` is always a
/// task.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Update {
    Task(Task),
    StatusUpdate(StatusUpdate),
    ArtifactUpdate(ArtifactUpdate),
}

/// The work on one message.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Task {
    id: Uuid,
    context_id: String,
    status: TaskStatus,
    artifacts: Vec<Artifact>,
    /// Empty in a newly submitted task and absent otherwise, because no messages are stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<[Message; 0]>,
}

/// A change of the state of a task.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusUpdate {
    task_id: Uuid,
    context_id: String,
    status: TaskStatus,
}

/// A new artifact of a task.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ArtifactUpdate {
    task_id: Uuid,
    context_id: String,
    artifact: Artifact,
}

#[derive(Debug, Serialize)]
struct TaskStatus {
    state: TaskState,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
enum TaskState {
    #[serde(rename = "TASK_STATE_SUBMITTED")]
    Submitted,
    #[serde(rename = "TASK_STATE_WORKING")]
    Working,
    #[serde(rename = "TASK_STATE_COMPLETED")]
    Completed,
    #[serde(rename = "TASK_STATE_FAILED")]
    Failed,
}

/// A message of the agent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    message_id: String,
    role: &'static str,
    context_id: String,
    task_id: Uuid,
    parts: Vec<Part>,
}

/// A result of a task. The id and the name are equal.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    artifact_id: String,
    name: String,
    parts: Vec<Part>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<StepMetadata>,
}

/// The metadata of an artifact that contains a step of a plan.
#[derive(Debug, Serialize)]
pub(crate) struct StepMetadata {
    pub(crate) index: usize,
    pub(crate) instruction: String,
    pub(crate) reasoning: String,
}

/// The ids of a task and its context. Creates the updates of the task.
#[derive(Clone, Debug)]
pub(crate) struct TaskIds {
    pub(crate) task: Uuid,
    pub(crate) context: String,
}

impl TaskIds {
    /// Returns the task itself, before any work.
    pub(super) fn submitted(&self, now: DateTime<Utc>) -> Update {
        Update::Task(Task {
            id: self.task,
            context_id: self.context.clone(),
            status: TaskStatus::new(TaskState::Submitted, now, None),
            artifacts: Vec::new(),
            history: Some([]),
        })
    }

    pub(super) fn working(&self, now: DateTime<Utc>) -> Update {
        self.status(TaskState::Working, now, None)
    }

    /// Returns a message that the agent sends during its work. The id of the message ends in `suffix`.
    pub(super) fn working_with(&self, now: DateTime<Utc>, suffix: &str, parts: Vec<Part>) -> Update {
        self.status(TaskState::Working, now, Some(self.message(suffix, parts)))
    }

    pub(super) fn completed(&self, now: DateTime<Utc>) -> Update {
        self.status(TaskState::Completed, now, None)
    }

    pub(super) fn failed(&self, now: DateTime<Utc>, reason: String) -> Update {
        let message = self.message("error", vec![Part::Text(reason)]);
        self.status(TaskState::Failed, now, Some(message))
    }

    pub(super) fn artifact(&self, name: String, parts: Vec<Part>, metadata: Option<StepMetadata>) -> Update {
        Update::ArtifactUpdate(ArtifactUpdate {
            task_id: self.task,
            context_id: self.context.clone(),
            artifact: Artifact { artifact_id: name.clone(), name, parts, metadata },
        })
    }

    fn status(&self, state: TaskState, now: DateTime<Utc>, message: Option<Message>) -> Update {
        Update::StatusUpdate(StatusUpdate {
            task_id: self.task,
            context_id: self.context.clone(),
            status: TaskStatus::new(state, now, message),
        })
    }

    fn message(&self, suffix: &str, parts: Vec<Part>) -> Message {
        Message {
            message_id: format!("{}-{suffix}", self.task),
            role: "ROLE_AGENT",
            context_id: self.context.clone(),
            task_id: self.task,
            parts,
        }
    }
}

impl TaskStatus {
    fn new(state: TaskState, now: DateTime<Utc>, message: Option<Message>) -> Self {
        Self { state, timestamp: now.to_rfc3339_opts(SecondsFormat::Millis, true), message }
    }
}

impl TaskState {
    fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}

impl Update {
    /// Removes the parts that a client does not accept, then messages and artifacts without parts. The reason of a
    /// failure is never removed. Returns `None` if the update is empty.
    pub(crate) fn limited_to(mut self, modes: OutputModes) -> Option<Self> {
        match &mut self {
            Self::Task(_) => {}
            Self::StatusUpdate(StatusUpdate { status, .. }) if status.state.is_terminal() => {}
            Self::StatusUpdate(StatusUpdate { status, .. }) => {
                status.message = status.message.take().and_then(|mut message| {
                    modes.apply(&mut message.parts);
                    (!message.parts.is_empty()).then_some(message)
                });
            }
            Self::ArtifactUpdate(ArtifactUpdate { artifact, .. }) => {
                modes.apply(&mut artifact.parts);
                if artifact.parts.is_empty() {
                    return None;
                }
            }
        }
        Some(self)
    }
}

impl Task {
    /// Reads a stream to its end and collects it into one task. Returns `None` if the stream has no terminal update.
    pub(crate) async fn collect(mut updates: impl Stream<Item = Update> + Unpin) -> Option<Self> {
        let mut artifacts = Vec::new();
        while let Some(update) = updates.next().await {
            match update {
                Update::ArtifactUpdate(update) => artifacts.push(update.artifact),
                Update::StatusUpdate(StatusUpdate { task_id, context_id, status })
                    if status.state.is_terminal() =>
                {
                    return Some(Self { id: task_id, context_id, status, artifacts, history: None });
                }
                Update::StatusUpdate(_) | Update::Task(_) => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::stream;
    use serde_json::{Value, json};

    use super::*;
    use crate::a2a::part::Data;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn ids() -> TaskIds {
        TaskIds { task: Uuid::nil(), context: "c".into() }
    }

    fn serialized(update: impl Serialize) -> Value {
        serde_json::to_value(update).unwrap()
    }

    fn plan() -> Vec<Part> {
        vec![Part::Text("why".into()), Part::Data(Data::InferenceSteps { steps: vec!["read".into()] })]
    }

    #[test]
    fn frames_have_the_documented_shapes() {
        let nil = Uuid::nil().to_string();
        let time = "1970-01-01T00:00:00.000Z";
        assert_eq!(
            serialized(ids().submitted(NOW)),
            json!({ "task": { "id": nil, "contextId": "c", "artifacts": [], "history": [],
                "status": { "state": "TASK_STATE_SUBMITTED", "timestamp": time } } })
        );
        assert_eq!(
            serialized(ids().working(NOW)),
            json!({ "statusUpdate": { "taskId": nil, "contextId": "c",
                "status": { "state": "TASK_STATE_WORKING", "timestamp": time } } })
        );
        assert_eq!(
            serialized(ids().working_with(NOW, "plan", plan())),
            json!({ "statusUpdate": { "taskId": nil, "contextId": "c", "status": {
                "state": "TASK_STATE_WORKING", "timestamp": time, "message": {
                    "messageId": format!("{nil}-plan"), "role": "ROLE_AGENT", "contextId": "c", "taskId": nil,
                    "parts": [{ "text": "why" }, { "data": { "steps": ["read"] } }] } } } })
        );
        let metadata = StepMetadata { index: 1, instruction: "i".into(), reasoning: "r".into() };
        assert_eq!(
            serialized(ids().artifact("step-1".into(), vec![Part::Text("q".into())], Some(metadata))),
            json!({ "artifactUpdate": { "taskId": nil, "contextId": "c", "artifact": {
                "artifactId": "step-1", "name": "step-1", "parts": [{ "text": "q" }],
                "metadata": { "index": 1, "instruction": "i", "reasoning": "r" } } } })
        );
        let failed = serialized(ids().failed(NOW, "no".into()));
        assert_eq!(failed["statusUpdate"]["status"]["state"], "TASK_STATE_FAILED");
        assert_eq!(failed["statusUpdate"]["status"]["message"]["messageId"], format!("{nil}-error"));
    }

    #[test]
    fn parts_that_are_not_accepted_are_removed() {
        let data_only = OutputModes { text: false, data: true };
        let text_only = OutputModes { text: true, data: false };
        let left = |update: Update, modes| update.limited_to(modes).map(serialized);
        let parts =
            |value: Option<Value>| value.unwrap()["statusUpdate"]["status"]["message"]["parts"].clone();
        assert_eq!(
            parts(left(ids().working_with(NOW, "plan", plan()), text_only)),
            json!([{ "text": "why" }])
        );
        let silent =
            left(ids().working_with(NOW, "step-0", vec![Part::Text("read".into())]), data_only).unwrap();
        assert_eq!(silent["statusUpdate"]["status"].get("message"), None);
        assert!(
            left(ids().artifact("answer".into(), vec![Part::Text("a".into())], None), data_only).is_none()
        );
        assert_eq!(parts(left(ids().failed(NOW, "no".into()), data_only)), json!([{ "text": "no" }]));
        assert!(left(ids().submitted(NOW), text_only).is_some());
    }

    #[test]
    fn stream_is_collected_into_a_task() {
        let artifact = ids().artifact("answer".into(), vec![Part::Text("a".into())], None);
        let whole = vec![ids().submitted(NOW), ids().working(NOW), artifact, ids().completed(NOW)];
        let task = Task::collect(stream::iter(whole)).now_or_never().unwrap().unwrap();
        assert_eq!(
            serialized(&task),
            json!({ "id": Uuid::nil(), "contextId": "c",
                "status": { "state": "TASK_STATE_COMPLETED", "timestamp": "1970-01-01T00:00:00.000Z" },
                "artifacts": [{ "artifactId": "answer", "name": "answer", "parts": [{ "text": "a" }] }] })
        );
        let stopped = vec![ids().submitted(NOW), ids().working(NOW)];
        assert!(Task::collect(stream::iter(stopped)).now_or_never().unwrap().is_none());
    }
}
