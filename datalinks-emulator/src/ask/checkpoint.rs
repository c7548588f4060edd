//! The progress of a run: its plan and its completed steps.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::request::AskRequest;
use super::score::ScoredRows;
use crate::accounts::CallerView;
use crate::query::{self, FoundRows};
use crate::response::Problem;

/// Maximum number of rows in a step.
pub(crate) const ROWS_SHOWN: usize = 10;

/// The state from which a run is resumed.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Checkpoint {
    pub(crate) plan: Plan,
    /// The completed steps, in the order of the plan.
    pub(crate) steps: Vec<Step>,
}

/// The steps to take, and the reason for them.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Plan {
    pub(crate) reasoning: String,
    pub(crate) steps: Vec<Planned>,
}

/// A planned step.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Planned {
    pub(crate) instruction: String,
    /// The query of the step, if it is part of the plan.
    pub(crate) draft: Option<Draft>,
}

/// A query and the reason for it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Draft {
    pub(crate) query: String,
    pub(crate) reasoning: String,
}

/// A completed step.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Step {
    pub(crate) instruction: String,
    pub(crate) query: String,
    pub(crate) reasoning: String,
    /// The first rows found, with their scores.
    pub(crate) data: Box<RawValue>,
    /// The number of rows found.
    pub(crate) rows: usize,
}

impl Checkpoint {
    /// Returns the name of the node that was completed last.
    pub(crate) fn node(&self) -> String {
        match self.steps.len() {
            0 => "plan".to_owned(),
            done => format!("step-{}", done - 1),
        }
    }
}

impl Step {
    /// Runs the query of a step with the caller's view of the store.
    pub(crate) fn run(
        view: CallerView<'_>,
        request: &AskRequest,
        instruction: &str,
        draft: Draft,
    ) -> Result<Self, Problem> {
        let outcome = query::run(view, &query::parse(&draft.query)?, &request.space)?;
        let found = FoundRows::new(view.store, &outcome, ROWS_SHOWN);
        let data = serde_json::value::to_raw_value(&ScoredRows::new(found, &request.question));
        Ok(Self {
            instruction: instruction.to_owned(),
            query: outcome.executed.to_string(),
            reasoning: draft.reasoning,
            data: data.map_err(|error| Problem::internal(format!("the rows cannot be written: {error}")))?,
            rows: outcome.last().rows.len(),
        })
    }
}
