//! Runs of the ingest proxy.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    handles::{PipelineRun, RunPipeline},
    macros::methods,
};
use crate::{
    client::CallOptions,
    pipeline::{InferenceSettings, LlmSettings, ReconnectPolicy},
    types::Row,
};

methods! {
    RunPipeline of crate::pipeline::RunPipeline;

    plain fn user_prompt(self, text: impl Into<String>) -> Self;
    plain fn phases(self, model: bool, ingest: bool, ontology: bool) -> Self;
    plain fn max_eval_retries(self, most: u32) -> Self;
    plain fn max_rows_for_modeling(self, most: u32) -> Self;
    plain fn max_sample_rows(self, most: u32) -> Self;
    plain fn human_in_the_loop(self) -> Self;
    plain fn predefined_schema(self, schema: impl Serialize) -> Self;
    plain fn explosion_helper_prompt(self, text: impl Into<String>) -> Self;
    plain fn coalescence_helper_prompt(self, text: impl Into<String>) -> Self;
    plain fn llm(self, settings: LlmSettings) -> Self;
    plain fn inference(self, settings: InferenceSettings) -> Self;
    plain fn reconnect(self, policy: ReconnectPolicy) -> Self;
    wait fn stream(self) -> PipelineRun;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> Row;
}

methods! {
    [T] PipelineRun<T> of crate::pipeline::PipelineRun<T>;

    plain fn typed<U: DeserializeOwned>(self) -> PipelineRun<U>;
    plain fn reconnect(self, policy: ReconnectPolicy) -> Self;
    plain fn id(&self) -> &str;
    plain fn cursor(&self) -> u64;
    wait fn finish(self) -> Row;
    wait fn resume_hook(&self, payload: Row) -> Row;
    wait fn trace(&self) -> Row;
    plain fn options(self, options: CallOptions) -> Self;
}
