//! Dispatch of one request:
//!
//! 1. Requests to the control API are handled separately and leave no trace in the state.
//! 2. The host is checked, and the path selects an operation or the storage of parts.
//! 3. The next fault of the operation is applied: a delay, an error instead of the call, or a second call.
//! 4. The body is read, the caller is authenticated, and the request is validated against the OpenAPI document.
//! 5. The handler runs. Problems become responses, and the fault changes the response.
//! 6. The request is added to the request log before its response is sent.
//! 7. The response is compressed if the client accepts that, unless a fault has changed it.

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
use crate::coding;
use crate::concurrency::Generation;
use crate::concurrency::panics::{Panicked, catch};
use crate::concurrency::work::{LARGE, background};
use crate::contract::{self, Given};
use crate::faults::ConnectionControl;
use crate::faults::{ActiveFault, Effect, PUT_PART, Side, apply_fault, error_response};
use crate::request::read_body::{collect, content, discard};
use crate::response::{ApiResponse, Content, Label, Problem, Provenance};
use crate::runtime::clock::system_time;
use crate::runtime::{Kind, RequestRecord};
use crate::state::State;
use crate::uploads::storage::{self, PartUrl};

/// The header with the id of a request. It is the emulator's own, because the service documents no such header.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The state and the routes of one emulator.
pub(crate) struct App {
    pub(crate) state: Arc<State>,
    pub(crate) routes: Routes,
}

/// Processes one request and returns its response.
pub(crate) async fn dispatch(
    app: Arc<App>,
    ConnectInfo(control): ConnectInfo<ConnectionControl>,
    request: Request<Body>,
) -> Response {
    if let Some(endpoint) = control::endpoint(request.uri().path()) {
        // Control requests are not logged and take no request id, so inspecting the emulator does not change later responses.
        let (endpoint, method) = (endpoint.to_owned(), request.method().clone());
        let response = catch(control::respond(&app.state, &endpoint, request)).await;
        let response = response.unwrap_or_else(|panicked| {
            tracing::error!(%method, endpoint, panic = %panicked, "an endpoint of the control API panicked");
            Problem::from(panicked).into_api_response()
        });
        return response.into_response();
    }
    let state = &app.state;
    let begun = Instant::now();
    let accepted = coding::accepted(request.headers());
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
    // An uncaught panic would close the connection without a response or a log entry.
    let (response, fault) = match catch(respond(&app, &mut record, request)).await {
        Ok(responded) => responded,
        Err(panicked) => (panic_response(&record, panicked), None),
    };
    record.faulted = fault.is_some();
    record.fault = fault.as_ref().map(|fault| fault.effect.name());
    record.status = response.status.as_u16();
    record.label = response.label.name();
    record.elapsed = begun.elapsed();
    state.log.push(record);
    let mut response = yield_after_events(response);
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        response = response.header(REQUEST_ID, id);
    }
    if let Some(date) = state.clock.date() {
        response = response.header(header::DATE, date);
    }
    match fault {
        Some(fault) => apply_fault(response, &fault, &control),
        None => match accepted {
            Some(coding) => response.compressed(coding).await.into_response(),
            None => response.into_response(),
        },
    }
}

/// Responds to a request, and adds its operation to the record. Also returns the fault that acted on the request.
async fn respond(
    app: &App,
    record: &mut RequestRecord,
    request: Request<Body>,
) -> (ApiResponse, Option<ActiveFault>) {
    let state = &app.state;
    let part_url = PartUrl::of(&record.path);
    if let Some(part_url) = &part_url {
        record.operation = Some(PUT_PART);
        record.path = part_url.shown();
    }
    let (head, body) = request.into_parts();
    let checked = state.settings.hosts.check(&head);
    let request = Request::from_parts(head, body);
    if let Err(problem) = checked {
        discard(request.into_body()).await;
        let response = match part_url {
            Some(_) => storage::rejection(problem.status, "AccessDenied", "the emulator has another host"),
            None => problem.into_api_response(),
        };
        return (response, None);
    }
    if let Some(part_url) = part_url {
        return put_part(state, &part_url, request).await;
    }
    match app.routes.find(&record.method, &record.path) {
        Err(problem) => {
            discard(request.into_body()).await;
            (problem.into_api_response(), None)
        }
        Ok((route, params)) => {
            record.operation = Some(route.operation.id);
            call(state, route, params, request).await
        }
    }
}

