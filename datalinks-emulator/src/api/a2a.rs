//! Agents over the agent-to-agent protocol.

use std::sync::Arc;
use std::time::Duration;

use datalinks_gen::StreamKind;
use futures::future::{BoxFuture, ready};
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::ask;
use super::call::OperationCall;
use crate::a2a::{
    Agent, Card, Incoming, Listed, Nl2ql, Request, Response, RpcError, Task, TaskIds, Update, updates,
};
use crate::api::path::API_PREFIX;
use crate::ask::{AskOptions, AskRequest};
use crate::response::api_response::nameless_sse;
use crate::response::{ApiResponse, Problem};
use crate::runtime::Kind;
use crate::store::Namespace;

/// Returns the URL of an agent.
fn url(call: &OperationCall<'_>, agent: Agent) -> String {
    format!("http://{}{API_PREFIX}/a2a/{}", call.host, agent.name())
}

/// Returns the agent named in the path.
fn agent(call: &OperationCall<'_>) -> Result<Agent, Problem> {
    Agent::named(call.param("agentName")).ok_or_else(|| {
        let names = Agent::ALL.map(Agent::name).join(" and ");
        Problem::not_found(format!("no such agent; use {names}"))
    })
}

pub(super) fn list(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let listed = Agent::ALL.map(|agent| {
        let url = url(call, agent);
        let card = format!("{url}/.well-known/agent-card.json");
        Listed::new(agent, url, card)
    });
    Ok(ApiResponse::json(&listed))
}

pub(super) fn card(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let agent = agent(call)?;
    Ok(ApiResponse::json(&Card::new(agent, url(call, agent))))
}

pub(super) fn call<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    async move {
        let agent = agent(call)?;
        let Request { id, method, params } = match Request::read(&call.body) {
            Ok(request) => request,
            Err((id, error)) => return Ok(rejected(id, error)),
        };
        let result = match method.as_str() {
            "SendMessage" => send(call, agent, &id, &params).await,
            "SendStreamingMessage" => stream(call, agent, &id, &params),
            "GetExtendedAgentCard" => Ok(response(id.clone(), Card::extended(agent, url(call, agent)))),
            "GetTask" | "CancelTask" | "SubscribeToTask" => Err(no_task(&params).into()),
            "ListTasks" => Err(RpcError::no_list_of_tasks().into()),
            "CreateTaskPushNotificationConfig"
            | "GetTaskPushNotificationConfig"
            | "ListTaskPushNotificationConfigs"
            | "DeleteTaskPushNotificationConfig" => Err(RpcError::no_push_notifications().into()),
            _ => Err(RpcError::method(&method).into()),
        };
        match result {
            Ok(answer) => Ok(answer),
            Err(Failure::Rpc(error)) => Ok(rejected(id, error)),
            Err(Failure::Http(problem)) => Err(problem),
        }
    }
    .boxed()
}

/// The reason why a call has no result, and the form of the response that reports it.
enum Failure {
    /// An error of the protocol. The status of the response is 200.
    Rpc(RpcError),
    /// The error shape of the API, with its status.
    Http(Problem),
}

impl From<RpcError> for Failure {
    fn from(error: RpcError) -> Self {
        Self::Rpc(error)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        match problem.status {
            // The emulator does not support this, so the status must show it: no agent of the service reports 501 in an
            // RPC error.
            StatusCode::NOT_IMPLEMENTED => Self::Http(problem),
            status if status.is_server_error() => Self::Rpc(RpcError::internal(problem.message)),
            _ => Self::Rpc(RpcError::params(problem.message)),
        }
    }
}

fn response(id: Value, result: impl Serialize) -> ApiResponse {
    ApiResponse::json(&Response::new(id, Ok(result)))
}

fn rejected(id: Value, error: RpcError) -> ApiResponse {
    ApiResponse::json(&Response::<Value>::new(id, Err(error)))
}

/// The error of a call that names a task.
fn no_task(params: &Map<String, Value>) -> RpcError {
    match params.get("id") {
        Some(Value::String(id)) if !id.is_empty() => RpcError::no_task(),
        _ => RpcError::params("id: must be the id of a task"),
    }
}

