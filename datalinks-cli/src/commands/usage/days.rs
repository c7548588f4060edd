//! `datalinks usage days`.

use clap::Args;
use serde::Serialize;

use super::chart;
use super::period::Period;
use crate::failure::Result;
use crate::output::Format;
use crate::session::Session;
use crate::terminal;

/// Show the usage of each day, on a terminal as a chart
#[derive(Args)]
#[command(
    after_help = "Examples:\n  datalinks usage days --from 2026-08-01\n  datalinks usage days --output csv"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    period: Period,

    /// Time zone of the days, by its IANA name [default: UTC]
    #[arg(long, value_name = "NAME")]
    time_zone: Option<String>,

    /// Draw the chart even if the output is no terminal
    #[arg(long)]
    chart: bool,
}

/// Width of a chart without a terminal.
const WIDTH: usize = 80;

/// The usage of a day.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Day {
    date: String,
    tokens_used: i64,
    #[serde(rename = "costUSD")]
    cost_usd: f64,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let usage = arguments.period.days(arguments.time_zone.as_deref(), session).await?;
    let terminal = session.output.terminal();
    let is_drawn = session.output.format() == Format::Table && (terminal.stdout || arguments.chart);
    if is_drawn && !usage.days.is_empty() {
        let bars = usage.days.iter().map(|day| chart::Bar {
            label: day.date.to_string(),
            tokens: day.tokens_used,
            cost: day.cost_usd,
        });
        let bars: Vec<chart::Bar> = bars.collect();
        let text = chart::draw(&bars, terminal.width.unwrap_or(WIDTH), session.output.style());
        return Ok(terminal::print(text.as_bytes())?);
    }
    let days = usage.days.into_iter().map(|day| Day {
        date: day.date.to_string(),
        tokens_used: day.tokens_used,
        cost_usd: day.cost_usd,
    });
    let days: Vec<Day> = days.collect();
    session.output.list(&days, &["date", "tokensUsed", "costUSD"])
}