/// Returns the response to a request that made the emulator panic, and logs the panic.
fn panic_response(record: &RequestRecord, panicked: Panicked) -> ApiResponse {
    let RequestRecord { method, path, operation, request_id, .. } = record;
    tracing::error!(method, path, operation, request_id, panic = %panicked, "a request made the emulator panic");
    if *operation == Some(PUT_PART) {
        let message = "the emulator panicked while it stored the part; report this as a defect";
        return storage::rejection(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message);
    }
    Problem::from(panicked).into_api_response()
}

/// Stores a part of an upload.
async fn put_part(
    state: &State,
    part_url: &PartUrl,
    request: Request<Body>,
) -> (ApiResponse, Option<ActiveFault>) {
    let fault = state.faults.next(PUT_PART);
    let put = |request| async move {
        let (generation, expected) = {
            let _guard = state.generations.hold().await;
            let now = state.clock.now();
            (
                state.generations.current(),
                storage::expected_size(&state.storage, &state.ids, part_url, now, &request),
            )
        };
        let store = |content, etag| async move {
            match state.generations.enter(generation).await {
                Ok(_guard) => state.transaction(|| state.storage.store(&state.ids, part_url, content, etag)),
                // The state of the upload was replaced. The new state may have another upload with the same id.
                Err(_) => Ok(false),
            }
        };
        storage::put(expected, request, store).await
    };
    let response = run_with_fault(state, fault.as_ref(), Side::Storage, request, put).await;
    (response, fault)
}

/// Calls an operation.
async fn call(
    state: &Arc<State>,
    route: &Route,
    params: Params,
    request: Request<Body>,
) -> (ApiResponse, Option<ActiveFault>) {
    let fault = state.faults.next(route.operation.id);
    let effective_after = fault.as_ref().map_or(Duration::ZERO, ActiveFault::effective_after);
    let run = |request| run_call(state, route, params.clone(), effective_after, request);
    let response = run_with_fault(state, fault.as_ref(), Side::Api, request, run).await;
    // A rejected change has no effect to delay, so the fault did not act.
    let acted = fault.filter(|fault| fault.effective_after().is_zero() || response.status.is_success());
    (response, acted)
}

/// Runs a request once, or as its fault requires.
async fn run_with_fault<F: Future<Output = ApiResponse>>(
    state: &State,
    fault: Option<&ActiveFault>,
    side: Side,
    request: Request<Body>,
    run: impl Fn(Request<Body>) -> F,
) -> ApiResponse {
    let Some(fault) = fault else { return run(request).await };
    if !fault.delay.is_zero() {
        tokio::time::sleep(fault.delay).await;
    }
    if let Some(response) = error_response(fault, side, state.clock.now()) {
        discard(request.into_body()).await;
        return response;
    }
    if fault.effect != Effect::RepeatCall {
        return run(request).await;
    }
    let (head, body) = request.into_parts();
    let body = match collect(body, state.settings.body_limit).await {
        Ok(body) => body,
        Err(problem) => return problem.into_api_response(),
    };
    drop(run(Request::from_parts(head.clone(), Body::from(body.clone()))).await);
    run(Request::from_parts(head, Body::from(body))).await
}

/// Runs a call and converts a problem into a response.
async fn run_call(
    state: &Arc<State>,
    route: &Route,
    params: Params,
    effective_after: Duration,
    request: Request<Body>,
) -> ApiResponse {
    let response = try_call(state, route, params, effective_after, request).await;
    response.unwrap_or_else(|problem| contract::declared(route.operation.id, problem).into_api_response())
}

