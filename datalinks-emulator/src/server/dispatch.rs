//! One request, from its first line to its answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderName, HeaderValue, Request, StatusCode, header, request};

use super::route::{Route, Routes};
use crate::accounts::Caller;
use crate::admin::control;
use crate::api::OperationCall;
use crate::api::path::Params;
use crate::concurrency::Generation;
use crate::concurrency::panics::{Panicked, catch};
use crate::concurrency::work::{LARGE, background};
use crate::contract::{self, Given};
use crate::faults::ConnectionControl;
use crate::faults::{ActiveFault, Effect, PUT_PART, Side, apply_fault, refusal};
use crate::request::read_body::{collect, content, discard};
use crate::response::{Answer, Content, Label, Problem, Provenance};
use crate::runtime::clock::system_time;
use crate::runtime::{Kind, RequestRecord};
use crate::state::State;
use crate::uploads::storage::{self, PartUrl};

/// The id of a request. The header is the emulator's; the service documents none.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The state and who works on it.
pub(crate) struct App {
    pub(crate) state: Arc<State>,
    pub(crate) routes: Routes,
}

/// Answers one request.
pub(crate) async fn dispatch(
    app: Arc<App>,
    ConnectInfo(control): ConnectInfo<ConnectionControl>,
    request: Request<Body>,
) -> Response {
    if let Some(place) = control::place(request.uri().path()) {
        // Looking at the emulator leaves no trace in what it saw, nor in its ids.
        let (place, method) = (place.to_owned(), request.method().clone());
        let answer = catch(control::answer(&app.state, &place, request)).await;
        let answer = answer.unwrap_or_else(|panicked| {
            tracing::error!(%method, place, panic = %panicked, "an endpoint of the emulator itself panicked");
            Problem::from(panicked).into_answer()
        });
        return answer.into_response();
    }
    let state = &app.state;
    let begun = Instant::now();
    let request_id = state.ids.next(Kind::Request).to_string();
    let mut record = RequestRecord {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().map(str::to_owned),
        operation: None,
        status: 0,
        request_id: request_id.clone(),
        label: Label::Computed.name(),
        faulted: false,
        fault: None,
        when: system_time(state.clock.now()),
        elapsed: Duration::ZERO,
    };
    // A panic would close the connection, without a word to the client or to the log.
    let (answer, plan) = match catch(respond(&app, &mut record, request)).await {
        Ok(answered) => answered,
        Err(panicked) => (failed(&record, panicked), None),
    };
    record.faulted = plan.is_some();
    record.fault = plan.as_ref().map(|plan| plan.effect.name());
    record.status = answer.status.as_u16();
    record.label = answer.label.name();
    record.elapsed = begun.elapsed();
    state.log.push(record);
    let mut answer = spaced(answer);
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        answer = answer.header(REQUEST_ID, id);
    }
    if let Some(date) = state.clock.date() {
        answer = answer.header(header::DATE, date);
    }
    match plan {
        Some(plan) => apply_fault(answer, &plan, &control),
        None => answer.into_response(),
    }
}

/// Answers a request, and notes in its record which operation it means.
async fn respond(
    app: &App,
    record: &mut RequestRecord,
    request: Request<Body>,
) -> (Answer, Option<ActiveFault>) {
    let state = &app.state;
    let place = PartUrl::of(&record.path);
    if let Some(place) = &place {
        record.operation = Some(PUT_PART);
        record.path = place.shown();
    }
    let (head, body) = request.into_parts();
    let known = state.settings.hosts.check(&head);
    let request = Request::from_parts(head, body);
    if let Err(problem) = known {
        discard(request.into_body()).await;
        let answer = match place {
            Some(_) => storage::rejection(problem.status, "AccessDenied", "the emulator has another host"),
            None => problem.into_answer(),
        };
        return (answer, None);
    }
    if let Some(place) = place {
        return put_part(state, &place, request).await;
    }
    match app.routes.find(&record.method, &record.path) {
        Err(problem) => {
            discard(request.into_body()).await;
            (problem.into_answer(), None)
        }
        Ok((route, params)) => {
            record.operation = Some(route.operation.id);
            call(state, route, params, request).await
        }
    }
}

