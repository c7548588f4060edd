//! The application of a fault to a call: an error response instead of the call, or a changed response.

use std::io;

use axum::response::Response;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::connection_control::ConnectionControl;
use super::effect::Effect;
use super::garbage;
use super::list::ActiveFault;
use crate::response::api_response::media_type;
use crate::response::{ApiResponse, Broken, Content, EventBytes, Label, Problem};
use crate::uploads::storage;

/// The header that names the injected fault that acted on a response.
const FAULT: HeaderName = HeaderName::from_static("x-datalinks-emulator-fault");

/// The part of the emulator that responds, which determines the format of errors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    Api,
    Storage,
}

/// Returns the error response of a fault that prevents a call from running, or `None` if the fault lets it run.
pub(crate) fn error_response(fault: &ActiveFault, side: Side, now: DateTime<Utc>) -> Option<ApiResponse> {
    let response = match fault.effect {
        Effect::Status(status) => {
            let message = format!("status {status}, injected as a fault; try again or clear the faults");
            match side {
                Side::Api => Problem::new(code(status), "INJECTED_FAULT", message).into_api_response(),
                Side::Storage => storage::rejection(code(status), "InjectedFault", &message),
            }
        }
        Effect::Html(status) => {
            let status = code(status);
            let title = status.to_string();
            let page =
                format!("<!doctype html><title>{title}</title><h1>{title}</h1><p>Injected as a fault.</p>\n");
            ApiResponse::html(page).status(status)
        }
        Effect::ExpiredUrl => {
            let before = now.checked_sub_signed(TimeDelta::seconds(1)).unwrap_or(now);
            storage::expired(before, now)
        }
        _ => return None,
    };
    let response = response.label(Label::Scripted);
    Some(match fault.retry_after.as_deref().map(HeaderValue::from_str) {
        Some(Ok(value)) => response.header(header::RETRY_AFTER, value),
        _ => response,
    })
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Applies a fault to the response of a call that ran.
pub(crate) fn apply_fault(
    mut response: ApiResponse,
    fault: &ActiveFault,
    control: &ConnectionControl,
) -> Response {
    response = response.header(FAULT, HeaderValue::from_static(fault.effect.name()));
    let noise = fault.noise;
    response.content = match (&fault.effect, response.content) {
        (Effect::CutAfter(events), Content::Events(kind, stream)) => {
            Content::Broken(Broken::stream(kind, cut(stream.take(*events).boxed(), control)))
        }
        (Effect::CutBytes(bytes), Content::Events(kind, stream)) => {
            Content::Broken(Broken::stream(kind, cut(first_bytes(stream, *bytes), control)))
        }
        (Effect::CutBytes(bytes), content) => cut_whole(content, *bytes, control),
        (Effect::EndAfter(events), Content::Events(kind, stream)) => {
            Content::Events(kind, stream.take(*events).boxed())
        }
        (Effect::TruncateBody, Content::Json(mut body)) => {
            body.truncate(body.len() / 2);
            Content::Json(body)
        }
        (Effect::Garbage, Content::Events(kind, _)) => {
            Content::Other(media_type(kind), garbage::bytes(noise))
        }
        (Effect::Garbage, content) => match content.whole() {
            Ok((media_type, _)) => Content::Other(media_type, garbage::bytes(noise)),
            Err(content) => content,
        },
        (Effect::GarbageAfter(events), Content::Events(kind, stream)) => {
            let events = *events;
            let garbled = stream.enumerate().map(move |(index, event)| {
                if index == events { garbage::event(kind, &event, noise) } else { event }
            });
            Content::Events(kind, garbled.boxed())
        }
        (Effect::RepeatEvent(events), Content::Events(kind, stream)) => {
            let events = *events;
            let repeated = stream.enumerate().flat_map(move |(index, event)| {
                stream::iter(vec![event; if index == events { 2 } else { 1 }])
            });
            Content::Events(kind, repeated.boxed())
        }
        (_, content) => content,
    };
    if fault.effect == Effect::LoseResponse {
        control.cut();
    }
    let mut http = response.into_response();
    if let Effect::WithoutHeader(name) = &fault.effect {
        http.headers_mut().remove(name.as_str());
    }
    http
}

/// Appends an error to a stream. The server closes the connection when a body fails, so the client cannot mistake the end
/// for a complete response.
fn cut(
    stream: BoxStream<'static, EventBytes>,
    control: &ConnectionControl,
) -> BoxStream<'static, io::Result<Bytes>> {
    let control = control.clone();
    let broken = stream::once(async move {
        control.flushed().await;
        Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut by an injected fault"))
    });
    stream.map(Ok).chain(broken).boxed()
}

/// Returns the first bytes of a stream. The result ends after these bytes without waiting for another event.
fn first_bytes(events: BoxStream<'static, EventBytes>, bytes: usize) -> BoxStream<'static, EventBytes> {
    stream::unfold((events, bytes), |(mut events, remaining)| async move {
        if remaining == 0 {
            return None;
        }
        let mut event = events.next().await?;
        event.truncate(remaining);
        let remaining = remaining - event.len();
        Some((event, (events, remaining)))
    })
    .boxed()
}

/// Cuts a body after this many bytes, with the `Content-Length` of the whole body. A shorter body stays whole.
fn cut_whole(content: Content, bytes: usize, control: &ConnectionControl) -> Content {
    match content.whole() {
        Ok((media_type, body)) if body.len() > bytes => {
            let length = body.len();
            let first = stream::iter([body.slice(..bytes)]);
            Content::Broken(Broken { media_type, length: Some(length), body: cut(first.boxed(), control) })
        }
        Ok((media_type, body)) => Content::Other(media_type, body),
        Err(content) => content,
    }
}
