//! `datalinks infer preview`.

use clap::Args;

use super::sample::Sample;
use crate::commands::rows::Processing;
use crate::failure::{Failure, Result};
use crate::output::Record;
use crate::session::Session;

/// Run inference steps over sample rows, and show their output
///
/// The rows are sent in one request and are not stored.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks infer preview films.csv --dataset cinema/films --step rows=cast\n  \
    datalinks infer preview films.csv --dataset cinema/films --config-file films.toml --sample 3 --output json")]
pub(super) struct Arguments {
    #[command(flatten)]
    sample: Sample,

    #[command(flatten)]
    processing: Processing,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let processing = arguments.processing.resolve().await?;
    if processing.steps.is_none() {
        return Err(Failure::usage("there are no inference steps to try")
            .next("add --step, such as --step table=plot, or --config-file FILE"));
    }
    let rows = arguments.sample.input.sample(arguments.sample.sample).await?;
    let dataset = session.dataset(None).await?;
    let listing = processing.apply(dataset.ingest(rows)).preview::<Record>().await?;
    session.warn_of_rejected(&listing.rejected);
    session.output.list(&listing.items, &[])
}
