//! What a run did, as its trace tells it.

use serde::{Deserialize, Serialize};

use crate::models::Told;

/// One step of a run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct TraceStep {
    pub(super) name: String,
    pub(super) ms: f64,
}

/// One answer of a model.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct LlmCall {
    phase: String,
    tokens: u64,
    ms: f64,
}

impl From<Told> for LlmCall {
    fn from(told: Told) -> Self {
        Self { phase: told.purpose.to_owned(), tokens: told.tokens, ms: told.ms }
    }
}

/// What a run did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trace {
    pub(super) run_id: String,
    pub(super) ended: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<&'static str>,
    pub(super) total_tokens: u64,
    pub(super) llm_calls: Vec<LlmCall>,
    pub(super) steps: Vec<TraceStep>,
}

impl Trace {
    pub(super) fn new(run_id: &str, ended: bool, llm_calls: Vec<LlmCall>, steps: Vec<TraceStep>) -> Self {
        Self {
            run_id: run_id.to_owned(),
            ended,
            note: llm_calls.is_empty().then_some("no model ran, so there are no model calls; what rules did in its place is counted in the usage"),
            total_tokens: llm_calls.iter().map(|call| call.tokens).sum(),
            llm_calls,
            steps,
        }
    }
}
