//! The requests so far and those to come, as server-sent events.
//!
//! Nothing runs for a stream but the stream itself: it looks into the log when its reader wants more.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use datalinks_gen::StreamKind;
use futures::StreamExt;
use futures::stream;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Serialize;

use crate::response::answer::json_text;
use crate::response::{Answer, EventBytes};
use crate::runtime::RequestRecord;
use crate::runtime::clock::moment;
use crate::state::State;

/// What a browser sends when its stream broke and it comes again.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    number: u64,
    received_at: DateTime<Utc>,
    /// In milliseconds.
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

pub(super) fn stream(state: &Arc<State>, headers: &HeaderMap) -> Answer {
    let born = state.log.born();
    let seen = headers.get(LAST_EVENT_ID).and_then(|id| {
        let number = id.to_str().ok()?.strip_prefix(&format!("{born}."))?;
        number.parse::<u64>().ok()
    });
    let from = seen.map_or(0, |seen| seen.saturating_add(1));
    let place = (Arc::clone(state), state.log.changed(), from);
    let events = stream::unfold(place, |(state, mut changed, next)| async move {
        loop {
            // Marked as seen before looking, so that no request falls between the two.
            changed.mark_unchanged();
            if let Some((number, record)) = state.log.from(next) {
                return Some((event(&state, number, &record), (state, changed, number.saturating_add(1))));
            }
            if changed.changed().await.is_err() {
                return None;
            }
        }
    });
    // First which log this is, so that a reader who comes again knows whether to begin anew.
    let hello = Bytes::from(format!("retry: 1000\nevent: log\ndata: {born}\n\n"));
    let hello = stream::once(async { hello });
    Answer::events(StreamKind::Sse, hello.chain(events).boxed())
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
    Bytes::from(format!("id: {}.{number}\ndata: {}\n\n", state.log.born(), json_text(&event)))
}