/// The response to a request at which the emulator panicked.
fn failed(record: &RequestRecord, panicked: Panicked) -> Answer {
    let RequestRecord { method, path, operation, request_id, .. } = record;
    tracing::error!(method, path, operation, request_id, panic = %panicked, "a request made the emulator panic");
    if *operation == Some(PUT_PART) {
        let what = "the emulator failed while it kept the part; report this as a defect";
        return storage::rejection(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", what);
    }
    Problem::from(panicked).into_answer()
}

/// A part on its way to the storage.
async fn put_part(state: &State, place: &PartUrl, request: Request<Body>) -> (Answer, Option<ActiveFault>) {
    let plan = state.faults.next(PUT_PART);
    let put = |request| async move {
        let (generation, expected) = {
            let _guard = state.generations.hold().await;
            let now = state.clock.now();
            (
                state.generations.current(),
                storage::expected_size(&state.storage, &state.ids, place, now, &request),
            )
        };
        let keep = |content, etag| async move {
            match state.generations.enter(generation).await {
                Ok(_guard) => state.transaction(|| state.storage.store(&state.ids, place, content, etag)),
                // The upload was in a state that was replaced. The new state may have another one of its id.
                Err(_) => Ok(false),
            }
        };
        storage::put(expected, request, keep).await
    };
    let answer = faulted(state, plan.as_ref(), Side::Storage, request, put).await;
    (answer, plan)
}

/// A call of an operation.
async fn call(
    state: &Arc<State>,
    route: &Route,
    params: Params,
    request: Request<Body>,
) -> (Answer, Option<ActiveFault>) {
    let plan = state.faults.next(route.operation.id);
    let effective_after = plan.as_ref().map_or(Duration::ZERO, ActiveFault::effective_after);
    let carry_out = |request| carry_out(state, route, params.clone(), effective_after, request);
    let answer = faulted(state, plan.as_ref(), Side::Api, request, carry_out).await;
    // A change that was rejected has no effect to delay: the fault did not act.
    let acted = plan.filter(|plan| plan.effective_after().is_zero() || answer.status.is_success());
    (answer, acted)
}

/// Carries a request out, once or as its fault says.
async fn faulted<F: Future<Output = Answer>>(
    state: &State,
    plan: Option<&ActiveFault>,
    side: Side,
    request: Request<Body>,
    carry_out: impl Fn(Request<Body>) -> F,
) -> Answer {
    let Some(plan) = plan else { return carry_out(request).await };
    if !plan.delay.is_zero() {
        tokio::time::sleep(plan.delay).await;
    }
    if let Some(answer) = refusal(plan, side, state.clock.now()) {
        discard(request.into_body()).await;
        return answer;
    }
    if plan.effect != Effect::RepeatCall {
        return carry_out(request).await;
    }
    let (head, body) = request.into_parts();
    let body = match collect(body, state.settings.body_limit).await {
        Ok(body) => body,
        Err(problem) => return problem.into_answer(),
    };
    drop(carry_out(Request::from_parts(head.clone(), Body::from(body.clone()))).await);
    carry_out(Request::from_parts(head, Body::from(body))).await
}

/// Carries a call out.
async fn carry_out(
    state: &Arc<State>,
    route: &Route,
    params: Params,
    effective_after: Duration,
    request: Request<Body>,
) -> Answer {
    let answer = answer(state, route, params, effective_after, request).await;
    answer.unwrap_or_else(|problem| contract::declared(route.operation.id, problem).into_answer())
}

async fn answer(
    state: &Arc<State>,
    route: &Route,
    params: Params,
    effective_after: Duration,
    request: Request<Body>,
) -> Result<Answer, Problem> {
    let (head, body) = request.into_parts();
    // The body is read before anything is refused, so that the client hears the refusal.
    let body = content(body, &head.headers, state.settings.body_limit).await;
    let answer = |generation| answer_within(state, generation, route, params, effective_after, head, body);
    state.generations.within_current(answer).await?
}

/// Answers a request whose body has come, on the state of one generation.
async fn answer_within(
    state: &Arc<State>,
    generation: Generation,
    route: &Route,
    params: Params,
    effective_after: Duration,
    head: request::Parts,
    body: Result<Bytes, Problem>,
) -> Result<Answer, Problem> {
    let caller = if route.operation.public {
        Caller::anonymous()
    } else {
        state.accounts.authenticate(&state.ids, &head.headers, state.clock.now())?
    };
    let entry = route.entry.ok_or_else(|| unanswered(route.operation.id))?;
    let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let query = head.uri.query().unwrap_or_default();
    let provenance = Provenance::new(state.settings.strict.responses);
    let call = OperationCall {
        state,
        generation,
        caller,
        params,
        query,
        host,
        body: body?,
        effective_after,
        provenance,
    };
    entry.needs.check(&call)?;
    let content_type = head.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let content_type = content_type.map(|value| std::str::from_utf8(value).unwrap_or("?"));
    let warnings = check(&call, route.operation.id, content_type).await?;
    let answer = entry.handler.answer(&call).await?;
    let warnings = warnings.with_remarks(call.provenance.take_remarks());
    if let Some(line) = warnings.line() {
        tracing::warn!(operation = route.operation.id, "accepted with a warning: {line}");
    }
    Ok(warnings.onto(answer.label(call.provenance.label())))
}

/// Checks a call against the document.
async fn check(
    call: &OperationCall<'_>,
    operation: &'static str,
    content_type: Option<&str>,
) -> Result<contract::Warnings, Problem> {
    let strict = call.state.settings.strict.fields;
    if call.body.len() < LARGE {
        return contract::check(
            operation,
            &Given { content_type, query: call.query, body: &call.body, strict },
        );
    }
    let (content_type, query) = (content_type.map(str::to_owned), call.query.to_owned());
    let body = call.body.clone();
    background(move || {
        let content_type = content_type.as_deref();
        contract::check(operation, &Given { content_type, query: &query, body: &body, strict })
    })
    .await
}

/// Says that an operation is in the contract and not in the emulator.
fn unanswered(operation: &str) -> Problem {
    Problem::not_implemented(format!(
        "this emulator has no answer to `{operation}`; leave the call out, or inject a fault for `{operation}` that \
         answers it"
    ))
}

/// Lets each event of a stream leave before the next is read.
fn spaced(mut answer: Answer) -> Answer {
    if let Content::Events(kind, events) = answer.content {
        let events = events.then(|event| async move {
            tokio::task::yield_now().await;
            event
        });
        answer.content = Content::Events(kind, events.boxed());
    }
    answer
}

#[cfg(test)]
mod tests {
    use datalinks_gen::Operation;

    use crate::Emulator;
    use crate::api::HANDLERS;

    /// An operation that is new in the document is answered before it has a handler, and keeps nothing else from
    /// working.
    #[tokio::test]
    async fn an_operation_without_a_handler_is_answered_501() {
        let unanswered = Operation::by_id(HANDLERS[0].id).unwrap();
        let emulator = Emulator::builder().handlers(&HANDLERS[1..]).start().await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let send = |method: &str, path: &str, key: &str| {
            let url = format!("{}{}", emulator.api_url(), path.replace(['{', '}'], ""));
            http.request(method.parse().unwrap(), url).bearer_auth(key).send()
        };
        let response = send(unanswered.method, unanswered.path, emulator.api_key()).await.unwrap();
        assert_eq!(response.status(), 501);
        assert_eq!(response.headers()["x-datalinks-emulator"], "unsupported");
        let body: serde_json::Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(body["error_code"], "NOT_IMPLEMENTED");
        assert!(body["message"].as_str().unwrap().contains(&format!("`{}`", unanswered.id)), "{body}");
        // The key counts all the same.
        let response = send(unanswered.method, unanswered.path, "wrong").await.unwrap();
        assert_eq!(response.status(), 401);
        let response = send("GET", "/user/me", emulator.api_key()).await.unwrap();
        assert_eq!(response.status(), 200);
        let last = emulator.requests().into_iter().rfind(|request| request.status == 501).unwrap();
        assert_eq!((last.operation, last.label), (Some(unanswered.id), "unsupported"));
    }
}
