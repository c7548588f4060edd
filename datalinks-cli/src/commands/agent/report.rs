//! The events of an agent, in the format of the output.

use datalinks::agents::{
    AgentArtifact, AgentEvent, AgentMessage, AgentStream, AgentTask, AgentTaskState, AgentTaskStatus,
};

use crate::failure::{Exit, Failure, Result};
use crate::output::{Format, Record};
use crate::session::Session;

/// Returns the failure of a task that has ended in a state other than completed.
pub(super) fn check(state: &AgentTaskState, message: Option<&str>) -> Result {
    if *state == AgentTaskState::Completed {
        return Ok(());
    }
    let reason = message.map_or_else(String::new, |text| format!(": {text}"));
    let failure =
        Failure::new(Exit::Failure, format!("the task of the agent is in the state {state}{reason}"));
    Err(if state.is_interrupted() {
        failure.next("send what it asks for in another message, with --context-id")
    } else {
        failure
    })
}

/// Writes the events of a message until its task ends.
pub(super) async fn follow(mut events: AgentStream, session: &Session) -> Result {
    let mut status = None;
    let mut is_answered = false;
    while let Some(event) = events.next().await {
        let event = event.map_err(|error| {
            let failure = Failure::from(error);
            failure.next("agents keep no tasks, so the message has to be sent again; it may cost again")
        })?;
        if session.output.format() == Format::Ndjson {
            session.output.rows(&[]).write(&event)?;
        } else {
            tell(&event, session)?;
        }
        is_answered |= matches!(event, AgentEvent::Message(_));
        match event {
            AgentEvent::Task(AgentTask { status: new, .. }) => status = Some(new),
            AgentEvent::StatusUpdate(update) => status = Some(update.status),
            _ => {}
        }
    }
    if is_answered {
        return Ok(());
    }
    if let Some(id) = events.context_id() {
        session.diagnostics().detail(&format!("context {id}"));
    }
    match status {
        Some(AgentTaskStatus { state, message, .. }) => {
            check(&state, message.map(|message| message.text()).as_deref())
        }
        None => Err(Failure::new(Exit::Failure, "the agent sent neither a task nor a message")),
    }
}

/// Writes an event for people.
fn tell(event: &AgentEvent, session: &Session) -> Result {
    match event {
        AgentEvent::Task(task) => {
            for artifact in &*task.artifacts {
                write(artifact, session)?;
            }
        }
        AgentEvent::StatusUpdate(update) => progress(&update.status, session),
        AgentEvent::ArtifactUpdate(update) => write(&update.artifact, session)?,
        AgentEvent::Message(AgentMessage { parts, .. }) => {
            let texts: Vec<&str> = parts.iter().filter_map(|part| part.as_text()).collect();
            session.output.text(&texts.join("\n"))?;
        }
        other => session.diagnostics().detail(&format!("event {}", other.name())),
    }
    Ok(())
}

/// Writes the message of a task that is not over. The failure of a task has its message.
fn progress(status: &AgentTaskStatus, session: &Session) {
    if let Some(message) = status.message.as_ref().filter(|_| !status.state.is_terminal()) {
        for line in message.text().lines() {
            session.diagnostics().note(line);
        }
    }
}

/// Writes a result. The query and the steps that led to a result are progress.
fn write(artifact: &AgentArtifact, session: &Session) -> Result {
    let id = artifact.artifact_id.as_str();
    let text = artifact.text();
    if id == "generated-query" || id.starts_with("step-") {
        for line in text.lines() {
            session.diagnostics().detail(&format!("  {line}"));
        }
        if id.starts_with("step-") {
            return Ok(());
        }
    } else if !text.is_empty() {
        session.output.text(&text)?;
    }
    let rows: Vec<Record> = artifact.rows()?;
    if !rows.is_empty() {
        let mut writer = session.output.rows(&[]);
        writer.write_all(rows)?;
        writer.finish()?;
    }
    Ok(())
}
