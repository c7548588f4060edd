//! `datalinks link list`.

use std::collections::HashSet;

use clap::Args;
use serde::Serialize;

use super::shown;
use crate::failure::Result;
use crate::session::{Session, or_missing_dataset};
use crate::settings::DatasetName;

/// List the active and the suggested links of a dataset
#[derive(Args)]
#[command(
    after_help = "Examples:\n  datalinks link list cinema/films\n  datalinks link list cinema/films --suggested"
)]
pub(super) struct Arguments {
    /// Dataset, as NAMESPACE/DATASET [default: that of the settings]
    dataset: Option<DatasetName>,

    /// Suggested links only
    #[arg(long)]
    suggested: bool,
}

/// A link in the list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    #[serde(flatten)]
    link: shown::Link,
    /// Queries follow the link.
    active: bool,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let dataset = session.dataset(arguments.dataset.as_ref()).await?;
    let (all, active) =
        or_missing_dataset(tokio::try_join!(dataset.links(), dataset.ontology()), &dataset).await?;
    session.warn_of_rejected(&all.rejected);
    let key = |link: &datalinks::datasets::Link| {
        (link.origin.clone(), link.destination.clone(), link.match_type.to_string())
    };
    let active: HashSet<_> = active.items.iter().map(key).collect();
    let links = all
        .items
        .iter()
        .map(|link| Link { active: active.contains(&key(link)), link: shown::Link::of(link) });
    let links: Vec<Link> = links.filter(|link| !arguments.suggested || !link.active).collect();
    session.output.list(&links, &["origin", "destination", "matchType", "hits", "active"])
}
