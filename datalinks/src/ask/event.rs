//! The events of an answer.

use datalinks_gen::Row;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer, de, de::DeserializeOwned, ser::SerializeMap as _,
};
use serde_json::Value;

use super::{
    payload::{AskAnswer, AskFailure, AskPlan, AskStep, QueryExecuting, StepStarted},
    run_started::RunStarted,
};
use crate::{secrets::Redactor, types::FromWire};

/// An event of an [`AskStream`](super::AskStream).
///
/// The enum is open, because the service may add events. Serialized, an event is an object with its `name` and its `data`. Such
/// an object is deserialized into the same event, so that an application can save the events of a run and read them again.
///
/// # Examples
///
/// A test of an application creates events with the constructors of their payloads, or reads the payloads from JSON in the form
/// in which the service sends them:
///
/// ```
/// use datalinks::{AskEvent, ask::AskAnswer};
/// use serde_json::json;
///
/// let answer = AskEvent::Answer(AskAnswer::new("In 1979."));
/// assert_eq!(answer, AskEvent::Answer(serde_json::from_value(json!({ "response": "In 1979." }))?));
/// assert!(answer.is_final());
/// let saved = serde_json::to_string(&answer)?;
/// assert_eq!(saved, r#"{"name":"answer","data":{"response":"In 1979."}}"#);
/// assert_eq!(serde_json::from_str::<AskEvent>(&saved)?, answer);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AskEvent {
    /// The run started (`run-started`).
    RunStarted(RunStarted),
    /// The agent began to plan (`planningStarted`).
    PlanningStarted,
    /// The agent has a plan (`plan`).
    Plan(AskPlan),
    /// A step began (`stepStarted`). Steps are counted from 0.
    StepStarted(StepStarted),
    /// The query of a step began (`queryExecuting`).
    QueryExecuting(QueryExecuting),
    /// A step is complete (`step`).
    Step(AskStep),
    /// The agent began to write the answer (`answerStarted`).
    AnswerStarted,
    /// The answer, which ends a successful stream (`answer`).
    Answer(AskAnswer),
    /// The run failed, which ends the stream (`error`).
    Error(AskFailure),
    /// The stream was interrupted, and its run was resumed ([`Ask::resume`](super::Ask::resume)).
    ///
    /// This crate makes the event, at most once per interruption. Known events that were yielded before are not yielded again
    /// after it. Unknown events may be.
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
    /// know. The event contains the status of the run.
    Terminal(Row),
    /// An event that this version does not know, unchanged.
    Other {
        /// Name of the event.
        name: String,
        /// Data of the event, usually JSON.
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

impl<'de> Deserialize<'de> for AskEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Saved {
            name: String,
            #[serde(default)]
            data: Value,
        }

        fn read<T: DeserializeOwned, E: de::Error>(data: Value) -> Result<T, E> {
            serde_json::from_value(data).map_err(E::custom)
        }

        let Saved { name, data } = Saved::deserialize(deserializer)?;
        Ok(match (name.as_str(), data) {
            // The text of an event that was not understood.
            (_, Value::String(data)) => Self::Other { name, data },
            ("run-started", data) => Self::RunStarted(read(data)?),
            ("planningStarted", _) => Self::PlanningStarted,
            ("plan", data) => Self::Plan(read(data)?),
            ("stepStarted", data) => Self::StepStarted(read(data)?),
            ("queryExecuting", data) => Self::QueryExecuting(read(data)?),
            ("step", data) => Self::Step(read(data)?),
            ("answerStarted", _) => Self::AnswerStarted,
            ("answer", data) => Self::Answer(read(data)?),
            ("error", data) => Self::Error(read(data)?),
            ("restarted", _) => Self::Restarted,
            ("no-checkpoint", data) => Self::NoCheckpoint(read(data)?),
            ("terminal", data) => Self::Terminal(read(data)?),
            (unknown, _) => {
                return Err(de::Error::custom(format_args!(
                    "the data of the event {unknown:?} is not a text"
                )));
            }
        })
    }
}

