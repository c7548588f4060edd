//! Questions and runs of the agent.

use http::{HeaderMap, StatusCode};
use uuid::Uuid;

use super::{
    handles::{AgentRun, Ask, AskStream, DataLinks, RateRun, Verify},
    macros::methods,
};
use crate::{
    ask::{AskAnswer, AutoRagAnswer, CallerContext, ResumePolicy, RunStatus, Verification},
    client::CallOptions,
    types::Model,
};

methods! {
    Ask of crate::ask::Ask;

    plain fn helper_prompt(self, text: impl Into<String>) -> Self;
    plain fn model(self, model: impl Into<Model>) -> Self;
    plain fn plan_model(self, model: impl Into<Model>) -> Self;
    plain fn query_model(self, model: impl Into<Model>) -> Self;
    plain fn answer_model(self, model: impl Into<Model>) -> Self;
    plain fn caller_context(self, context: CallerContext) -> Self;
    plain fn conversation(self, id: impl Into<String>) -> Self;
    plain fn web_search(self, allowed: bool) -> Self;
    plain fn event_limit(self, bytes: usize) -> Self;
    plain fn resume(self, policy: ResumePolicy) -> Self;
    wait fn stream(self) -> AskStream;
    wait fn autorag(self) -> AutoRagAnswer;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> AskAnswer;
}

methods! {
    AskStream of crate::ask::AskStream;

    wait fn answer(self) -> AskAnswer;
    wait fn collect(self) -> AutoRagAnswer;
    plain fn status(&self) -> StatusCode;
    plain fn headers(&self) -> &HeaderMap;
    plain fn run_id(&self) -> Option<&str>;
    plain fn conversation_id(&self) -> Option<&str>;
}

methods! {
    AgentRun of crate::ask::AgentRun;

    plain fn id(&self) -> Uuid;
    wait fn status(&self) -> RunStatus;
    wait fn wait(&self) -> RunStatus;
    wait fn resume(&self) -> AskStream;
    wait fn delete(&self) -> ();
    plain fn rate(&self, thumbs_up: bool) -> RateRun;
    plain fn with_options(&self, options: CallOptions) -> Self;
    plain fn client(&self) -> DataLinks;
}

methods! {
    RateRun of crate::ask::RateRun;

    plain fn comment(self, text: impl Into<String>) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> ();
}

methods! {
    Verify of crate::ask::Verify;

    plain fn question(self, question: impl Into<String>) -> Self;
    plain fn max_rows(self, rows: usize) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> Verification;
}

impl AskStream {
    /// Like [`close`](crate::ask::AskStream::close) of the async client.
    pub fn close(&mut self) {
        self.inner.close();
    }
}
