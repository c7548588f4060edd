//! `datalinks infer preview`.

use clap::Args;

use super::sample::Sample;
use crate::commands::rows::{Processing, ProcessingOptions};
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
    let ProcessingOptions { steps, links, description, schema, instructions, curate } =
        arguments.processing.resolve().await?;
    let Some(steps) = steps else {
        return Err(Failure::usage("there are no inference steps to try")
            .next("add --step, such as --step table=plot, or --config-file FILE"));
    };
    let rows = arguments.sample.input.sample(arguments.sample.sample).await?;
    let mut ingest = session.dataset(None).await?.ingest(rows).steps(steps);
    if let Some(links) = links {
        ingest = ingest.link(links);
    }
    if let Some(text) = description {
        ingest = ingest.data_description(text);
    }
    if let Some(schema) = schema {
        ingest = ingest.schema(schema);
    }
    if let Some(text) = instructions {
        ingest = ingest.additional_instructions(text);
    }
    if let Some(curate) = curate {
        ingest = ingest.curate(curate);
    }
    let listing = ingest.preview::<Record>().await?;
    session.warn_of_rejected(&listing.rejected);
    session.output.list(&listing.items, &[])
}
