//! Last events of a stream, made from the status of its run.

use datalinks_gen::Row;
use serde::Deserialize as _;
use serde_json::Value;

use super::{
    event::AskEvent,
    payload::{AskAnswer, AskFailure, AutoRagAnswer, AutoRagStep},
    run_status::{RunState, RunStatus},
};
use crate::error::{Error, ErrorKind};

/// Returns the last events of a run that has ended, the last of which ends the stream.
///
/// A completed run gives the steps that can be decoded and the answer. A failed run gives an error event. An expired run, or a
/// run in a state that this version does not know, gives a terminal event with the status.
pub(super) fn events(status: RunStatus) -> Result<Vec<AskEvent>, Error> {
    Ok(match &status.status {
        RunState::Completed => completed(&status)?,
        RunState::Failed => {
            let message =
                status.error_message.unwrap_or_else(|| "the run failed without a reason".to_owned());
            vec![AskEvent::Error(AskFailure::new(message))]
        }
        _ => vec![AskEvent::Terminal(row(&status))],
    })
}

/// Returns the last events of a run whose result is in the body of a response to resuming it (410).
///
/// Returns `None` if the body has no result with an answer. The service does not document the body.
pub(super) fn events_of_body(body: &Row) -> Option<Vec<AskEvent>> {
    let Some(Value::Object(result)) = body.get("result") else { return None };
    Some(Outcome::read(result.clone()).ok()?.events())
}

/// Decodes the answer of an agent even if some steps are invalid, because the answer was paid for.
pub(super) fn answer_of_body(body: &[u8]) -> Option<AutoRagAnswer> {
    let Outcome { response, steps, extra } = Outcome::read(serde_json::from_slice(body).ok()?).ok()?;
    Some(AutoRagAnswer { response, steps: steps.into_iter().map(|(_, step)| step).collect(), extra })
}

fn completed(status: &RunStatus) -> Result<Vec<AskEvent>, Error> {
    match Outcome::read(status.result.clone()) {
        Ok(outcome) => Ok(outcome.events()),
        Err(error) => {
            let what = format!("run {} is completed, but its result cannot be read: {error}", status.run_id);
            let body = serde_json::to_vec(&status.result).unwrap_or_default();
            Err(Error::new(ErrorKind::UnexpectedResponse, what)
                .with_body(&body)
                .caused_by(error)
                .advice("read the result with DataLinks::run and AgentRun::status"))
        }
    }
}

/// The result of a run. Invalid steps do not discard the answer.
struct Outcome {
    response: String,
    /// Steps that can be decoded, with their indexes.
    steps: Vec<(i64, AutoRagStep)>,
    /// Other fields. Steps that cannot be decoded stay in `steps`.
    extra: Row,
}

impl Outcome {
    fn read(mut result: Row) -> Result<Self, serde_json::Error> {
        let response = result.remove("response").unwrap_or_default();
        let response = String::deserialize(response)?;
        let mut steps = Vec::new();
        let invalid = match result.remove("steps") {
            None | Some(Value::Null) => None,
            Some(Value::Array(all)) => {
                let mut invalid = Vec::new();
                for (index, step) in (0..).zip(all) {
                    match AutoRagStep::deserialize(&step) {
                        Ok(read) => steps.push((index, read)),
                        Err(_) => {
                            // The error is not logged: it contains values of the user.
                            tracing::warn!(index, "a step of the result cannot be decoded");
                            invalid.push(step);
                        }
                    }
                }
                (!invalid.is_empty()).then_some(Value::Array(invalid))
            }
            Some(other) => {
                tracing::warn!("the steps of the result are not a list");
                Some(other)
            }
        };
        result.extend(invalid.map(|steps| ("steps".to_owned(), steps)));
        Ok(Self { response, steps, extra: result })
    }

    /// Returns the events of the result. Its steps carry no index, so their position is taken as the index of the event.
    fn events(self) -> Vec<AskEvent> {
        let Self { response, steps, extra } = self;
        let steps = steps.into_iter().map(|(index, step)| AskEvent::Step(step.with_index(index)));
        steps.chain([AskEvent::Answer(AskAnswer { response, extra })]).collect()
    }
}

/// Returns a status in the form in which the service sent it.
fn row(status: &RunStatus) -> Row {
    match serde_json::to_value(status) {
        Ok(Value::Object(row)) => row,
        _ => Row::new(),
    }
}