async fn try_call(
    state: &Arc<State>,
    route: &Route,
    params: Params,
    effective_after: Duration,
    request: Request<Body>,
) -> Result<ApiResponse, Problem> {
    let (head, body) = request.into_parts();
    // The body is read before any check, so that the client can receive an error response.
    let body = content(body, &head.headers, state.settings.body_limit).await;
    let run = |generation| call_within(state, generation, route, params, effective_after, head, body);
    state.generations.within_current(run).await?
}

/// Runs a call whose body was read, on the state of one generation.
async fn call_within(
    state: &Arc<State>,
    generation: Generation,
    route: &Route,
    params: Params,
    effective_after: Duration,
    head: request::Parts,
    body: Result<Bytes, Problem>,
) -> Result<ApiResponse, Problem> {
    let caller = if route.operation.public {
        Caller::anonymous()
    } else {
        state.accounts.authenticate(&state.ids, &head.headers, state.clock.now())?
    };
    let entry = route.entry.ok_or_else(|| unsupported(route.operation.id))?;
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
    let response = entry.handler.answer(&call).await?;
    let warnings = warnings.with_remarks(call.provenance.take_remarks());
    if let Some(line) = warnings.line() {
        tracing::warn!(operation = route.operation.id, warning = line, "accepted an invalid request");
    }
    Ok(warnings.onto(response.label(call.provenance.label())))
}

/// Validates a call against the OpenAPI document. A large body is validated in the background.
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

/// Returns the error of an operation that the OpenAPI document declares and the emulator does not support.
fn unsupported(operation: &str) -> Problem {
    Problem::not_implemented(format!(
        "this emulator does not support `{operation}`; leave the call out, or inject a fault for `{operation}` that \
         responds to it"
    ))
}

/// Yields after each event of a stream, so that it is sent before the next one is read.
fn yield_after_events(mut response: ApiResponse) -> ApiResponse {
    if let Content::Events(kind, events) = response.content {
        let events = events.then(|event| async move {
            tokio::task::yield_now().await;
            event
        });
        response.content = Content::Events(kind, events.boxed());
    }
    response
}

#[cfg(test)]
mod tests {
    use datalinks_gen::Operation;

    use crate::Emulator;
    use crate::api::HANDLERS;

    /// An operation that is new in the OpenAPI document gets a response before it has a handler, and does not affect others.
    #[tokio::test]
    async fn operation_without_a_handler_returns_501() {
        let unsupported = Operation::by_id(HANDLERS[0].id).unwrap();
        let emulator = Emulator::builder().handlers(&HANDLERS[1..]).start().await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let send = |method: &str, path: &str, key: &str| {
            let url = format!("{}{}", emulator.api_url(), path.replace(['{', '}'], ""));
            http.request(method.parse().unwrap(), url).bearer_auth(key).send()
        };
        let response = send(unsupported.method, unsupported.path, emulator.api_key()).await.unwrap();
        assert_eq!(response.status(), 501);
        assert_eq!(response.headers()["x-datalinks-emulator"], "unsupported");
        let body: serde_json::Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(body["error_code"], "NOT_IMPLEMENTED");
        assert!(body["message"].as_str().unwrap().contains(&format!("`{}`", unsupported.id)), "{body}");
        // The key is checked all the same.
        let response = send(unsupported.method, unsupported.path, "wrong").await.unwrap();
        assert_eq!(response.status(), 401);
        let response = send("GET", "/user/me", emulator.api_key()).await.unwrap();
        assert_eq!(response.status(), 200);
        let last = emulator.requests().into_iter().rfind(|request| request.status == 501).unwrap();
        assert_eq!((last.operation, last.label), (Some(unsupported.id), "unsupported"));
    }
}
