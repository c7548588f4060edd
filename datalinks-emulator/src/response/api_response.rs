//! The response of a handler, before it becomes an HTTP response.

use std::io;
use std::panic::AssertUnwindSafe;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use datalinks_gen::StreamKind;
use futures::stream::{BoxStream, Stream, StreamExt};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::label::{self, Label};
use crate::concurrency::panics::Panicked;

/// One encoded event of a stream.
pub(crate) type EventBytes = Bytes;

/// The response to one request.
pub(crate) struct ApiResponse {
    pub(crate) status: StatusCode,
    pub(crate) label: Label,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) content: Content,
}

/// The content of a response.
pub(crate) enum Content {
    Empty,
    Json(Vec<u8>),
    Html(String),
    Xml(String),
    /// A constant file: its media type and its text.
    File(&'static str, &'static str),
    /// A body of another media type.
    Other(&'static str, Bytes),
    Events(StreamKind, BoxStream<'static, EventBytes>),
    /// A body that an injected fault changed.
    Broken(Broken),
}

/// A body that fails before its end because of an injected fault.
pub(crate) struct Broken {
    pub(crate) media_type: &'static str,
    /// The `Content-Length` to send, which is larger than the body.
    pub(crate) length: Option<usize>,
    pub(crate) body: BoxStream<'static, io::Result<Bytes>>,
}

impl Broken {
    pub(crate) fn stream(kind: StreamKind, body: BoxStream<'static, io::Result<Bytes>>) -> Self {
        Self { media_type: media_type(kind), length: None, body }
    }
}

impl Content {
    /// Returns the media type and the bytes of a buffered body. Fails with the content itself if it is empty or a stream.
    pub(crate) fn whole(self) -> Result<(&'static str, Bytes), Self> {
        match self {
            Self::Json(body) => Ok(("application/json", body.into())),
            Self::Html(body) => Ok(("text/html; charset=utf-8", body.into())),
            Self::Xml(body) => Ok(("application/xml", body.into())),
            Self::File(media_type, text) => Ok((media_type, Bytes::from_static(text.as_bytes()))),
            Self::Other(media_type, body) => Ok((media_type, body)),
            content @ (Self::Empty | Self::Events(..) | Self::Broken(_)) => Err(content),
        }
    }
}

impl ApiResponse {
    /// Creates a response with status 200 and without a body.
    pub(crate) fn empty() -> Self {
        Self::new(Content::Empty)
    }

    /// Creates a response with status 200 and a JSON body.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self::new(Content::Json(body)),
            // All values serialized here have string keys and finite numbers, so an error is a defect.
            Err(error) => Self::new(Content::Json(
                format!(
                    "{{\"error_code\":\"INTERNAL\",\"message\":\"cannot write the response: {error:?}\"}}"
                )
                .into_bytes(),
            ))
            .status(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// Creates a response with status 200 and a stream of events.
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

    /// Creates a response with status 200 and a buffered NDJSON body.
    pub(crate) fn ndjson(body: Vec<u8>) -> Self {
        Self::new(Content::Other(media_type(StreamKind::Ndjson), body.into()))
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
        let mut length = None;
        let (content_type, body) = match self.content.whole() {
            Ok((media_type, body)) => (Some(media_type), Body::from(body)),
            Err(Content::Events(kind, events)) => {
                (Some(media_type(kind)), Body::from_stream(guarded(kind, events)))
            }
            Err(Content::Broken(broken)) => {
                length = broken.length;
                (Some(broken.media_type), Body::from_stream(broken.body))
            }
            Err(_) => (None, Body::empty()),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if let Some(content_type) = content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if let Some(length) = length {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        headers.insert(label::HEADER, self.label.value());
        headers.extend(self.headers);
        response
    }
}

/// Ends a stream with an error if it panics. A normal end would mean that the stream is complete.
fn guarded(
    kind: StreamKind,
    events: BoxStream<'static, EventBytes>,
) -> impl Stream<Item = io::Result<Bytes>> {
    AssertUnwindSafe(events).catch_unwind().map(move |event| {
        event.map_err(|panic| {
            let panicked = Panicked::new(panic.as_ref());
            tracing::error!(stream = media_type(kind), panic = %panicked, "a stream panicked and was aborted");
            io::Error::other("the emulator failed in the middle of a stream; report this as a defect")
        })
    })
}

pub(crate) fn media_type(kind: StreamKind) -> &'static str {
    match kind {
        StreamKind::Sse => "text/event-stream",
        StreamKind::Ndjson => "application/x-ndjson",
    }
}

/// Encodes one server-sent event.
pub(crate) fn sse(event: &str, data: &impl Serialize) -> EventBytes {
    sse_with(&[("event", event)], data)
}

/// Encodes one server-sent event without a name.
pub(crate) fn nameless_sse(data: &impl Serialize) -> EventBytes {
    sse_with(&[], data)
}

/// Encodes one server-sent event with fields such as `id` before its data. The fields must not contain line breaks.
pub(crate) fn sse_with(fields: &[(&str, &str)], data: &impl Serialize) -> EventBytes {
    let mut text = String::new();
    for (name, value) in fields {
        text.extend([name, ": ", value, "\n"]);
    }
    // JSON contains no raw line break, so one data line is enough.
    text.extend(["data: ", &json_text(data), "\n\n"]);
    Bytes::from(text)
}

/// Encodes one line of NDJSON.
pub(crate) fn ndjson(value: &impl Serialize) -> EventBytes {
    let mut line = json_text(value);
    line.push('\n');
    Bytes::from(line)
}

/// Serializes an event as JSON. Events are structs with string keys, so only a defect can cause an error, which is returned
/// as an error event.
fn json_text(event: &impl Serialize) -> String {
    serde_json::to_string(event).unwrap_or_else(|error| {
        tracing::error!(%error, "cannot serialize an event");
        let message = format!("the emulator cannot write this event: {error}; report this as a defect");
        format!("{{\"type\":\"error\",\"message\":{}}}", serde_json::Value::from(message))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn event_has_its_fields_before_one_data_line() {
        let data = json!({ "a": "b\nc" });
        assert_eq!(nameless_sse(&data), "data: {\"a\":\"b\\nc\"}\n\n");
        assert_eq!(sse("plan", &data), "event: plan\ndata: {\"a\":\"b\\nc\"}\n\n");
        assert_eq!(sse_with(&[("retry", "1000"), ("id", "7.1")], &8), "retry: 1000\nid: 7.1\ndata: 8\n\n");
    }
}
