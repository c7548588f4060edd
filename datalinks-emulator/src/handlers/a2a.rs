//! Agents over the agent-to-agent protocol. There is one: the agent that answers questions.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::agent_runs::AGENT;
use super::{Call, ask};
use crate::a2a::{Card, Incoming, Listed, Reply, Request, Response, RpcError, Task};
use crate::answer::Answer;
use crate::ask::{Asked, Wishes};
use crate::ids::Kind;
use crate::lock::read;
use crate::problem::Problem;
use crate::route::API_PREFIX;
use crate::store::Namespace;

fn url(call: &Call<'_>) -> String {
    format!("http://{}{API_PREFIX}/a2a/{AGENT}", call.host)
}

fn check_agent(call: &Call<'_>) -> Result<(), Problem> {
    if call.param("agentName") == AGENT {
        return Ok(());
    }
    Err(Problem::not_found(format!("there is no such agent; there is {AGENT}")))
}

pub(super) fn list(call: &Call<'_>) -> Result<Answer, Problem> {
    Ok(Answer::json(&[Listed::new(AGENT, url(call))]))
}

pub(super) fn card(call: &Call<'_>) -> Result<Answer, Problem> {
    check_agent(call)?;
    Ok(Answer::json(&Card::new(AGENT, url(call))))
}

pub(super) fn call<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Result<Answer, Problem>> {
    async move {
        check_agent(call)?;
        let request = match Request::read(&call.body) {
            Ok(request) => request,
            Err((id, error)) => return Ok(response::<Value>(id, Err(error))),
        };
        match request.method.as_str() {
            "message/send" => send(call, request).await,
            "tasks/get" => Ok(get(call, request)),
            method => Ok(response::<Value>(request.id, Err(RpcError::method(method)))),
        }
    }
    .boxed()
}

fn response<T: Serialize>(id: Value, result: Result<T, RpcError>) -> Answer {
    Answer::json(&Response::new(id, result))
}

/// Asks what a message asks, and answers the run as a task. Where something is missing, a message says what.
async fn send(call: &Call<'_>, request: Request) -> Result<Answer, Problem> {
    let id = request.id;
    let (asked, conversation) = match question(call, &request.params) {
        Ok(Ok(question)) => question,
        Ok(Err(missing)) => {
            let reply = Reply::new(call.state.ids.next(Kind::Message), missing);
            return Ok(response(id, Ok(reply)));
        }
        Err(error) => return Ok(response::<Value>(id, Err(error))),
    };
    let mut events = match ask::begin(call, asked, conversation, Duration::ZERO) {
        Ok(events) => events,
        Err(problem) if problem.status == StatusCode::NOT_IMPLEMENTED => return Err(problem),
        Err(problem) => return Ok(response::<Value>(id, Err(RpcError::params(problem.message)))),
    };
    let run = events.run_id();
    // How it ended is in the run.
    while events.next().await.is_some() {}
    Ok(task(call, id, run))
}

fn get(call: &Call<'_>, request: Request) -> Answer {
    match request.params.get("id").and_then(Value::as_str) {
        None => response::<Value>(request.id, Err(RpcError::params("id: must be the id of a task"))),
        Some(run) => task(call, request.id, run.parse().unwrap_or_default()),
    }
}

fn task(call: &Call<'_>, id: Value, run: Uuid) -> Answer {
    let now = call.state.clock.now();
    let told = call.state.memory.look(run, &call.caller, |run| response(id.clone(), Ok(Task::new(run, now))));
    told.unwrap_or_else(|| response::<Value>(id, Err(RpcError::no_task())))
}

/// What is asked and in which conversation, or what is missing for that.
type Question = Result<(Asked, Option<Uuid>), String>;

fn question(call: &Call<'_>, params: &serde_json::Map<String, Value>) -> Result<Question, RpcError> {
    let incoming = Incoming::read(params)?;
    if incoming.text.trim().is_empty() {
        return Ok(Err(
            "Nothing was asked. Send a message with a text part that holds the question.".to_owned()
        ));
    }
    let no_context =
        || RpcError::params("message.contextId: you have no such conversation; leave it out to begin one");
    let mut space = None;
    let mut conversation = None;
    if let Some(context) = &incoming.context {
        let id = context.parse().map_err(|_| no_context())?;
        let (own, _) = call.state.memory.conversation(id, &call.caller).ok_or_else(no_context)?;
        (space, conversation) = (Some(own.space), Some(id));
    }
    if let Some(namespace) = &incoming.namespace {
        space = Some(call.space_of(incoming.username.as_deref().unwrap_or("self"), namespace));
    }
    let space = match space.map_or_else(|| only_space(call), Ok) {
        Ok(space) => space,
        Err(missing) => return Ok(Err(missing)),
    };
    let asked = Asked { space, question: incoming.text, wishes: Wishes::default() };
    Ok(Ok((asked, conversation)))
}

/// The namespace that is meant when none is named: the only one that the caller sees.
fn only_space(call: &Call<'_>) -> Result<Namespace, String> {
    let store = read(&call.state.store);
    let mut spaces: Vec<Namespace> = call.sight(&store).datasets().map(|(name, _)| name.space()).collect();
    spaces.dedup();
    match spaces.as_slice() {
        [space] => Ok(space.clone()),
        [] => Err("There is no dataset to ask. Create one and ingest rows first.".to_owned()),
        several => {
            let names: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(format!("Which namespace? Name one as `namespace` in the metadata: {}.", names.join(", ")))
        }
    }
}
