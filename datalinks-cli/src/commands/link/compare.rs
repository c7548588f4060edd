//! `datalinks link preview` and `rebuild`.

use std::path::PathBuf;

use clap::Args;
use datalinks::{Dataset, Listing, datasets, read};
use futures::TryStreamExt as _;

use super::matching::{Kind, MatchOptions};
use super::shown::{self, Link};
use crate::commands::rows::input_failure;
use crate::failure::Result;
use crate::output::Record;
use crate::session::{Session, or_missing_dataset};
use crate::settings::DatasetName;

/// List the links that rows would have, and store nothing
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks link preview cinema/films --file new-films.csv\n  \
    datalinks link preview cinema/films --match exact --min-distinct 0.2")]
pub(super) struct Preview {
    #[command(flatten)]
    rows: Rows,
}

/// Find the links of a dataset again, and store them as suggestions
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks link rebuild cinema/films")]
pub(super) struct Rebuild {
    #[command(flatten)]
    rows: Rows,
}

/// The rows that are compared with those of other datasets.
#[derive(Args)]
struct Rows {
    /// Dataset, as NAMESPACE/DATASET [default: that of the settings]
    dataset: Option<DatasetName>,

    /// File of rows: CSV, JSON or NDJSON [default: the rows of the dataset]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// How values are compared (repeatable) [default: the service chooses]
    #[arg(long = "match", value_name = "KIND")]
    kinds: Vec<Kind>,

    #[command(flatten)]
    options: MatchOptions,
}

/// Rows from a file, or of the dataset.
enum Found {
    File(Vec<read::RawRow>),
    Dataset(Vec<Record>),
}

pub(super) async fn preview(arguments: Preview, session: &Session) -> Result {
    let types = arguments.rows.options.match_types(&arguments.rows.kinds)?;
    let dataset = session.dataset(arguments.rows.dataset.as_ref()).await?;
    let links = match arguments.rows.read(&dataset).await? {
        Found::File(rows) => dataset.preview_links(rows).link(types).await,
        Found::Dataset(rows) => dataset.preview_links(rows).link(types).await,
    };
    write(links, &dataset, session).await
}

pub(super) async fn rebuild(arguments: Rebuild, session: &Session) -> Result {
    let types = arguments.rows.options.match_types(&arguments.rows.kinds)?;
    let dataset = session.dataset(arguments.rows.dataset.as_ref()).await?;
    let links = match arguments.rows.read(&dataset).await? {
        Found::File(rows) => dataset.rebuild_links(rows).link(types).await,
        Found::Dataset(rows) => dataset.rebuild_links(rows).link(types).await,
    };
    write(links, &dataset, session).await
}

impl Rows {
    /// Reads the rows. They are sent in one request, so all of them are held in memory.
    async fn read(&self, dataset: &Dataset) -> Result<Found> {
        if let Some(file) = &self.file {
            let rows = read::file(file).infer_types().into_stream();
            return Ok(Found::File(rows.map_err(input_failure).try_collect().await?));
        }
        Ok(Found::Dataset(or_missing_dataset(dataset.query().fetch().await, dataset).await?))
    }
}

async fn write(
    links: std::result::Result<Listing<datasets::Link>, datalinks::Error>,
    dataset: &Dataset,
    session: &Session,
) -> Result {
    let links = or_missing_dataset(links, dataset).await?;
    session.warn_of_rejected(&links.rejected);
    let items: Vec<Link> = links.items.iter().map(Link::of).collect();
    session.output.list(&items, shown::COLUMNS)
}
