//! What the emulator says of itself, at `/` and below `/_emulator/`: no part of the API, and open to whoever
//! reaches the emulator, which is this machine.

mod clock;
mod coverage;
mod faults;
mod guard;
mod overview;
mod requests;
mod rows;

use std::sync::Arc;

use axum::body::Body;
use http::{Method, Request};

use crate::answer::Answer;
use crate::dispatch::App;
use crate::intake::collect;
use crate::page;
use crate::problem::Problem;

/// What the paths begin with.
const PREFIX: &str = "/_emulator/";

/// What the place of a single fault begins with. Its id follows.
const FAULT: &str = "faults/";

/// The places here, and what each is asked with.
const PLACES: &[(&str, &str)] = &[
    ("clock", "GET, PUT, DELETE"),
    ("coverage", "GET"),
    ("faults", "GET, POST, DELETE"),
    ("overview", "GET"),
    ("requests", "GET"),
    ("rows", "GET"),
];

/// The part of a path behind the prefix, empty for the page. `None`: the path belongs to the API.
pub(crate) fn place(path: &str) -> Option<&str> {
    if path == "/" { Some("") } else { path.strip_prefix(PREFIX) }
}

/// Answers a request to one of these places.
pub(crate) async fn answer(app: &Arc<App>, place: &str, request: Request<Body>) -> Answer {
    let (head, body) = request.into_parts();
    let body = collect(body, app.state.settings.body_limit).await;
    let allowed = guard::check(&head.headers, app.state.settings.other_hosts);
    let state = &app.state;
    let answer = allowed.and(body).and_then(|body| match (place, &head.method) {
        ("clock", &Method::GET) => Ok(clock::read(state)),
        ("clock", &Method::PUT) => clock::set(state, &body),
        ("clock", &Method::DELETE) => Ok(clock::release(state)),
        ("coverage", &Method::GET) => Ok(coverage::read(state.models.as_ref())),
        ("faults", &Method::GET) => Ok(faults::read(state)),
        ("faults", &Method::POST) => faults::inject(state, &body),
        ("faults", &Method::DELETE) => Ok(faults::clear(state)),
        ("overview", &Method::GET) => Ok(overview::read(&app.state)),
        ("requests", &Method::GET) => Ok(requests::stream(&app.state, &head.headers)),
        ("rows", &Method::GET) => rows::read(&app.state, head.uri.query().unwrap_or_default()),
        (place, &Method::DELETE) if place.starts_with(FAULT) => faults::remove(state, &place[FAULT.len()..]),
        (place, method) => page::file(place, method).unwrap_or_else(|| Err(nothing(place, method))),
    });
    answer.unwrap_or_else(Problem::into_answer)
}

fn nothing(place: &str, method: &Method) -> Problem {
    if let Some((_, allow)) = PLACES.iter().find(|(name, _)| *name == place) {
        return Problem::method_not_allowed(format!("{method} is nothing here; use {allow}"), allow);
    }
    let places: Vec<String> = PLACES.iter().map(|(name, _)| format!("{PREFIX}{name}")).collect();
    Problem::not_found(format!("there is no {PREFIX}{place}; there are / and {}", places.join(", ")))
}
