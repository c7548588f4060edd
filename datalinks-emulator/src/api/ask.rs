//! Handlers for questions, answered in one response or as a stream of events.

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

/// Reads the question of either operation, and the id of the conversation that it continues.
fn question(call: &OperationCall<'_>) -> Result<(AskRequest, Option<Uuid>), Problem> {
    let mut fields = Fields::read(&call.body)?;
    let (username, namespace): (String, String) = (fields.required("username"), fields.required("namespace"));
    let question = fields.required("query");
    let conversation: Option<String> = fields.optional("conversationId");
    let options = options(&mut fields);
    fields.finish()?;
    let conversation = conversation.map(|id| id.parse().map_err(|_| NoConversation)).transpose()?;
    Ok((AskRequest { space: call.space_of(&username, &namespace), question, options }, conversation))
}

fn options(fields: &mut Fields<'_>) -> AskOptions {
    // The emulator does not search the web, so the value is read and ignored.
    let _: Option<bool> = fields.optional("webSearch");
    let mut options = AskOptions {
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
        (options.plan, options.query, options.answer) = (stage("plan"), stage("query"), stage("answer"));
        fields.close(stages);
    }
    options.caller_context = fields.raw("callerContext").map(ToOwned::to_owned);
    options
}

fn model(fields: &mut Fields<'_>) -> StageModel {
    StageModel { model: fields.optional("model"), provider: fields.optional("provider") }
}

impl From<NoConversation> for Problem {
    fn from(_: NoConversation) -> Self {
        Self::not_found("no such conversation of yours in this namespace; omit `conversationId` to start one")
    }
}

/// Returns the responder that writes the plan, the queries and the answer.
pub(super) fn responder(call: &OperationCall<'_>) -> Result<Arc<dyn Responder>, Problem> {
    Ok(match call.model("a question")? {
        Some(_) => Arc::new(ModelResponder),
        None => Arc::new(RuleResponder),
    })
}

/// Starts the run of a question. The run continues even if the feed is dropped.
pub(super) fn begin(
    call: &OperationCall<'_>,
    asked: AskRequest,
    conversation: Option<Uuid>,
    delay: Duration,
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
    Ok(state.agent_runs.drive(call.generation, run, call.caller.clone(), responder, delay))
}

/// Rejects a namespace in which the caller sees no dataset. An owner may ask an empty namespace of their own: the run
/// then fails.
pub(super) fn check_space(call: &OperationCall<'_>, space: &Namespace) -> Result<(), Problem> {
    let own = space.owner == call.caller.user && call.caller.reaches_all(space);
    if own || call.view(&read(&call.state.store)).in_namespace(space).next().is_some() {
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
                "the run was resumed in a stream before it had an answer; read that stream, or poll the run's status",
            )),
        });
        answer.unwrap_or_else(|| {
            Err(Problem::not_found("the run was deleted before it ended; ask again"))
        })
    }
    .boxed()
}
