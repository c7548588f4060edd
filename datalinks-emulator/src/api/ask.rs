//! Asking, at once and as a stream.

use std::sync::Arc;
use std::time::Duration;

use datalinks_gen::StreamKind;
use futures::FutureExt;
use futures::future::BoxFuture;
use uuid::Uuid;

use super::call::OperationCall;
use super::run_result::Outcome;
use crate::ask::{
    AskOptions, AskRequest, Event, EventFeed, ModelResponder, NoConversation, Responder, RuleResponder,
    StageModel,
};
use crate::concurrency::lock::read;
use crate::request::Fields;
use crate::response::{ApiResponse, Problem};
use crate::store::{Namespace, StoreError};

/// The question of both operations, and the conversation that it goes on with.
fn question(call: &OperationCall<'_>) -> Result<(AskRequest, Option<Uuid>), Problem> {
    let mut fields = Fields::read(&call.body)?;
    let (username, namespace): (String, String) = (fields.required("username"), fields.required("namespace"));
    let question = fields.required("query");
    let conversation: Option<String> = fields.optional("conversationId");
    let wishes = wishes(&mut fields);
    fields.finish()?;
    let conversation = conversation.map(|id| id.parse().map_err(|_| NoConversation)).transpose()?;
    Ok((AskRequest { space: call.space_of(&username, &namespace), question, wishes }, conversation))
}

fn wishes(fields: &mut Fields<'_>) -> AskOptions {
    // Nothing here searches the web, be it wanted or not.
    let _: Option<bool> = fields.optional("webSearch");
    let mut wishes = AskOptions {
        helper_prompt: fields.optional("helperPrompt"),
        model: model(fields),
        ..AskOptions::default()
    };
    if let Some(mut stages) = fields.object("models") {
        let mut stage = |name| {
            let mut stage = stages.object(name)?;
            let chosen = model(&mut stage);
            stages.close(stage);
            Some(chosen)
        };
        (wishes.plan, wishes.query, wishes.answer) = (stage("plan"), stage("query"), stage("answer"));
        fields.close(stages);
    }
    wishes.caller_context = fields.raw("callerContext").map(ToOwned::to_owned);
    wishes
}

fn model(fields: &mut Fields<'_>) -> StageModel {
    StageModel { model: fields.optional("model"), provider: fields.optional("provider") }
}

impl From<NoConversation> for Problem {
    fn from(_: NoConversation) -> Self {
        Self::not_found(
            "you have no such conversation in this namespace; leave `conversationId` out to begin one",
        )
    }
}

/// Who answers.
pub(super) fn responder(call: &OperationCall<'_>) -> Result<Arc<dyn Responder>, Problem> {
    Ok(match call.model("a question")? {
        Some(_) => Arc::new(ModelResponder),
        None => Arc::new(RuleResponder),
    })
}

/// Begins the run of a question. It goes on to its end, whatever becomes of the feed.
pub(super) fn begin(
    call: &OperationCall<'_>,
    asked: AskRequest,
    conversation: Option<Uuid>,
    pause: Duration,
) -> Result<EventFeed, Problem> {
    check_space(call, &asked.space)?;
    let responder = responder(call)?;
    let state = call.state;
    let now = state.clock.now();
    let run = state.agent_runs.begin(
        &state.ids,
        &call.caller,
        asked,
        conversation,
        call.provenance.label(),
        now,
    )?;
    Ok(state.agent_runs.drive(run, call.caller.clone(), responder, pause))
}

/// Rejects a namespace of which the caller sees nothing. The owner of an empty one may ask it: the run fails.
pub(super) fn check_space(call: &OperationCall<'_>, space: &Namespace) -> Result<(), Problem> {
    let own = space.owner == call.caller.user && call.caller.reaches_all(space);
    if own || call.sight(&read(&call.state.store)).in_namespace(space).next().is_some() {
        return Ok(());
    }
    Err(StoreError::NoSuchNamespace(space.clone()).into())
}

pub(super) fn stream(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let (asked, conversation) = question(call)?;
    let events = begin(call, asked, conversation, call.state.settings.event_delay)?;
    Ok(ApiResponse::events(StreamKind::Sse, events.into_stream()))
}

pub(super) fn answer<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    async move {
        let (asked, conversation) = question(call)?;
        let mut events = begin(call, asked, conversation, Duration::ZERO)?;
        let run = events.run_id();
        while let Some(event) = events.next().await {
            if let Event::Failed(problem) = event {
                return Err(problem);
            }
        }
        let answer = call.state.agent_runs.inspect(run, &call.caller, |run| match (Outcome::of(run), run.error()) {
            (Some(outcome), _) => Ok(ApiResponse::json(&outcome)),
            (None, Some(error)) => Err(Problem::internal(error)),
            (None, None) => Err(Problem::conflict(
                "the run was resumed in a stream before its answer; read that stream, or poll the run's status",
            )),
        });
        answer.unwrap_or_else(|| {
            Err(Problem::not_found("the run was deleted while it went on; ask again"))
        })
    }
    .boxed()
}
