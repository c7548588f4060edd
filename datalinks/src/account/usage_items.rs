//! Items of usage: one use of models, or all of one day.

use chrono::{DateTime, NaiveDate, Utc};
use datalinks_gen::{Row, api::types};
use serde::Serialize;

use crate::types::from_wire;

/// One use of models. It does not refer to a run, an ingestion or a dataset.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageItem {
    /// Time of the use.
    pub timestamp: DateTime<Utc>,
    /// Number of tokens used.
    pub tokens_used: i64,
    /// Cost in US dollars.
    #[serde(rename = "costUSD")]
    pub cost_usd: f64,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

/// The use of models on one day.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageDay {
    /// The day.
    pub date: NaiveDate,
    /// Number of tokens used.
    pub tokens_used: i64,
    /// Cost in US dollars.
    #[serde(rename = "costUSD")]
    pub cost_usd: f64,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl UsageItem {
    /// Creates one use of models.
    pub fn new(timestamp: DateTime<Utc>, tokens_used: i64, cost_usd: f64) -> Self {
        Self { timestamp, tokens_used, cost_usd, extra: Row::new() }
    }
}

impl UsageDay {
    /// Creates the use of models on one day.
    pub fn new(date: NaiveDate, tokens_used: i64, cost_usd: f64) -> Self {
        Self { date, tokens_used, cost_usd, extra: Row::new() }
    }
}

from_wire! { UsageItem = types::UserUsageHistoryItem { timestamp, tokens_used, cost_usd, extra } }

from_wire! { UsageDay = types::UserUsageByDayItem { date, tokens_used, cost_usd, extra } }
