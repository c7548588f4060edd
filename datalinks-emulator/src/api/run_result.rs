//! The result of a run, as several operations return it.

use serde::Serialize;

use crate::ask::{AgentRun, StepReport};

/// The result of a run: its answer and its steps.
#[derive(Serialize)]
pub(super) struct Outcome<'a> {
    response: &'a str,
    steps: Vec<StepReport<'a>>,
}

impl<'a> Outcome<'a> {
    /// Returns the result of a run, or `None` if it has no answer yet.
    pub(super) fn of(run: &'a AgentRun) -> Option<Self> {
        let response = run.response()?;
        let steps = run.checkpoint.iter().flat_map(|done| &done.steps).map(StepReport::from).collect();
        Some(Self { response, steps })
    }
}