impl AskEvent {
    /// Decodes an event. An unknown event is kept. A known event with an invalid payload is an error, except `run-started`,
    /// which is kept as an unknown event.
    pub(super) fn decode(name: &[u8], data: &str) -> Result<Self, serde_json::Error> {
        /// Does the same as `serde_json::from_str`. The value is large, and is converted last, because each move costs time.
        fn read<T: FromWire<Wire: DeserializeOwned>>(
            data: &str,
            event: impl FnOnce(T) -> AskEvent,
        ) -> Result<AskEvent, serde_json::Error> {
            let mut json = serde_json::Deserializer::from_str(data);
            let wire = T::Wire::deserialize(&mut json)?;
            json.end()?;
            Ok(event(T::from_wire(wire)))
        }
        let unknown =
            || Self::Other { name: String::from_utf8_lossy(name).into_owned(), data: data.to_owned() };
        match name {
            // The fields are not documented, so an unexpected one must not end a question that was paid for.
            b"run-started" => Ok(serde_json::from_str(data).map_or_else(|_| unknown(), Self::RunStarted)),
            b"planningStarted" => Ok(Self::PlanningStarted),
            b"plan" => read(data, Self::Plan),
            b"stepStarted" => read(data, Self::StepStarted),
            b"queryExecuting" => read(data, Self::QueryExecuting),
            b"step" => read(data, Self::Step),
            b"answerStarted" => Ok(Self::AnswerStarted),
            b"answer" => read(data, Self::Answer),
            b"error" => read(data, Self::Error),
            _ => Ok(unknown()),
        }
    }

    /// Removes secrets from reports of failures, and the key from unknown events.
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

    /// Returns the name of the event on the wire.
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

    /// Returns `true` if the stream ends with this event.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Answer(_) | Self::Error(_) | Self::NoCheckpoint(_) | Self::Terminal(_))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn saved_events_are_read_again() {
        let row: Row = serde_json::from_value(json!({ "status": "expired" })).unwrap();
        let mut started = RunStarted::new();
        started.conversation_id = Some("c".to_owned());
        for event in [
            AskEvent::RunStarted(started),
            AskEvent::PlanningStarted,
            AskEvent::Plan(AskPlan::new("because", ["find"])),
            AskEvent::StepStarted(StepStarted::new(0, "find")),
            AskEvent::QueryExecuting(QueryExecuting::new(0)),
            AskEvent::Step(AskStep::new(0, "find", "Ontology(films)", "because", vec![row.clone()])),
            AskEvent::AnswerStarted,
            AskEvent::Answer(AskAnswer::new("one")),
            AskEvent::Error(AskFailure::new("no model")),
            AskEvent::Restarted,
            AskEvent::NoCheckpoint(row.clone()),
            AskEvent::Terminal(row),
            AskEvent::Other { name: "new".to_owned(), data: "{\"a\":1}".to_owned() },
            AskEvent::Other { name: "run-started".to_owned(), data: "{\"runId\":7}".to_owned() },
        ] {
            let saved = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<AskEvent>(&saved).unwrap(), event, "{saved}");
        }
        for wrong in [r#"{"name":"plan"}"#, r#"{"name":"new","data":{}}"#, r#"{"data":{}}"#, "7"] {
            assert!(serde_json::from_str::<AskEvent>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn unknown_event_may_have_any_name() {
        let expected = AskEvent::Other { name: "st\u{fffd}p".to_owned(), data: "7".to_owned() };
        assert_eq!(AskEvent::decode(b"st\xffp", "7").unwrap(), expected);
    }

    #[test]
    fn known_event_is_one_json_value() {
        let data = r#"{"response":"one"}"#;
        assert_eq!(AskEvent::decode(b"answer", data).unwrap(), AskEvent::Answer(AskAnswer::new("one")));
        for wrong in [format!("{data}7"), format!("{data}{data}"), data.replace('}', ""), String::new()] {
            assert!(AskEvent::decode(b"answer", &wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn secrets_are_removed_from_failures_and_unknown_events() {
        const KEY: &str = "dl_0123456789abcdef";
        let redactor = Redactor::new(KEY);
        let cleaned = |mut event: AskEvent| {
            event.clean(&redactor);
            let text = format!("{event:?}");
            assert!(!text.contains(KEY), "{text}");
            event
        };
        let mut failure = AskFailure::new(format!("the key {KEY} was rejected"));
        failure.extra.insert("request".to_owned(), json!({ "headers": [format!("Bearer {KEY}")] }));
        let AskEvent::Error(failure) = cleaned(AskEvent::Error(failure)) else { panic!("another event") };
        assert!(failure.message.starts_with("the key ") && failure.message.ends_with(" was rejected"));
        assert!(failure.extra.contains_key("request"));
        let data = format!(r#"{{"title":"Alien","key":"{KEY}"}}"#);
        let AskEvent::Other { data, .. } = cleaned(AskEvent::Other { name: "new".to_owned(), data }) else {
            panic!("another event")
        };
        assert!(data.contains("Alien"), "{data}");
        // What the service found stays as it is.
        let mut answer = AskEvent::Answer(AskAnswer::new("Alien"));
        answer.clean(&redactor);
        assert_eq!(answer, AskEvent::Answer(AskAnswer::new("Alien")));
    }
}