/// Processes a message and returns its task once the task has ended.
async fn send(
    call: &OperationCall<'_>,
    agent: Agent,
    id: &Value,
    params: &Map<String, Value>,
) -> Result<ApiResponse, Failure> {
    let updates = begin(call, agent, params, Duration::ZERO)?;
    let task = Task::collect(updates).await.ok_or_else(|| {
        RpcError::internal("the run has no result: it was stopped, or resumed in another stream; ask again")
    })?;
    Ok(response(id.clone(), Update::Task(task)))
}

/// Processes a message and sends each update as an event.
fn stream(
    call: &OperationCall<'_>,
    agent: Agent,
    id: &Value,
    params: &Map<String, Value>,
) -> Result<ApiResponse, Failure> {
    let updates = begin(call, agent, params, call.state.settings.event_delay)?;
    let id = id.clone();
    let events = updates.map(move |update| nameless_sse(&Response::new(id.clone(), Ok(update))));
    // Polling the stream drives the work.
    let events = call.state.stream_within(call.generation, events.boxed());
    Ok(ApiResponse::events(StreamKind::Sse, events))
}

/// Starts the work on a message.
fn begin(
    call: &OperationCall<'_>,
    agent: Agent,
    params: &Map<String, Value>,
    delay: Duration,
) -> Result<BoxStream<'static, Update>, Failure> {
    let incoming = Incoming::read(params, call.state.settings.strict.fields)?;
    // The acting user is the user of the token: the protocol has no field for another owner.
    let space = Namespace::new(call.caller.user.as_str(), incoming.namespace.as_str());
    let modes = incoming.modes;
    let updates = match agent {
        Agent::Assistant => assist(call, space, incoming, delay)?,
        Agent::Nl2ql => delayed(write_query(call, space, incoming)?, delay),
    };
    Ok(updates.filter_map(move |update| ready(update.limited_to(modes))).boxed())
}

/// Starts a run of the agent that also serves `ask`.
fn assist(
    call: &OperationCall<'_>,
    space: Namespace,
    incoming: Incoming,
    delay: Duration,
) -> Result<BoxStream<'static, Update>, Failure> {
    let conversation = match &incoming.context {
        Some(context) => Some(conversation(call, &space, context)?),
        None => None,
    };
    let options = AskOptions { model: incoming.model, ..AskOptions::default() };
    let feed =
        ask::begin(call, AskRequest { space, question: incoming.question, options }, conversation, delay)?;
    Ok(updates(Arc::clone(call.state), feed))
}

/// Returns the id of the conversation that a context identifier names.
fn conversation(call: &OperationCall<'_>, space: &Namespace, context: &str) -> Result<Uuid, RpcError> {
    let known = context.parse().ok().filter(|id| {
        let conversation = call.state.agent_runs.conversation(*id, &call.caller);
        conversation.is_some_and(|(own, _)| own.space == *space)
    });
    known.ok_or_else(|| {
        RpcError::params(
            "message.contextId: you have no such conversation in this namespace; leave it out to begin one",
        )
    })
}

/// Starts to write a query. This agent has no conversations, so it returns the context identifier unchanged.
fn write_query(
    call: &OperationCall<'_>,
    space: Namespace,
    incoming: Incoming,
) -> Result<BoxStream<'static, Update>, Failure> {
    ask::check_space(call, &space)?;
    call.model("the agent `nl2ql`")?;
    let state = Arc::clone(call.state);
    let task = state.ids.next(Kind::Task);
    let context = incoming.context.unwrap_or_else(|| state.ids.next(Kind::Task).to_string());
    let work = Nl2ql {
        state,
        caller: call.caller.clone(),
        space,
        question: incoming.question,
        model: incoming.model.model,
        ids: TaskIds { task, context },
    };
    Ok(work.updates())
}

/// Delays every update except the first.
fn delayed(updates: BoxStream<'static, Update>, delay: Duration) -> BoxStream<'static, Update> {
    if delay.is_zero() {
        return updates;
    }
    let delayed = updates.enumerate().then(move |(index, update)| async move {
        if index > 0 {
            tokio::time::sleep(delay).await;
        }
        update
    });
    delayed.boxed()
}
