//! What the emulator says of itself, at `/` and below `/_emulator/`: no part of the API. It is open to this machine,
//! and to whoever has the key where other machines can reach the emulator.

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
use crate::response::{Answer, Problem};
use crate::state::State;

/// What the paths begin with.
const PREFIX: &str = "/_emulator/";

/// What the place of a single fault begins with. Its id follows.
const FAULT: &str = "faults/";

/// Where tools look for the document of an API, and its place here.
const OPENAPI_PATH: &str = "/openapi.json";
const OPENAPI: &str = "openapi.json";

/// The document of the API. Its servers are the emulator that serves it.
static DOCUMENT: &str = include_str!("openapi.json");

/// The places here, and what each is asked with.
const PLACES: &[(&str, &str)] = &[
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

/// The part of a path behind the prefix, empty for the page. `None`: the path belongs to the API.
pub(crate) fn place(path: &str) -> Option<&str> {
    match path {
        "/" => Some(""),
        OPENAPI_PATH => Some(OPENAPI),
        _ => path.strip_prefix(PREFIX),
    }
}

/// Answers a request to one of these places.
pub(crate) async fn answer(state: &Arc<State>, place: &str, request: Request<Body>) -> Answer {
    let (head, body) = request.into_parts();
    if let Err(refusal) = guard::check(&head, &state.settings) {
        discard(body).await;
        return refusal;
    }
    // A whole state may be larger than what a call brings.
    let is_import = place == "import";
    let limit = if is_import { state.settings.import_limit } else { state.settings.body_limit };
    let body = match content(body, &head.headers, limit).await {
        Ok(body) => body,
        Err(problem) if is_import && problem.status == StatusCode::PAYLOAD_TOO_LARGE => {
            return document_too_large(limit).into_answer();
        }
        Err(problem) => return problem.into_answer(),
    };
    let query = head.uri.query().unwrap_or_default();
    let answer = match (place, &head.method) {
        // These work in the background, and have turns of their own.
        ("overview", &Method::GET) => Ok(overview::read(state).await),
        ("rows", &Method::GET) => rows::read(state, query).await,
        ("export", &Method::GET) => state::export(state).await,
        ("import", &Method::PUT) => state::import(state, body).await,
        ("reset", &Method::POST) => state::reset(state).await,
        // These need no state, and wait for no replacement of it.
        ("coverage", &Method::GET) => Ok(coverage::read(state.models.as_ref())),
        ("faults", &Method::GET) => Ok(faults::read(state)),
        ("faults", &Method::POST) => faults::inject(state, &body),
        ("faults", &Method::DELETE) => Ok(faults::clear(state)),
        (place, &Method::DELETE) if place.starts_with(FAULT) => faults::remove(state, &place[FAULT.len()..]),
        (OPENAPI, &Method::GET) => Ok(Answer::file("application/json", DOCUMENT)),
        ("requests", &Method::GET) => Ok(requests::stream(state, &head.headers)),
        ("work", &Method::GET) => Ok(work::read()),
        ("clock" | "snapshots", _) => on_the_state(state, place, &head.method, &body).await,
        (place, method) => match (snapshot(place), method) {
            (Some((name, false)), &Method::POST) => state::snapshot(state, name).await,
            (Some((name, true)), &Method::POST) => state::restore(state, name).await,
            (Some((_, false)), &Method::DELETE) => on_the_state(state, place, method, &body).await,
            _ => page::file(place, method).unwrap_or_else(|| Err(nothing(place, method))),
        },
    };
    answer.unwrap_or_else(Problem::into_answer)
}

/// Answers a request that looks at the state or changes it at once.
async fn on_the_state(state: &State, place: &str, method: &Method, body: &Bytes) -> Result<Answer, Problem> {
    let _guard = state.generations.hold().await;
    match (place, method) {
        ("clock", &Method::GET) => Ok(clock::read(state)),
        ("clock", &Method::PUT) => clock::set(state, body),
        ("clock", &Method::DELETE) => clock::release(state),
        ("snapshots", &Method::GET) => state::snapshots(state),
        (place, method) => match (snapshot(place), method) {
            (Some((name, false)), &Method::DELETE) => state::delete(state, name),
            _ => Err(nothing(place, method)),
        },
    }
}

fn document_too_large(limit: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "PAYLOAD_TOO_LARGE",
        format!(
            "the document is larger than {limit} bytes; start the emulator with a larger import limit, or with a copy of \
             the directory of the state"
        ),
    )
}

/// The name of the snapshot in a place, and whether it is to be restored.
fn snapshot(place: &str) -> Option<(&str, bool)> {
    let rest = place.strip_prefix("snapshots/")?;
    let (name, restore) = rest.strip_suffix("/restore").map_or((rest, false), |name| (name, true));
    (!name.contains('/')).then_some((name, restore))
}

fn nothing(place: &str, method: &Method) -> Problem {
    let general = match snapshot(place) {
        Some((_, false)) => "snapshots/{name}",
        Some((_, true)) => "snapshots/{name}/restore",
        None => place,
    };
    if let Some((_, allow)) = PLACES.iter().find(|(name, _)| *name == general) {
        return Problem::method_not_allowed(format!("{method} is nothing here; use {allow}"), allow);
    }
    let places: Vec<String> = PLACES.iter().map(|(name, _)| format!("{PREFIX}{name}")).collect();
    Problem::not_found(format!("there is no {PREFIX}{place}; there are / and {}", places.join(", ")))
}
