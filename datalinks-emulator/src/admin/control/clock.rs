//! The endpoint that reads, sets, advances and releases the clock.

use chrono::{DateTime, Utc};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::response::{ApiResponse, Problem};
use crate::runtime::clock::is_writable;
use crate::state::State;

/// The time of the clock.
#[derive(Serialize)]
pub(super) struct ClockReport {
    now: String,
    /// `true` if the clock was set and is stopped.
    stopped: bool,
}

impl ClockReport {
    pub(super) fn of(state: &State) -> Self {
        Self { now: state.clock.now().to_rfc3339(), stopped: state.clock.is_set() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    now: Option<DateTime<Utc>>,
    advance: Option<SignedDuration>,
}

pub(super) fn read(state: &State) -> ApiResponse {
    ApiResponse::json(&ClockReport::of(state))
}

/// Sets or advances the clock, and stops it there.
pub(super) fn set(state: &State, body: &[u8]) -> Result<ApiResponse, Problem> {
    let advice = "send {\"now\": \"2026-01-31T12:00:00Z\"} or {\"advance\": \"1h 30m\"}";
    let rejected = |reason: &str| Problem::bad_request(format!("{reason}; {advice}"));
    match serde_json::from_slice(body).map_err(|error| rejected(&format!("the body is invalid: {error}")))? {
        ClockChange { now: Some(now), advance: None } if !is_writable(now) => {
            return Err(rejected("now: must be within the years 0 to 9999"));
        }
        ClockChange { now: Some(now), advance: None } => state.transaction(|| state.clock.set(now))?,
        ClockChange { now: None, advance: Some(by) } => {
            let by = by.try_into().map_err(|_| rejected("advance: must not be negative"))?;
            state.transaction(|| state.clock.advance(by))?;
        }
        _ => return Err(rejected("expected exactly one of now, advance")),
    }
    Ok(read(state))
}

/// Makes the clock follow the system clock again.
pub(super) fn release(state: &State) -> Result<ApiResponse, Problem> {
    state.transaction(|| state.clock.release())?;
    Ok(read(state))
}
