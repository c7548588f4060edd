//! The trace of a run.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::cost::{LlmCall, TraceStep};
use super::progress::Progress;
use super::stage::Stage;

/// The trace of a run. All field names except `runId` are the emulator's choice.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trace {
    run_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    ended: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
    total_tokens: u64,
    evaluations: usize,
    llm_calls: Vec<LlmCall>,
    steps: Vec<TraceStep>,
    summary: Summary,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    model_calls: usize,
    input_tokens: u64,
    output_tokens: u64,
    tokens: u64,
    datasets: usize,
    fields: usize,
    links_activated: usize,
}

const NO_MODEL: &str =
    "no model ran, so there are no model calls; what rules did in its place is counted in the usage";

impl Trace {
    pub(super) fn of(run_id: &str, progress: &Progress) -> Self {
        let (calls, known) = (&progress.llm_calls, &progress.job.known);
        // A model's server may report any number of tokens.
        let sum = |tokens: fn(&LlmCall) -> u64| calls.iter().map(tokens).fold(0, u64::saturating_add);
        let tokens = sum(|call| call.tokens);
        let written = |time: Option<DateTime<Utc>>| Some(time?.to_rfc3339_opts(SecondsFormat::Micros, true));
        Self {
            run_id: run_id.to_owned(),
            started_at: written(progress.started),
            ended_at: written(progress.ended),
            ended: progress.stage == Stage::Over,
            note: calls.is_empty().then_some(NO_MODEL),
            total_tokens: tokens,
            evaluations: known.evaluations,
            summary: Summary {
                model_calls: calls.len(),
                input_tokens: sum(|call| call.input_tokens),
                output_tokens: sum(|call| call.output_tokens),
                tokens,
                datasets: known.plan.len(),
                fields: known.plan.iter().map(|dataset| dataset.columns.len()).sum(),
                links_activated: known.links,
            },
            llm_calls: calls.clone(),
            steps: progress.steps.clone(),
        }
    }
}
