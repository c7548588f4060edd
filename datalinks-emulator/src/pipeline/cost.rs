//! The duration and token counts of the steps of a run.

use serde::{Deserialize, Serialize};

use crate::models::ModelCall;

/// One step of a run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct TraceStep {
    pub(super) name: String,
    pub(super) ms: f64,
}

/// One response of a model.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LlmCall {
    phase: String,
    #[serde(default)]
    pub(super) input_tokens: u64,
    #[serde(default)]
    pub(super) output_tokens: u64,
    pub(super) tokens: u64,
    pub(super) ms: f64,
}

impl From<ModelCall> for LlmCall {
    fn from(call: ModelCall) -> Self {
        let ModelCall { purpose, input, output, ms } = call;
        let (phase, tokens) = (purpose.to_owned(), input.saturating_add(output));
        Self { phase, input_tokens: input, output_tokens: output, tokens, ms }
    }
}
