//! Scripted responses instead of a server, for unit tests.
//!
//! The script replaces the HTTP client below the transport, so that retries, time limits, redaction and decoding work as in
//! production. Ambiguous outcomes are detected as in production, too: a reply for a lost response reads the body of the request,
//! and a reply for a failed connection drops it unread.

mod error;
mod reply;
mod request;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::Method;
use reqwest::{Request, Response, ResponseBuilderExt as _};

pub(crate) use error::ScriptError;
pub use reply::Reply;
use reply::{Body, Outcome};
pub use request::RecordedRequest;

use super::send_error::SendError;
use crate::platform::clock;

/// Responds to requests with scripted replies, and records the requests.
#[derive(Default)]
pub(crate) struct Player(Mutex<State>);

impl fmt::Debug for Player {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Player").field("expected", &self.lock().expected).finish_non_exhaustive()
    }
}

/// A function that replies to requests.
type Responder = Arc<dyn Fn(&RecordedRequest) -> Reply + Send + Sync>;

#[derive(Default)]
struct State {
    expected: VecDeque<Expected>,
    /// The reply to requests that no expected reply matches.
    otherwise: Option<Reply>,
    /// Replies to requests that no expected reply matches, and takes precedence over `otherwise`.
    responder: Option<Responder>,
    recorded: Vec<RecordedRequest>,
    unexpected: Vec<String>,
}

/// A reply that was not used yet.
#[derive(Debug)]
struct Expected {
    /// Method and end of the path of the request, or `None` for any request.
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
        // A panic elsewhere cannot leave the state invalid.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a reply to a request with this method and end of the path, or to any request.
    pub(crate) fn expect(&self, request: Option<(Method, String)>, reply: Reply) {
        self.lock().expected.push_back(Expected { request, reply });
    }

    /// Sets the reply to requests that no expected reply matches.
    pub(crate) fn otherwise(&self, reply: Reply) {
        self.lock().otherwise = Some(reply);
    }

    /// Sets the function that replies to requests that no expected reply matches.
    pub(crate) fn respond_with(&self, responder: Responder) {
        self.lock().responder = Some(responder);
    }

    /// Returns the requests that were sent so far.
    pub(crate) fn recorded(&self) -> Vec<RecordedRequest> {
        self.lock().recorded.clone()
    }

    /// Describes requests without a reply and replies that were not used, or returns `None` if there are none.
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

    /// Removes the reply to a request from the script, and returns it. Returns `None` if the responder replies.
    fn take(&self, request: &Request) -> Result<Option<Reply>, ScriptError> {
        let mut state = self.lock();
        let index = state.expected.iter().position(|expected| expected.is_for(request));
        if let Some(expected) = index.and_then(|index| state.expected.remove(index)) {
            return Ok(Some(expected.reply));
        }
        if state.responder.is_some() {
            return Ok(None);
        }
        if let Some(reply) = &state.otherwise {
            return Ok(Some(reply.clone()));
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
    /// This method is not cancel safe. Dropping the future drops the request, and the reply counts as used.
    pub(super) async fn respond(&self, mut request: Request) -> Result<Response, SendError> {
        let reply = self.take(&request).map_err(SendError::Script)?;
        if reply.as_ref().is_some_and(|reply| matches!(reply.outcome, Outcome::NoConnection)) {
            // The body is dropped without being polled, so that the request counts as not sent.
            return Err(SendError::Script(ScriptError::NoConnection));
        }
        let body = match request.body_mut().take() {
            // Only the body of a response can be read as a whole.
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
        let reply = match reply {
            Some(reply) => {
                self.lock().recorded.push(recorded);
                reply
            }
            None => {
                // The function may use the script, so it is called without the lock. Its requests are not kept.
                let responder = self.lock().responder.clone();
                let Some(responder) = responder else { return Err(SendError::Script(ScriptError::Closed)) };
                responder(&recorded)
            }
        };
        if let Some(delay) = reply.delay {
            clock::sleep(delay).await;
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
        // The status and the URL are valid, so this does not fail.
        let response =
            response.body(reply::stream(chunks, end)).map_err(|_| SendError::Script(ScriptError::Closed))?;
        Ok(Response::from(response))
    }
}
