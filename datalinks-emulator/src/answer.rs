//! What a handler answers, before it becomes an HTTP response.

use std::convert::Infallible;
use std::io;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use datalinks_gen::StreamKind;
use futures::stream::{BoxStream, StreamExt};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::label::{self, Label};

/// One event of a stream, in the bytes of its format.
pub(crate) type EventBytes = Bytes;

/// The answer to one request.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) label: Label,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) content: Content,
}

/// What an answer holds.
pub(crate) enum Content {
    Empty,
    Json(Vec<u8>),
    Html(String),
    Xml(String),
    /// Text of some media type, known from the start.
    File(&'static str, &'static str),
    Events(StreamKind, BoxStream<'static, EventBytes>),
    /// A stream that fails on purpose.
    Broken(StreamKind, BoxStream<'static, io::Result<EventBytes>>),
}

impl Answer {
    /// 200 without a body.
    pub(crate) fn empty() -> Self {
        Self::new(Content::Empty)
    }

    /// 200 with a JSON body.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self::new(Content::Json(body)),
            // Everything written here has text keys and finite numbers, so this is a bug's answer.
            Err(error) => Self::new(Content::Json(
                format!("{{\"error_code\":\"INTERNAL\",\"message\":\"cannot write the answer: {error:?}\"}}")
                    .into_bytes(),
            ))
            .status(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// 200 with a stream of events.
    pub(crate) fn events(kind: StreamKind, events: BoxStream<'static, EventBytes>) -> Self {
        Self::new(Content::Events(kind, events))
    }

    pub(crate) fn html(body: String) -> Self {
        Self::new(Content::Html(body))
    }

    pub(crate) fn xml(body: String) -> Self {
        Self::new(Content::Xml(body))
    }

    pub(crate) fn file(media_type: &'static str, text: &'static str) -> Self {
        Self::new(Content::File(media_type, text))
    }

    fn new(content: Content) -> Self {
        Self { status: StatusCode::OK, label: Label::Computed, headers: Vec::new(), content }
    }

    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn label(mut self, label: Label) -> Self {
        self.label = label;
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn into_response(self) -> Response {
        let (content_type, body) = match self.content {
            Content::Empty => (None, Body::empty()),
            Content::Json(body) => (Some("application/json"), Body::from(body)),
            Content::Html(body) => (Some("text/html; charset=utf-8"), Body::from(body)),
            Content::Xml(body) => (Some("application/xml"), Body::from(body)),
            Content::File(media_type, text) => (Some(media_type), Body::from(text)),
            Content::Events(kind, events) => {
                (Some(media_type(kind)), Body::from_stream(events.map(Ok::<_, Infallible>)))
            }
            Content::Broken(kind, events) => (Some(media_type(kind)), Body::from_stream(events)),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if let Some(content_type) = content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        headers.insert(label::HEADER, self.label.value());
        headers.extend(self.headers);
        response
    }
}

fn media_type(kind: StreamKind) -> &'static str {
    match kind {
        StreamKind::Sse => "text/event-stream",
        StreamKind::Ndjson => "application/x-ndjson",
    }
}

/// One server-sent event.
pub(crate) fn sse(event: &str, data: &impl Serialize) -> EventBytes {
    // JSON holds no raw line break, so one data line is enough.
    let data = serde_json::to_string(data).unwrap_or_else(|_| "{}".to_owned());
    Bytes::from(format!("event: {event}\ndata: {data}\n\n"))
}

/// One line of NDJSON.
pub(crate) fn ndjson(value: &impl Serialize) -> EventBytes {
    let mut line = serde_json::to_vec(value).unwrap_or_else(|_| b"{}".to_vec());
    line.push(b'\n');
    Bytes::from(line)
}
