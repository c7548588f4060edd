//! `datalinks usage history`.

use clap::Args;
use futures::StreamExt as _;
use serde::Serialize;

use super::period::Period;
use crate::failure::Result;
use crate::session::Session;
use crate::set::set;

/// List each use of models
///
/// The service does not say which run, ingestion or dataset a use belongs to.
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks usage history --limit 20")]
pub(super) struct Arguments {
    #[command(flatten)]
    period: Period,

    /// Maximum number of uses [default: all]
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
}

/// Number of uses per request, the most that the service accepts.
const PAGE: u32 = 100;

/// A use of models.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Use {
    /// Time in RFC 3339.
    timestamp: String,
    tokens_used: i64,
    #[serde(rename = "costUSD")]
    cost_usd: f64,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let limit = arguments.limit.unwrap_or(usize::MAX);
    let page = u32::try_from(limit).unwrap_or(PAGE).clamp(1, PAGE);
    let usage = session.client().await?.usage().page_size(page);
    let usage = set!(usage, from: arguments.period.from, until: arguments.period.until);
    let mut rows = session.output.rows(&["timestamp", "tokensUsed", "costUSD"]);
    let mut items = usage.stream().take(limit);
    while let Some(item) = items.next().await {
        let item = item?;
        rows.write(&Use {
            timestamp: item.timestamp.to_rfc3339(),
            tokens_used: item.tokens_used,
            cost_usd: item.cost_usd,
        })?;
    }
    rows.finish()
}
