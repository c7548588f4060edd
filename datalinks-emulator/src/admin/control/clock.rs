//! The clock: read, set, moved on, let go.

use chrono::{DateTime, Utc};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::response::{Answer, Problem};
use crate::runtime::clock::is_writable;
use crate::state::State;

/// What a clock shows.
#[derive(Serialize)]
pub(super) struct ClockReport {
    now: String,
    /// Whether it was set, and does not go.
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

pub(super) fn read(state: &State) -> Answer {
    Answer::json(&ClockReport::of(state))
}

/// Sets the clock, or moves it on, and stops it there.
pub(super) fn set(state: &State, body: &[u8]) -> Result<Answer, Problem> {
    let wanted = "send {\"now\": \"2026-01-31T12:00:00Z\"} or {\"advance\": \"1h 30m\"}";
    let refused = |what: &str| Problem::bad_request(format!("{what}; {wanted}"));
    match serde_json::from_slice(body).map_err(|error| refused(&format!("the body does not fit: {error}")))? {
        ClockChange { now: Some(now), advance: None } if !is_writable(now) => {
            return Err(refused("now: is outside the years 0 to 9999"));
        }
        ClockChange { now: Some(now), advance: None } => state.transaction(|| state.clock.set(now))?,
        ClockChange { now: None, advance: Some(by) } => {
            let by = by.try_into().map_err(|_| refused("the clock moves forward only, unless it is set"))?;
            state.transaction(|| state.clock.advance(by))?;
        }
        _ => return Err(refused("one of now and advance is wanted")),
    }
    Ok(read(state))
}

/// Lets the clock go with the machine's again.
pub(super) fn release(state: &State) -> Result<Answer, Problem> {
    state.transaction(|| state.clock.release())?;
    Ok(read(state))
}
