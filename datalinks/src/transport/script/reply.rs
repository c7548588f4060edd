//! Replies of a script.

use std::{fmt, time::Duration};

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde::Serialize;

use super::error::ScriptError;

/// The reply of a [`Script`](crate::testing::Script) to one request: a response, or a failure of the connection.
///
/// # Examples
///
/// ```
/// use datalinks::testing::Reply;
///
/// let busy = Reply::status(503).header("retry-after", "1");
/// let missing = Reply::error(404, "DATASET_NOT_FOUND", "the dataset does not exist");
/// let events = Reply::event_stream(["event: answer\n", "data: {\"response\": \"42\"}\n\n"]);
/// let interrupted = Reply::event_stream(["event: plan\ndata: {}\n\n"]).then_interrupted();
/// # let _ = (busy, missing, events, interrupted);
/// ```
#[derive(Clone, Debug)]
pub struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) outcome: Outcome,
    pub(super) delay: Option<Duration>,
}

#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Response(Body),
    /// The request is sent, and no response follows.
    Silence,
    /// The request is sent, and the connection closes.
    Closed,
    /// The request is not sent.
    NoConnection,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    pub(super) chunks: Vec<Bytes>,
    pub(super) end: End,
}

/// The event after the last chunk of a body.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum End {
    #[default]
    Whole,
    Interrupted,
    Silent,
}

/// The error body of the API.
#[derive(Serialize)]
struct Problem<'a> {
    error_code: &'a str,
    message: &'a str,
}

impl Reply {
    fn new(status: u16, outcome: Outcome) -> Self {
        let status = StatusCode::from_u16(status)
            .unwrap_or_else(|_| panic!("{status} is not an HTTP status; use one from 100 to 999"));
        Self { status, headers: HeaderMap::new(), outcome, delay: None }
    }

    fn of_type(content_type: &'static str, chunks: Vec<Bytes>) -> Self {
        let mut reply = Self::new(200, Outcome::Response(Body { chunks, end: End::Whole }));
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        reply
    }

    /// Creates a response with a JSON body and status 200.
    ///
    /// # Panics
    ///
    /// Panics if the value cannot be encoded as JSON.
    pub fn json(value: impl Serialize) -> Self {
        let body = serde_json::to_vec(&value)
            .unwrap_or_else(|error| panic!("the reply cannot be encoded as JSON: {error}"));
        Self::of_type("application/json", vec![body.into()])
    }

    /// Creates a response without a body.
    ///
    /// # Panics
    ///
    /// Panics if `status` is not from 100 to 999.
    pub fn status(status: u16) -> Self {
        Self::new(status, Outcome::Response(Body::default()))
    }

    /// Creates a response with the error body of the API.
    ///
    /// # Panics
    ///
    /// Panics if `status` is not from 100 to 999.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let problem = Problem { error_code: code, message };
        Self::json(problem).with_status(status)
    }

    /// Creates a response with this body and `Content-Type`, and status 200.
    ///
    /// # Panics
    ///
    /// Panics if the content type is not valid in an HTTP header.
    pub fn body(content_type: &str, body: impl Into<Bytes>) -> Self {
        Self::new(200, Outcome::Response(Body { chunks: vec![body.into()], end: End::Whole }))
            .header("content-type", content_type)
    }

    /// Creates a stream of server-sent events, such as that of a question. The chunks arrive one at a time, and may end within an
    /// event.
    pub fn event_stream<C: Into<Bytes>>(chunks: impl IntoIterator<Item = C>) -> Self {
        Self::of_type("text/event-stream", chunks.into_iter().map(Into::into).collect())
    }

    /// Creates a stream of JSON lines, such as that of a pipeline run. The chunks arrive one at a time, and may end within a
    /// line.
    pub fn json_lines<C: Into<Bytes>>(chunks: impl IntoIterator<Item = C>) -> Self {
        Self::of_type("application/x-ndjson", chunks.into_iter().map(Into::into).collect())
    }

    /// Creates a failed connection. The request is not sent, and the outcome is not ambiguous.
    pub fn no_connection() -> Self {
        Self::new(200, Outcome::NoConnection)
    }

    /// Creates a lost response. The connection closes after the request and before the response, and the outcome is ambiguous.
    pub fn lost_response() -> Self {
        Self::new(200, Outcome::Closed)
    }

    /// Creates a missing response. The request is sent, and a time limit ends the call. A test on paused time
    /// (`tokio::time::pause`) does not wait.
    pub fn no_response() -> Self {
        Self::new(200, Outcome::Silence)
    }

    /// Sets the status.
    ///
    /// # Panics
    ///
    /// Panics if `status` is not from 100 to 999.
    pub fn with_status(self, status: u16) -> Self {
        Self { status: Self::status(status).status, ..self }
    }

    /// Adds a header.
    ///
    /// # Panics
    ///
    /// Panics if the name or the value is not valid in an HTTP header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let parsed = name.parse::<HeaderName>().ok().zip(HeaderValue::from_str(value).ok());
        let Some((key, value)) = parsed else { panic!("{name}: {value:?} is not a header") };
        self.headers.append(key, value);
        self
    }

    /// Sets the delay between the request and the response, or the end of the connection. Defaults to no delay.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// Closes the connection after the last chunk, before the end of the body.
    pub fn then_interrupted(self) -> Self {
        self.ending(End::Interrupted)
    }

    /// Keeps the connection open after the last chunk, without sending more.
    pub fn then_silent(self) -> Self {
        self.ending(End::Silent)
    }

    fn ending(mut self, end: End) -> Self {
        if let Outcome::Response(body) = &mut self.outcome {
            body.end = end;
        }
        self
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Outcome::Response(_) => write!(f, "the reply {}", self.status),
            Outcome::Silence => f.write_str("the missing response"),
            Outcome::Closed => f.write_str("the lost response"),
            Outcome::NoConnection => f.write_str("the failed connection"),
        }
    }
}

/// Returns the body of a response.
pub(super) fn stream(chunks: Vec<Bytes>, end: End) -> reqwest::Body {
    let chunks = stream::iter(chunks.into_iter().map(Ok::<_, ScriptError>));
    match end {
        End::Whole => reqwest::Body::wrap_stream(chunks),
        End::Interrupted => {
            let broken = stream::once(std::future::ready(Err::<Bytes, _>(ScriptError::Closed)));
            reqwest::Body::wrap_stream(chunks.chain(broken))
        }
        End::Silent => {
            reqwest::Body::wrap_stream(chunks.chain(stream::pending::<Result<Bytes, ScriptError>>()))
        }
    }
}
