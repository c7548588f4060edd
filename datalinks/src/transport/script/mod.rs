//! Responses by a script instead of a server, for unit tests.
//!
//! The script stands where the transport would call the HTTP client, so that retries, time limits, redaction and
//! decoding work as in production. Whether a request was sent is found out in the same way, too: a reply that stands for
//! a lost response takes the body, and one that stands for a failed connection does not.

mod error;
mod reply;
mod request;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use http::Method;
use reqwest::{Request, Response, ResponseBuilderExt as _};

pub(crate) use error::ScriptError;
pub use reply::Reply;
use reply::{Body, Outcome};
pub use request::RecordedRequest;

use super::send_error::SendError;

/// Responds to requests as its script says, and records them.
#[derive(Debug, Default)]
pub(crate) struct Player(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    expected: VecDeque<Expected>,
    /// The reply to everything else.
    otherwise: Option<Reply>,
    recorded: Vec<RecordedRequest>,
    unexpected: Vec<String>,
}

/// A reply that waits for its request.
#[derive(Debug)]
struct Expected {
    /// Method and end of the path; `None` for any request.
    request: Option<(Method, String)>,
    reply: Reply,
}

impl Expected {
    fn is_for(&self, request: &Request) -> bool {
        self.request.as_ref().is_none_or(|(method, path)| {
            request.method() == method && request.url().path().ends_with(path.as_str())
        })
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.request {
            Some((method, path)) => write!(f, "{} to {method} …{path}", self.reply),
            None => write!(f, "{} to any request", self.reply),
        }
    }
}

impl Player {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked elsewhere leaves a valid state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a reply to a request with this method and end of its path, or to any.
    pub(crate) fn expect(&self, request: Option<(Method, String)>, reply: Reply) {
        self.lock().expected.push_back(Expected { request, reply });
    }

    /// Sets the reply to requests that nothing else is for.
    pub(crate) fn otherwise(&self, reply: Reply) {
        self.lock().otherwise = Some(reply);
    }

    /// Returns the requests so far.
    pub(crate) fn recorded(&self) -> Vec<RecordedRequest> {
        self.lock().recorded.clone()
    }

    /// Returns what did not go as the script says; `None` if everything did.
    pub(crate) fn deviations(&self) -> Option<String> {
        let state = self.lock();
        let mut found = Vec::new();
        if !state.unexpected.is_empty() {
            found.push(format!("no reply was left for {}", state.unexpected.join(", ")));
        }
        if !state.expected.is_empty() {
            let unused: Vec<String> = state.expected.iter().map(Expected::to_string).collect();
            found.push(format!("no request came for {}", unused.join(", ")));
        }
        (!found.is_empty()).then(|| found.join("; "))
    }

    /// Takes the reply to a request out of the script.
    fn take(&self, request: &Request) -> Result<Reply, ScriptError> {
        let mut state = self.lock();
        let index = state.expected.iter().position(|expected| expected.is_for(request));
        if let Some(expected) = index.and_then(|index| state.expected.remove(index)) {
            return Ok(expected.reply);
        }
        if let Some(reply) = &state.otherwise {
            return Ok(reply.clone());
        }
        let line = request::line(request.method(), request.url());
        let what = format!("the script has no reply for {line}");
        state.unexpected.push(line);
        Err(ScriptError::Unexpected(what))
    }

    /// Returns the scripted response to `request`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the request. The reply is used up.
    pub(super) async fn respond(&self, mut request: Request) -> Result<Response, SendError> {
        let reply = self.take(&request).map_err(SendError::Script)?;
        if matches!(reply.outcome, Outcome::NoConnection) {
            // The body is dropped here and was never polled: nothing was sent.
            return Err(SendError::Script(ScriptError::NoConnection));
        }
        let body = match request.body_mut().take() {
            // Only the body of a response can be read whole.
            Some(body) => Response::from(http::Response::new(body)).bytes().await?,
            None => Default::default(),
        };
        let url = request.url().clone();
        let recorded = RecordedRequest {
            method: request.method().clone(),
            url: url.clone(),
            headers: request.headers().clone(),
            body,
        };
        self.lock().recorded.push(recorded);
        if let Some(delay) = reply.delay {
            tokio::time::sleep(delay).await;
        }
        let Body { chunks, end } = match reply.outcome {
            Outcome::Response(body) => body,
            Outcome::Silence => std::future::pending().await,
            Outcome::NoConnection | Outcome::Closed => return Err(SendError::Script(ScriptError::Closed)),
        };
        let mut response = http::Response::builder().status(reply.status).url(url);
        if let Some(headers) = response.headers_mut() {
            *headers = reply.headers;
        }
        // A status and an address that are valid already.
        let response =
            response.body(reply::stream(chunks, end)).map_err(|_| SendError::Script(ScriptError::Closed))?;
        Ok(Response::from(response))
    }
}
