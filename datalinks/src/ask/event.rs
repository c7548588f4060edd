//! The events of an answer.

use datalinks_gen::{Row, api::types};
use serde::{Deserialize as _, Serialize, Serializer, de::DeserializeOwned, ser::SerializeMap as _};

use crate::secrets::Redactor;

/// The start of a run. The service does not document the fields of this event; each may be missing. One of another type
/// than expected is left in `extra`.
pub type RunStarted = types::RunStartedEvent;
/// The steps that the agent plans, and why.
pub type AskPlan = types::AutoRagPlanEvent;
/// A step began.
pub type StepStarted = types::AutoRagStepStartedEvent;
/// The query of a step runs.
pub type QueryExecuting = types::AutoRagQueryExecutingEvent;
/// A step is done: its instruction, its query, the reasoning and the rows.
pub type AskStep = types::AutoRagStepEvent;
/// The answer.
pub type AskAnswer = types::AutoRagAnswerEvent;
/// The service gives up, and why.
pub type AskFailure = types::AutoRagErrorEvent;

/// An answer, and the steps that led to it.
pub type AutoRagAnswer = types::AutoRagResponseData;

/// One event of an [`AskStream`](super::AskStream). The list is open: the service says that it may add
/// some.
///
/// Serialized, an event is an object with its `name` and its `data`. The payloads are read from JSON, so that a test of an
/// application makes events like the service does:
///
/// ```
/// use datalinks::AskEvent;
/// use serde_json::json;
///
/// let answer = AskEvent::Answer(serde_json::from_value(json!({ "response": "In 1979." }))?);
/// assert!(answer.is_final());
/// assert_eq!(serde_json::to_value(&answer)?, json!({ "name": "answer", "data": { "response": "In 1979." } }));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AskEvent {
    /// `run-started`.
    RunStarted(RunStarted),
    /// `planningStarted`.
    PlanningStarted,
    /// `plan`.
    Plan(AskPlan),
    /// `stepStarted`; steps count from 0.
    StepStarted(StepStarted),
    /// `queryExecuting`.
    QueryExecuting(QueryExecuting),
    /// `step`.
    Step(AskStep),
    /// `answerStarted`.
    AnswerStarted,
    /// `answer`: the last event of a stream that went well.
    Answer(AskAnswer),
    /// `error`: the last event of a stream that did not.
    Error(AskFailure),
    /// The stream was interrupted, and its run was reached again ([`Ask::resume`](super::Ask::resume)). Made by this
    /// crate, at most once per interruption. Known events are not repeated after it; unknown ones may be.
    Restarted,
    /// The run has no checkpoint to resume from and may still be running (HTTP 409). Yielded only by a stream of
    /// [`AgentRun::resume`](crate::ask::AgentRun::resume). Contains the response body.
    NoCheckpoint(Row),
    /// The run is over, and no other event follows.
    ///
    /// In a stream of [`AgentRun::resume`](crate::ask::AgentRun::resume): the run has completed or expired (HTTP 410) or
    /// failed (HTTP 422). Contains the response body, perhaps with the question and the result.
    ///
    /// With [`Ask::resume`](super::Ask::resume): the run has expired, or is in a state that this version does not
    /// know. Contains the status of the run.
    Terminal(Row),
    /// An event that this version does not know, as it came.
    Other {
        /// Its name.
        name: String,
        /// Its data, usually JSON.
        data: String,
    },
}

impl Serialize for AskEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", self.name())?;
        match self {
            Self::RunStarted(data) => map.serialize_entry("data", data)?,
            Self::Plan(data) => map.serialize_entry("data", data)?,
            Self::StepStarted(data) => map.serialize_entry("data", data)?,
            Self::QueryExecuting(data) => map.serialize_entry("data", data)?,
            Self::Step(data) => map.serialize_entry("data", data)?,
            Self::Answer(data) => map.serialize_entry("data", data)?,
            Self::Error(data) => map.serialize_entry("data", data)?,
            Self::NoCheckpoint(data) | Self::Terminal(data) => map.serialize_entry("data", data)?,
            Self::Other { data, .. } => map.serialize_entry("data", data)?,
            Self::PlanningStarted | Self::AnswerStarted | Self::Restarted => {}
        }
        map.end()
    }
}

impl AskEvent {
    /// Reads an event. An unknown one is kept, and a known one with an unreadable payload is an error, except for
    /// `run-started`, which is kept then.
    pub(super) fn decode(name: &str, data: &str) -> Result<Self, serde_json::Error> {
        fn read<T: DeserializeOwned>(data: &str) -> Result<T, serde_json::Error> {
            serde_json::from_str(data)
        }
        Ok(match name {
            // Its fields are not documented: nothing in it ends a question that is paid for.
            "run-started" => match read(data) {
                Ok(fields) => Self::RunStarted(run_started(fields)),
                Err(_) => Self::Other { name: name.to_owned(), data: data.to_owned() },
            },
            "planningStarted" => Self::PlanningStarted,
            "plan" => Self::Plan(read(data)?),
            "stepStarted" => Self::StepStarted(read(data)?),
            "queryExecuting" => Self::QueryExecuting(read(data)?),
            "step" => Self::Step(read(data)?),
            "answerStarted" => Self::AnswerStarted,
            "answer" => Self::Answer(read(data)?),
            "error" => Self::Error(read(data)?),
            _ => Self::Other { name: name.to_owned(), data: data.to_owned() },
        })
    }

    /// Strikes secrets from what reports a failure, and the key from what is not understood.
    pub(super) fn clean(&mut self, redactor: &Redactor) {
        match self {
            Self::Error(failure) => {
                redactor.string(&mut failure.message);
                redactor.row(&mut failure.extra);
            }
            Self::Other { data, .. } => *data = redactor.exact(data, false).into_owned(),
            _ => {}
        }
    }

    /// Its name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::RunStarted(_) => "run-started",
            Self::PlanningStarted => "planningStarted",
            Self::Plan(_) => "plan",
            Self::StepStarted(_) => "stepStarted",
            Self::QueryExecuting(_) => "queryExecuting",
            Self::Step(_) => "step",
            Self::AnswerStarted => "answerStarted",
            Self::Answer(_) => "answer",
            Self::Error(_) => "error",
            Self::Restarted => "restarted",
            Self::NoCheckpoint(_) => "no-checkpoint",
            Self::Terminal(_) => "terminal",
            Self::Other { name, .. } => name,
        }
    }

    /// Whether the stream ends with it.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Answer(_) | Self::Error(_) | Self::NoCheckpoint(_) | Self::Terminal(_))
    }
}

fn run_started(mut extra: Row) -> RunStarted {
    /// Takes a field unless it has another type.
    fn take<T: DeserializeOwned>(fields: &mut Row, name: &str) -> Option<T> {
        let value = Option::<T>::deserialize(fields.get(name)?).ok()?;
        fields.remove(name);
        value
    }
    let run_id = take(&mut extra, "runId");
    let conversation_id = take(&mut extra, "conversationId");
    RunStarted { run_id, conversation_id, extra }
}
