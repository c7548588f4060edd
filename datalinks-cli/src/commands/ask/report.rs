//! The events of a run, in the format of the output.
//!
//! | | while the run goes on | at its end |
//! |---|---|---|
//! | `table` | plan and steps on standard error | the answer |
//! | `json`, `csv` | plan and steps on standard error | one object |
//! | `ndjson` | one event per line | |

use std::time::Duration;

use datalinks::AskEvent;
use datalinks::ask::{AskPlan, AskStep, Verification};
use datalinks::spending::{Spent, UsageMeter, Usd};
use datalinks::types::Row;
use serde::Serialize;

use super::checked::Checked;
use super::line::Line;
use crate::commands::counted;
use crate::failure::{Exit, Failure, Result};
use crate::output::Format;
use crate::session::{Session, StopRequest};

/// Default time to wait for the usage of a question.
pub(super) const USAGE_DELAY: Duration = Duration::from_secs(30);

/// Writes the events of a run.
pub(crate) struct Report<'a> {
    session: &'a Session,
    outcome: Outcome,
    /// The step whose instruction was written last.
    step: Option<i64>,
    failure: Option<Failure>,
    /// Measures what the question costs, if that was asked for.
    meter: Option<(UsageMeter, Duration)>,
}

/// What a question led to.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    question: Option<String>,
    run_id: Option<String>,
    conversation_id: Option<String>,
    plan: Option<Plan>,
    steps: Vec<Step>,
    answer: Option<String>,
    /// Reason of a failure, or `null`.
    error: Option<String>,
    /// Usage of the account during the question, or `null` if it was not asked for or is not known.
    cost: Option<Spent>,
    /// The verification of the answer, or `null` if it was not verified.
    verification: Option<Checked>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    reasoning: String,
    steps: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    index: i64,
    instruction: String,
    query: String,
    reasoning: String,
    rows: Vec<Row>,
}

impl<'a> Report<'a> {
    /// Creates a report. `question` is part of the object at the end.
    pub(crate) fn new(session: &'a Session, question: Option<String>) -> Self {
        Self {
            session,
            outcome: Outcome { question, ..Outcome::default() },
            step: None,
            failure: None,
            meter: None,
        }
    }

    /// Sets what measures the cost of the question, and how long it waits for usage.
    pub(super) fn measured_by(mut self, meter: Option<UsageMeter>, usage_delay: Duration) -> Self {
        self.meter = meter.map(|meter| (meter, usage_delay));
        self
    }

    /// Reads what the question cost, if that was asked for. The answer is written even if this fails.
    pub(super) async fn measure(&mut self, stop: &StopRequest) {
        let Some((meter, usage_delay)) = &self.meter else { return };
        let diagnostics = self.session.diagnostics();
        let spent = tokio::select! {
            biased;
            _ = stop.requested() => return diagnostics.note("the cost was not read"),
            spent = meter.settled(*usage_delay) => spent,
        };
        match spent {
            Ok(spent) if spent.tokens > 0 || spent.cost > Usd::default() => {
                diagnostics.note(&format!("cost: {spent}, with all other work of the account in this time"));
                self.outcome.cost = Some(spent);
            }
            Ok(_) => diagnostics.note("the cost is not known: usage did not grow"),
            Err(error) => diagnostics.warning(&format!("the cost is not known: {error}")),
        }
    }

    /// Returns the id of the run, or `None` before the run named it.
    pub(crate) fn run_id(&self) -> Option<&str> {
        self.outcome.run_id.as_deref()
    }

    /// Sets the id of a run that is known before its first event.
    pub(crate) fn name_run(&mut self, id: String) {
        self.outcome.run_id = Some(id);
    }

    /// Writes an event.
    pub(crate) fn event(&mut self, event: &AskEvent) -> Result {
        // The id of the run is needed even if its event cannot be written.
        self.record(event);
        if self.session.output.format() == Format::Ndjson {
            self.session.output.rows(&[]).write(&Line::of(event)?)?;
        } else {
            self.tell(event);
        }
        Ok(())
    }

    /// Writes whether the steps of the answer hold. Fails if one does not.
    pub(crate) fn verified(&mut self, verification: Verification) -> Result {
        let verdict = super::checked::verdict(&verification);
        let checked = Checked::new(verification);
        if self.session.output.format() == Format::Ndjson {
            self.session.output.rows(&[]).write(&checked.line())?;
        } else {
            for line in checked.lines() {
                self.session.diagnostics().note(&line);
            }
        }
        self.outcome.verification = Some(checked);
        verdict
    }

