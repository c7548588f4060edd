//! How far a run is: its plan, and the steps that are done.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::request::AskRequest;
use super::score::ScoredRows;
use crate::accounts::CallerView;
use crate::query::{self, FoundRows};
use crate::response::Problem;

/// At most this many rows go into a step.
pub(crate) const ROWS_SHOWN: usize = 10;

/// What a run goes on from when its stream broke.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Checkpoint {
    pub(crate) plan: Plan,
    /// Those of the plan's steps that are done, in its order.
    pub(crate) steps: Vec<Step>,
}

/// What shall be done.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Plan {
    pub(crate) reasoning: String,
    pub(crate) steps: Vec<Planned>,
}

/// A step to be done.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Planned {
    pub(crate) instruction: String,
    /// Its query, if the plan knows it already.
    pub(crate) draft: Option<Draft>,
}

/// A query to be run, and why this one.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Draft {
    pub(crate) query: String,
    pub(crate) reasoning: String,
}

/// A step that is done.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Step {
    pub(crate) instruction: String,
    pub(crate) query: String,
    pub(crate) reasoning: String,
    /// The first of the rows found, with their scores.
    pub(crate) data: Box<RawValue>,
    /// How many rows were found.
    pub(crate) rows: usize,
}

impl Checkpoint {
    /// The part of the run that was done last.
    pub(crate) fn node(&self) -> String {
        match self.steps.len() {
            0 => "plan".to_owned(),
            done => format!("step-{}", done - 1),
        }
    }
}

impl Step {
    /// Runs the query of a step, as the caller sees the store.
    pub(crate) fn run(
        sight: CallerView<'_>,
        asked: &AskRequest,
        instruction: &str,
        draft: Draft,
    ) -> Result<Self, Problem> {
        let outcome = query::run(sight, &query::parse(&draft.query)?, &asked.space)?;
        let found = FoundRows::new(sight.store, &outcome, ROWS_SHOWN);
        let data = serde_json::value::to_raw_value(&ScoredRows::new(found, &asked.question));
        Ok(Self {
            instruction: instruction.to_owned(),
            query: outcome.executed.to_string(),
            reasoning: draft.reasoning,
            data: data.map_err(|error| Problem::internal(format!("the rows cannot be written: {error}")))?,
            rows: outcome.last().rows.len(),
        })
    }
}
