//! `datalinks usage total`.

use clap::Args;
use serde::Serialize;

use super::period::Period;
use crate::failure::Result;
use crate::session::Session;

/// Show the sum of the usage
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks usage total --from 2026-08-01 --until 2026-09-01")]
pub(super) struct Arguments {
    #[command(flatten)]
    period: Period,
}

/// The sum of the usage.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Total {
    /// First day with a use, in UTC, or `null`.
    first_day: Option<String>,
    /// Last day with a use, in UTC, or `null`.
    last_day: Option<String>,
    tokens_used: i64,
    #[serde(rename = "costUSD")]
    cost_usd: f64,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let days = arguments.period.days(None, session).await?.days;
    let used = || days.iter().filter(|day| day.tokens_used != 0).map(|day| day.date);
    session.output.object(&Total {
        first_day: used().min().map(|date| date.to_string()),
        last_day: used().max().map(|date| date.to_string()),
        tokens_used: days.iter().fold(0, |sum, day| sum.saturating_add(day.tokens_used)),
        cost_usd: days.iter().fold(0.0, |sum, day| sum + day.cost_usd),
    })
}