    /// Writes what is written at the end. Fails if the run did not answer.
    pub(crate) fn finish(self) -> Result {
        match self.session.output.format() {
            Format::Ndjson => {}
            Format::Json | Format::Csv | Format::Parquet => self.session.output.object(&self.outcome)?,
            Format::Table => {
                if let Some(answer) = &self.outcome.answer {
                    self.session.output.text(answer)?;
                }
            }
        }
        match self.failure {
            Some(failure) => Err(failure),
            None if self.outcome.answer.is_none() => {
                Err(Failure::new(Exit::Unreachable, "the events of the run end before its answer"))
            }
            None => Ok(()),
        }
    }

    /// Keeps what the end of the report needs.
    fn record(&mut self, event: &AskEvent) {
        let needs_all = matches!(self.session.output.format(), Format::Json | Format::Csv | Format::Parquet);
        let outcome = &mut self.outcome;
        match event {
            AskEvent::RunStarted(started) => {
                outcome.run_id = started.run_id.map(|id| id.to_string()).or(outcome.run_id.take());
                outcome.conversation_id = started.conversation_id.clone().or(outcome.conversation_id.take());
            }
            AskEvent::Plan(AskPlan { reasoning, steps, .. }) if needs_all => {
                outcome.plan = Some(Plan { reasoning: reasoning.clone(), steps: steps.clone() });
            }
            AskEvent::Step(AskStep { index, instruction, query, reasoning, data, .. }) if needs_all => {
                outcome.steps.push(Step {
                    index: *index,
                    instruction: instruction.clone(),
                    query: query.clone(),
                    reasoning: reasoning.clone(),
                    rows: data.clone(),
                });
            }
            AskEvent::Answer(answer) => outcome.answer = Some(answer.response.clone()),
            AskEvent::Error(failed) => {
                let what = format!("the agent failed: {}", failed.message);
                self.fail(failed.message.clone(), what, "show");
            }
            AskEvent::NoCheckpoint(_) => {
                let reason = "the run has no checkpoint to resume from, and may still be running";
                self.fail(reason.to_owned(), reason.to_owned(), "wait");
            }
            AskEvent::Terminal(body) => {
                let state = body.get("status").and_then(serde_json::Value::as_str);
                let reason = state.map_or_else(
                    || "the run has ended".to_owned(),
                    |state| format!("the run has ended, and its state is {state}"),
                );
                self.fail(reason.clone(), reason, "show");
            }
            _ => {}
        }
    }

    fn fail(&mut self, reason: String, what: String, verb: &str) {
        let failure = Failure::new(Exit::Failure, what);
        self.failure = Some(match self.run_id() {
            Some(id) => failure.next(format!("datalinks run {verb} {id}")),
            None => failure,
        });
        self.outcome.error = Some(reason);
    }

    /// Writes an event for people, on standard error.
    fn tell(&mut self, event: &AskEvent) {
        let diagnostics = self.session.diagnostics();
        match event {
            AskEvent::RunStarted(started) => {
                let run = started.run_id.map(|id| format!("run {id}"));
                let conversation = started.conversation_id.as_ref().map(|id| format!("conversation {id}"));
                let ids: Vec<String> = run.into_iter().chain(conversation).collect();
                diagnostics.detail(&ids.join(", "));
            }
            AskEvent::PlanningStarted => diagnostics.detail("planning"),
            AskEvent::Plan(plan) => {
                diagnostics.note(&format!("plan: {}", plan.reasoning));
                for (number, step) in (1..).zip(&plan.steps) {
                    diagnostics.note(&format!("  {number}. {step}"));
                }
            }
            AskEvent::StepStarted(step) => self.instruction(step.index, &step.instruction),
            AskEvent::Step(step) => {
                if self.step != Some(step.index) {
                    self.instruction(step.index, &step.instruction);
                }
                // The instruction is written once more if the agent repeats the step.
                self.step = None;
                diagnostics.detail(&format!("  {}", step.query));
                diagnostics.detail(&format!("  {}", counted(step.data.len(), "row")));
            }
            AskEvent::AnswerStarted => diagnostics.detail("answering"),
            AskEvent::Restarted => diagnostics.note("the connection was lost; the run is followed again"),
            AskEvent::Other { name, .. } => diagnostics.detail(&format!("event {name}")),
            // These are written at the end.
            _ => {}
        }
    }

    fn instruction(&mut self, index: i64, instruction: &str) {
        self.step = Some(index);
        let number = index.saturating_add(1);
        self.session.diagnostics().note(&format!("step {number}: {instruction}"));
    }
}
