//! The control API at `/` and below `/_emulator/`, which is not part of the DataLinks API.
//!
//! On the loopback interface it requires no key. If other machines can reach the emulator, every request needs its key.

mod clock;
mod coverage;
mod faults;
mod guard;
mod overview;
mod requests;
mod rows;
mod state;
mod work;

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, StatusCode};

use crate::admin::page;
use crate::request::read_body::{content, discard};
use crate::response::{ApiResponse, Problem};
use crate::state::State;

/// The prefix of all paths except `/` and `/openapi.json`.
const PREFIX: &str = "/_emulator/";

/// The prefix of the endpoint of a single fault, which is followed by the id.
const FAULT: &str = "faults/";

/// The path at which tools expect an OpenAPI document, and its endpoint.
const OPENAPI_PATH: &str = "/openapi.json";
const OPENAPI: &str = "openapi.json";

/// The OpenAPI document of the API, with this emulator as its server.
static DOCUMENT: &str = include_str!("openapi.json");

/// All endpoints with their methods.
const ENDPOINTS: &[(&str, &str)] = &[
    ("clock", "GET, PUT, DELETE"),
    ("coverage", "GET"),
    ("export", "GET"),
    ("faults", "GET, POST, DELETE"),
    ("import", "PUT"),
    (OPENAPI, "GET"),
    ("overview", "GET"),
    ("requests", "GET"),
    ("reset", "POST"),
    ("rows", "GET"),
    ("snapshots", "GET"),
    ("snapshots/{name}", "POST, DELETE"),
    ("snapshots/{name}/restore", "POST"),
    ("work", "GET"),
];

/// Returns the endpoint of a path, which is empty for the page. Returns `None` if the path belongs to the DataLinks API.
pub(crate) fn endpoint(path: &str) -> Option<&str> {
    match path {
        "/" => Some(""),
        OPENAPI_PATH => Some(OPENAPI),
        _ => path.strip_prefix(PREFIX),
    }
}

/// Responds to a request to an endpoint.
pub(crate) async fn respond(state: &Arc<State>, endpoint: &str, request: Request<Body>) -> ApiResponse {
    let (head, body) = request.into_parts();
    if let Err(rejection) = guard::check(&head, &state.settings) {
        discard(body).await;
        return rejection;
    }
    // An imported state may be larger than the body of a call.
    let is_import = endpoint == "import";
    let limit = if is_import { state.settings.import_limit } else { state.settings.body_limit };
    let body = match content(body, &head.headers, limit).await {
        Ok(body) => body,
        Err(problem) if is_import && problem.status == StatusCode::PAYLOAD_TOO_LARGE => {
            return document_too_large(limit).into_api_response();
        }
        Err(problem) => return problem.into_api_response(),
    };
    let query = head.uri.query().unwrap_or_default();
    let response = match (endpoint, &head.method) {
        // These run in the background and wait for other work themselves.
        ("overview", &Method::GET) => Ok(overview::read(state).await),
        ("rows", &Method::GET) => rows::read(state, query).await,
        ("export", &Method::GET) => state::export(state).await,
        ("import", &Method::PUT) => state::import(state, body).await,
        ("reset", &Method::POST) => state::reset(state).await,
        // These do not use the state, so they do not wait while it is replaced.
        ("coverage", &Method::GET) => Ok(coverage::read(state.models.as_ref())),
        ("faults", &Method::GET) => Ok(faults::read(state)),
        ("faults", &Method::POST) => faults::inject(state, &body),
        ("faults", &Method::DELETE) => Ok(faults::clear(state)),
        (endpoint, &Method::DELETE) if endpoint.starts_with(FAULT) => {
            faults::remove(state, &endpoint[FAULT.len()..])
        }
        (OPENAPI, &Method::GET) => Ok(ApiResponse::file("application/json", DOCUMENT)),
        ("requests", &Method::GET) => Ok(requests::stream(state, &head.headers)),
        ("work", &Method::GET) => Ok(work::read()),
        ("clock" | "snapshots", _) => with_state(state, endpoint, &head.method, &body).await,
        (endpoint, method) => match (snapshot(endpoint), method) {
            (Some((name, false)), &Method::POST) => state::snapshot(state, name).await,
            (Some((name, true)), &Method::POST) => state::restore(state, name).await,
            (Some((_, false)), &Method::DELETE) => with_state(state, endpoint, method, &body).await,
            _ => page::file(endpoint, method).unwrap_or_else(|| Err(not_found(endpoint, method))),
        },
    };
    response.unwrap_or_else(Problem::into_api_response)
}

/// Responds to a request that reads or changes the state without awaiting in between.
async fn with_state(
    state: &State,
    endpoint: &str,
    method: &Method,
    body: &Bytes,
) -> Result<ApiResponse, Problem> {
    let _guard = state.generations.hold().await;
    match (endpoint, method) {
        ("clock", &Method::GET) => Ok(clock::read(state)),
        ("clock", &Method::PUT) => clock::set(state, body),
        ("clock", &Method::DELETE) => clock::release(state),
        ("snapshots", &Method::GET) => state::snapshots(state),
        (endpoint, method) => match (snapshot(endpoint), method) {
            (Some((name, false)), &Method::DELETE) => state::delete(state, name),
            _ => Err(not_found(endpoint, method)),
        },
    }
}

fn document_too_large(limit: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "PAYLOAD_TOO_LARGE",
        format!(
            "the document is larger than {limit} bytes; start the emulator with a larger import limit, or with a copy of \
             the data directory"
        ),
    )
}

/// Returns the name of the snapshot in an endpoint, and `true` if the endpoint restores it.
fn snapshot(endpoint: &str) -> Option<(&str, bool)> {
    let rest = endpoint.strip_prefix("snapshots/")?;
    let (name, restore) = rest.strip_suffix("/restore").map_or((rest, false), |name| (name, true));
    (!name.contains('/')).then_some((name, restore))
}

fn not_found(endpoint: &str, method: &Method) -> Problem {
    let pattern = match snapshot(endpoint) {
        Some((_, false)) => "snapshots/{name}",
        Some((_, true)) => "snapshots/{name}/restore",
        None => endpoint,
    };
    if let Some((_, allow)) = ENDPOINTS.iter().find(|(name, _)| *name == pattern) {
        return Problem::method_not_allowed(format!("{method} is not supported here; use {allow}"), allow);
    }
    let known: Vec<String> = ENDPOINTS.iter().map(|(name, _)| format!("{PREFIX}{name}")).collect();
    Problem::not_found(format!(
        "{PREFIX}{endpoint} does not exist; the endpoints are / and {}",
        known.join(", ")
    ))
}
