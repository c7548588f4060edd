//! Agents over A2A.

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::{
    handles::{Agent, AgentAsk, AgentStream, DataLinks},
    macros::methods,
};
use crate::{
    agents::{AgentAnswer, AgentCard, AgentPart},
    client::CallOptions,
    types::{Model, Row},
};

methods! {
    Agent of crate::agents::Agent;

    plain fn ask(&self, text: impl Into<String>) -> AgentAsk;
    plain fn name(&self) -> &str;
    wait fn card(&self) -> AgentCard;
    wait fn extended_card(&self) -> AgentCard;
    wait fn call(&self, request: Row) -> Row;
    plain fn with_options(&self, options: CallOptions) -> Self;
    plain fn client(&self) -> DataLinks;
}

methods! {
    AgentAsk of crate::agents::AgentAsk;

    plain fn namespace(self, name: impl Into<String>) -> Self;
    plain fn context_id(self, id: impl Into<String>) -> Self;
    plain fn model(self, model: impl Into<Model>) -> Self;
    plain fn part(self, part: AgentPart) -> Self;
    plain fn accepted_output_modes(self, modes: impl IntoIterator<Item = impl Into<String>>) -> Self;
    plain fn metadata(self, name: impl Into<String>, value: impl Into<Value>) -> Self;
    plain fn message_id(self, id: impl Into<String>) -> Self;
    plain fn event_limit(self, bytes: usize) -> Self;
    wait fn stream(self) -> AgentStream;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> AgentAnswer;
}

methods! {
    AgentStream of crate::agents::AgentStream;

    wait fn answer(self) -> AgentAnswer;
    plain fn status(&self) -> StatusCode;
    plain fn headers(&self) -> &HeaderMap;
    plain fn task_id(&self) -> Option<&str>;
    plain fn context_id(&self) -> Option<&str>;
}

impl AgentStream {
    /// Like [`close`](crate::agents::AgentStream::close) of the async client.
    pub fn close(&mut self) {
        self.inner.close();
    }
}
