//! `datalinks ingestion list`.

use clap::Args;

use super::item::{COLUMNS, Item};
use crate::failure::Result;
use crate::session::{Session, or_missing_dataset};

/// List the ingestions of a dataset, newest first
#[derive(Args)]
#[command(after_help = "Examples:\n  datalinks ingestion list --dataset cinema/films\n  \
    datalinks ingestion list --dataset cinema/films --limit 5 --output json")]
pub(super) struct Arguments {
    /// Greatest number of ingestions [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let dataset = session.dataset(None).await?;
    let mut rows = session.output.rows(COLUMNS);
    let mut left = arguments.limit.unwrap_or(usize::MAX);
    let mut page = Some(dataset.ingestions());
    while let Some(request) = page.take().filter(|_| left > 0) {
        let found = or_missing_dataset(request.await, &dataset).await?;
        session.warn_of_rejected(&found.rejected);
        page = dataset.ingestions().after(&found);
        for ingestion in found.ingestions.into_iter().take(left) {
            left -= 1;
            rows.write(&Item::from(ingestion))?;
        }
    }
    rows.finish()
}
