//! What the emulator says of itself, below `/_emulator/`: no part of the API, and open to whoever reaches the
//! emulator, which is this machine.

mod coverage;

use std::sync::Arc;

use axum::body::Body;
use http::{Method, Request};

use crate::answer::Answer;
use crate::dispatch::App;
use crate::intake::collect;
use crate::problem::Problem;

/// What the paths begin with.
const PREFIX: &str = "/_emulator/";

/// The part of a path behind the prefix. `None`: the path belongs to the API.
pub(crate) fn place(path: &str) -> Option<&str> {
    path.strip_prefix(PREFIX)
}

/// Answers a request to one of these places.
pub(crate) async fn answer(app: &Arc<App>, place: &str, request: Request<Body>) -> Answer {
    let (head, body) = request.into_parts();
    let body = collect(body, app.state.settings.body_limit).await;
    let answer = body.and_then(|_| match (place, head.method) {
        ("coverage", Method::GET) => Ok(coverage::read()),
        ("coverage", method) => {
            Err(Problem::method_not_allowed(format!("{method} is nothing here; use GET"), "GET"))
        }
        _ => Err(Problem::not_found(format!("there is no {PREFIX}{place}; there is {PREFIX}coverage"))),
    });
    answer.unwrap_or_else(Problem::into_answer)
}
