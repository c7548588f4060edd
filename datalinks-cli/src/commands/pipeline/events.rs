//! The events of a run, in the format of the output.

use std::borrow::Cow;

use datalinks::PipelineRun;
use serde::Serialize;
use serde_json::Value;

use super::hints::explain;
use crate::failure::{Exit, Failure, Result};
use crate::output::{Format, Record};
use crate::session::{Session, StopRequest};

/// An event whose fields keep their order, and whose numbers keep their digits.
type PipelineEvent = datalinks::PipelineEvent<Record>;

/// An event, with the cursor from which the run is followed after it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    cursor: u64,
    /// Type of the event, or `null` if it has none.
    #[serde(rename = "type")]
    kind: Option<Cow<'a, str>>,
    /// The event as it came: an object, or a text if the line was no object.
    event: &'a PipelineEvent,
}

/// Writes the events of a run until it ends or the user stops.
///
/// A table has the last event only, and standard error has a line for each event. All other formats have all events.
pub(super) async fn follow(run: PipelineRun, session: &Session, stop: &StopRequest) -> Result {
    let mut run = run.typed::<Record>();
    let is_table = session.output.format() == Format::Table;
    let mut rows = session.output.rows(&[]);
    let (mut failure, mut written) = (None, false);
    loop {
        let next = tokio::select! {
            biased;
            code = stop.requested() => {
                failure = Some(after(Failure::interrupted(code), &run));
                break;
            }
            next = run.next() => next,
        };
        match next {
            Some(Ok(event)) => {
                if is_table {
                    tell(&event, &run, session);
                } else {
                    rows.write(&Event { cursor: run.cursor(), kind: kind(&event), event: &event })?;
                    written = true;
                }
                if let Some(ended) = ended(&event, &run, session)? {
                    failure = Some(ended);
                }
            }
            Some(Err(error)) => {
                failure = Some(after(explain(error), &run));
                break;
            }
            None => break,
        }
    }
    // The list is valid also after an interruption.
    if !is_table && (written || failure.is_none()) {
        rows.finish()?;
    }
    failure.map_or(Ok(()), Err)
}

/// Writes the result of a run that has completed. Returns the failure of a run that has failed.
fn ended(event: &PipelineEvent, run: &PipelineRun<Record>, session: &Session) -> Result<Option<Failure>> {
    match event {
        PipelineEvent::Complete(object) if session.output.format() == Format::Table => {
            session.output.object(object)?;
            Ok(None)
        }
        PipelineEvent::Error(object) => {
            let reason = object.get("message").and_then(Value::as_str).unwrap_or("the event has no message");
            let failure = Failure::new(Exit::Failure, format!("the run failed: {reason}"));
            Ok(Some(failure.next(format!("datalinks pipeline trace {}", run.id()))))
        }
        _ => Ok(None),
    }
}

/// Writes an event for people.
fn tell(event: &PipelineEvent, run: &PipelineRun<Record>, session: &Session) {
    let diagnostics = session.diagnostics();
    match event {
        PipelineEvent::Complete(_) => diagnostics.detail("complete"),
        PipelineEvent::Other(record) => {
            let kind = record.cell("type");
            let fields = record.cells().filter(|(name, _)| *name != "type");
            let fields: Vec<String> =
                fields.map(|(name, value)| format!("{name}: {}", short(&value))).collect();
            let line = format!("{kind}  {}", fields.join(", "));
            if asks(&kind) {
                diagnostics.note(&line);
                diagnostics.note(&format!("answer it with: datalinks pipeline answer {} JSON", run.id()));
            } else {
                diagnostics.detail(line.trim());
            }
        }
        PipelineEvent::Unreadable(line) => diagnostics.warning(&format!("a line is no event: {line}")),
        // The failure of the run has its message.
        _ => {}
    }
}

/// Returns `true` for a type of event that seems to ask a person. The service does not document the types of its questions.
fn asks(kind: &str) -> bool {
    let kind = kind.to_lowercase();
    ["question", "waiting", "clarification", "review", "hook"].iter().any(|word| kind.contains(word))
}

/// Longest value in a line, in characters. The formats for programs have all of it.
const SHOWN: usize = 120;

/// Returns a value for a line.
fn short(text: &str) -> Cow<'_, str> {
    if text.chars().count() <= SHOWN {
        return Cow::Borrowed(text);
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}

/// Returns the type of an event.
fn kind(event: &PipelineEvent) -> Option<Cow<'_, str>> {
    match event {
        PipelineEvent::Complete(_) => Some(Cow::Borrowed("complete")),
        PipelineEvent::Error(_) => Some(Cow::Borrowed("error")),
        PipelineEvent::Other(record) => Some(record.cell("type")).filter(|kind| !kind.is_empty()),
        _ => None,
    }
}

/// Adds how to go on to the failure of a command that follows a run no longer.
fn after(failure: Failure, run: &PipelineRun<Record>) -> Failure {
    failure.next(format!(
        "datalinks pipeline follow {} --cursor {}, because the run goes on at the service",
        run.id(),
        run.cursor()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_recognized_by_their_type() {
        for kind in ["emulator.question", "schemaReview", "clarification-needed", "waiting_for_hook"] {
            assert!(asks(kind), "{kind}");
        }
        assert!(!asks("emulator.ingested") && !asks("complete"));
    }

    #[test]
    fn long_values_are_marked_as_cut() {
        assert_eq!(short("{\"a\":[1]}"), "{\"a\":[1]}");
        let long = "é".repeat(SHOWN + 1);
        assert_eq!((short(&long).chars().count(), short(&long).ends_with('…')), (SHOWN + 1, true));
    }
}
