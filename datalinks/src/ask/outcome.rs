//! Last events of a stream, made from the status of its run.

use datalinks_gen::{Row, api::types::AutoRagResponseStep};

use super::{Answer, AskEvent, AutoRagAnswer, Failure, Step};
use crate::{Error, ErrorKind, RunState, RunStatus};

/// Returns the last events of a run that has ended, the last of which ends the stream.
///
/// A completed run gives all its steps and its answer. A failed one gives an error event. An expired one, or one in a
/// state that this version does not know, gives a terminal event with the status.
pub(super) fn events(status: RunStatus) -> Result<Vec<AskEvent>, Error> {
    Ok(match &status.status {
        RunState::Completed => completed(&status)?,
        RunState::Failed => {
            let message = status
                .error_message
                .unwrap_or_else(|| "the run failed, and the service does not say why".to_owned());
            vec![AskEvent::Error(Failure { message, extra: Row::new() })]
        }
        _ => vec![AskEvent::Terminal(row(&status))],
    })
}

/// Returns the last events of a run whose result is in the body of a response to resuming it (410).
///
/// Returns `None` if there is no result of the expected form: the service does not document the body.
pub(super) fn events_of_body(body: &Row) -> Option<Vec<AskEvent>> {
    let result = serde_json::from_value(body.get("result")?.clone()).ok()?;
    Some(answered(result))
}

fn completed(status: &RunStatus) -> Result<Vec<AskEvent>, Error> {
    let result = serde_json::Value::Object(status.result.clone());
    match serde_json::from_value(result) {
        Ok(result) => Ok(answered(result)),
        Err(error) => {
            let what = format!("run {} is completed, but its result cannot be read: {error}", status.run_id);
            let body = serde_json::to_vec(&status.result).unwrap_or_default();
            Err(Error::new(ErrorKind::UnexpectedAnswer, what)
                .with_body(&body)
                .caused_by(error)
                .advice("read the result with DataLinks::run and AgentRun::status"))
        }
    }
}

/// The steps of a result carry no index. Their position is the index that events carry.
fn answered(AutoRagAnswer { response, steps, extra }: AutoRagAnswer) -> Vec<AskEvent> {
    let steps = (0..).zip(steps).map(|(index, step)| {
        let AutoRagResponseStep { instruction, query, reasoning, data, extra } = step;
        AskEvent::Step(Step { index, instruction, query, reasoning, data, extra })
    });
    steps.chain([AskEvent::Answer(Answer { response, extra })]).collect()
}

/// A status as the service sent it.
fn row(status: &RunStatus) -> Row {
    match serde_json::to_value(status) {
        Ok(serde_json::Value::Object(row)) => row,
        _ => Row::new(),
    }
}
