//! The result of a run, as several operations return it.

use serde::Serialize;

use crate::ask::{AgentRun, StepReport};

/// What a run came to.
#[derive(Serialize)]
pub(super) struct Outcome<'a> {
    response: &'a str,
    steps: Vec<StepReport<'a>>,
}

impl<'a> Outcome<'a> {
    /// Nothing as long as there is no answer.
    pub(super) fn of(run: &'a AgentRun) -> Option<Self> {
        let response = run.response()?;
        let steps = run.checkpoint.iter().flat_map(|done| &done.steps).map(StepReport::from).collect();
        Some(Self { response, steps })
    }
}
