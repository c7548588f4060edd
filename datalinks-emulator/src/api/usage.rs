//! Handlers that report token usage.

use std::ops::Bound;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::call::OperationCall;
use super::time::{timestamp, timestamp_of, written};
use crate::request::query_string::{page_size, text};
use crate::response::{ApiResponse, Label, Problem};
use crate::usage::{self, Use};

#[derive(Serialize)]
struct Page {
    data: Vec<Item>,
    meta: Meta,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    timestamp: String,
    tokens_used: u64,
    #[serde(rename = "costUSD")]
    cost: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    /// `None` if the page is empty: no page follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_cursor: Option<Cursor>,
    page_size: usize,
}

/// The last item of a page. The next page starts behind it.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cursor {
    last_start_time: String,
    last_observation_id: String,
}

#[derive(Serialize)]
struct Days {
    data: Vec<Day>,
    meta: DaysMeta,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Day {
    date: String,
    tokens_used: u64,
    #[serde(rename = "costUSD")]
    cost: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DaysMeta {
    time_zone_for_aggregation: String,
}

pub(super) fn history(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let page_size = page_size(call.query)?;
    let cursor = text(call.query, "pageCursor")?.map(|text| cursor(&text)).transpose()?;
    let mut uses = uses(call)?;
    if let Some((at, number)) = cursor {
        // If the cursor's number is not one of the emulator's, all items with its timestamp are skipped.
        uses.retain(|(own, used)| (used.at, *own) > (at, number.unwrap_or(u64::MAX)));
    }
    uses.truncate(page_size);
    let page_cursor = uses.last().map(|(number, used)| Cursor {
        last_start_time: written(used.at),
        last_observation_id: number.to_string(),
    });
    let data = uses.into_iter().map(|(_, used)| Item {
        timestamp: written(used.at),
        tokens_used: used.tokens,
        cost: usage::cost(used.tokens),
    });
    Ok(ApiResponse::json(&Page { data: data.collect(), meta: Meta { page_cursor, page_size } }))
}

pub(super) fn by_day(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let name = text(call.query, "timeZoneForAggregation")?.unwrap_or_else(|| "UTC".to_owned());
    let zone = usage::zone(&name).ok_or_else(|| {
        Problem::bad_request(format!(
            "timeZoneForAggregation: there is no time zone {name:?}; use an IANA name such as Europe/Berlin"
        ))
    })?;
    let uses = uses(call)?.into_iter().map(|(_, used)| used);
    let data = usage::by_day(uses, &zone).into_iter().map(|day| Day {
        date: day.date.to_string(),
        tokens_used: day.tokens,
        cost: usage::cost(day.tokens),
    });
    Ok(ApiResponse::json(&Days { data: data.collect(), meta: DaysMeta { time_zone_for_aggregation: name } }))
}

/// Returns the caller's uses in the requested period.
fn uses(call: &OperationCall<'_>) -> Result<Vec<(u64, Use)>, Problem> {
    let from = timestamp_of(call, "onOrAfter")?.map_or(Bound::Unbounded, Bound::Included);
    let until = timestamp_of(call, "before")?.map_or(Bound::Unbounded, Bound::Excluded);
    let uses = call.state.usage.of(&call.caller.user, &(from, until));
    if !uses.is_empty() {
        // The price is the emulator's own, and so are the token counts of rules in the place of a model.
        call.provenance.note(Label::PartlyScripted);
    }
    Ok(uses)
}

/// Parses the timestamp and number of the item that a page starts behind.
fn cursor(text: &str) -> Result<(DateTime<Utc>, Option<u64>), Problem> {
    let cursor: Cursor = serde_json::from_str(text).map_err(|error| {
        Problem::bad_request(format!("pageCursor: {error}; send the pageCursor of the page before as JSON"))
    })?;
    let at = timestamp("pageCursor.lastStartTime", &cursor.last_start_time)?;
    Ok((at, cursor.last_observation_id.parse().ok()))
}
