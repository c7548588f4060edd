//! Asking, at once and as a stream.

use std::sync::Arc;

use datalinks_gen::StreamKind;
use futures::FutureExt;
use futures::future::BoxFuture;
use uuid::Uuid;

use super::Call;
use super::agent_runs::Outcome;
use crate::answer::Answer;
use crate::ask::{Asked, Author, Drive, Event, Job, Model, NoConversation, Script, StageModel, Wishes};
use crate::body::Fields;
use crate::lock::read;
use crate::problem::Problem;
use crate::store::StoreError;

/// The question of both operations, and the conversation that it goes on with.
fn question(call: &Call<'_>) -> Result<(Asked, Option<Uuid>), Problem> {
    let mut fields = Fields::read(&call.body)?;
    let (username, namespace): (String, String) = (fields.required("username"), fields.required("namespace"));
    let question = fields.required("query");
    let conversation: Option<String> = fields.optional("conversationId");
    let wishes = wishes(&mut fields);
    fields.finish()?;
    let conversation = conversation.map(|id| id.parse().map_err(|_| NoConversation)).transpose()?;
    Ok((Asked { space: call.space_of(&username, &namespace), question, wishes }, conversation))
}

fn wishes(fields: &mut Fields<'_>) -> Wishes {
    // Nothing here searches the web, be it wanted or not.
    let _: Option<bool> = fields.optional("webSearch");
    let mut wishes =
        Wishes { helper_prompt: fields.optional("helperPrompt"), model: model(fields), ..Wishes::default() };
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
pub(super) fn author(call: &Call<'_>) -> Result<Arc<dyn Author>, Problem> {
    Ok(match call.model("a question")? {
        Some(_) => Arc::new(Model),
        None => Arc::new(Script),
    })
}

/// Begins the run of a question.
pub(super) fn begin(call: &Call<'_>, asked: Asked, conversation: Option<Uuid>) -> Result<Drive, Problem> {
    check_space(call, &asked)?;
    let author = author(call)?;
    let state = call.state;
    let now = state.clock.now();
    let (run, conversation) =
        state.memory.begin(&state.ids, &call.caller, asked.clone(), conversation, now)?;
    Ok(Drive::new(job(call, run, conversation, asked), author, None))
}

/// A run with the caller's rights.
pub(super) fn job(call: &Call<'_>, run: Uuid, conversation: Uuid, asked: Asked) -> Job {
    Job { state: Arc::clone(call.state), caller: call.caller.clone(), run, conversation, asked }
}

/// Refuses a namespace of which the caller sees nothing. Who owns an empty one may ask it: the run fails.
fn check_space(call: &Call<'_>, asked: &Asked) -> Result<(), Problem> {
    let own = asked.space.owner == call.caller.user && call.caller.reaches_all(&asked.space);
    if own || call.sight(&read(&call.state.store)).in_namespace(&asked.space).next().is_some() {
        return Ok(());
    }
    Err(StoreError::NoSuchNamespace(asked.space.clone()).into())
}

pub(super) fn stream(call: &Call<'_>) -> Result<Answer, Problem> {
    let (asked, conversation) = question(call)?;
    Ok(Answer::events(StreamKind::Sse, begin(call, asked, conversation)?.events()))
}

pub(super) fn answer<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Result<Answer, Problem>> {
    async move {
        let (asked, conversation) = question(call)?;
        let mut drive = begin(call, asked, conversation)?;
        let run = drive.run_id();
        while let Some(event) = drive.next().await {
            if let Event::Failed(problem) = event {
                return Err(problem);
            }
        }
        let outcome = call.state.memory.with(run, &call.caller, |run| {
            let outcome = Outcome::of(run)?;
            Some(Answer::json(&outcome))
        });
        outcome.flatten().ok_or_else(|| Problem::not_found("the run was deleted while it went on; ask again"))
    }
    .boxed()
}
