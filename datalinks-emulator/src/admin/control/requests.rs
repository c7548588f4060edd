//! The endpoint that streams past and future requests as server-sent events.
//!
//! A stream needs no task: it reads the request log when its reader polls it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use datalinks_gen::StreamKind;
use futures::StreamExt;
use futures::stream;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Serialize;

use crate::response::api_response::sse_with;
use crate::response::{ApiResponse, EventBytes};
use crate::runtime::RequestRecord;
use crate::runtime::clock::moment;
use crate::state::State;

/// The header that a browser sends when it reconnects to a stream.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    number: u64,
    received_at: DateTime<Utc>,
    /// Duration in milliseconds.
    elapsed_ms: f64,
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    operation: Option<&'a str>,
    status: u16,
    label: &'a str,
    fault: Option<&'a str>,
    id: &'a str,
}

pub(super) fn stream(state: &Arc<State>, headers: &HeaderMap) -> ApiResponse {
    let born = state.log.born();
    let seen = headers.get(LAST_EVENT_ID).and_then(|id| {
        let number = id.to_str().ok()?.strip_prefix(&format!("{born}."))?;
        number.parse::<u64>().ok()
    });
    let from = seen.map_or(0, |seen| seen.saturating_add(1));
    let position = (Arc::clone(state), state.log.changed(), from);
    let events = stream::unfold(position, |(state, mut changed, next)| async move {
        loop {
            // Marked before the log is read, so that no request in between is missed.
            changed.mark_unchanged();
            if let Some((number, record)) = state.log.from(next) {
                return Some((event(&state, number, &record), (state, changed, number.saturating_add(1))));
            }
            if changed.changed().await.is_err() {
                return None;
            }
        }
    });
    // The first event identifies the log, so that a reader that reconnects can detect another emulator.
    let first = sse_with(&[("retry", "1000"), ("event", "log")], &born);
    let first = stream::once(async { first });
    ApiResponse::events(StreamKind::Sse, first.chain(events).boxed())
        .header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

fn event(state: &State, number: u64, record: &RequestRecord) -> EventBytes {
    let event = Event {
        number,
        received_at: moment(record.when),
        elapsed_ms: record.elapsed.as_secs_f64() * 1000.0,
        method: &record.method,
        path: &record.path,
        query: record.query.as_deref(),
        operation: record.operation,
        status: record.status,
        label: record.label,
        fault: record.fault,
        id: &record.request_id,
    };
    sse_with(&[("id", &format!("{}.{number}", state.log.born()))], &event)
}
