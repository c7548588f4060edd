//! `datalinks link activate` and `deactivate`.

use clap::Args;
use datalinks::Dataset;
use datalinks::datasets::{Link, MatchType};

use super::column::ColumnName;
use super::create::Changed;
use super::matching::Kind;
use crate::failure::{Exit, Failure, Result};
use crate::session::{Session, full_name, or_missing_dataset};

/// Activate a suggested link, so that queries follow it
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks link activate cinema/films:director cinema/people:name")]
pub(super) struct Activate {
    #[command(flatten)]
    ends: Ends,
}

/// Deactivate a link, which becomes a suggestion
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks link deactivate cinema/films:director cinema/people:name")]
pub(super) struct Deactivate {
    #[command(flatten)]
    ends: Ends,
}

/// The ends of a link.
#[derive(Args)]
struct Ends {
    /// Column at which the link starts, as NAMESPACE/DATASET:COLUMN
    from: ColumnName,

    /// Column at which the link ends
    to: ColumnName,

    /// How the link compares values, if the columns have several links
    #[arg(long = "match", value_name = "KIND")]
    kind: Option<Kind>,
}

pub(super) async fn activate(arguments: Activate, session: &Session) -> Result {
    let (dataset, link) = arguments.ends.find(session).await?;
    dataset.change_ontology().activate([link]).await?;
    arguments.ends.report("activated", session)
}

pub(super) async fn deactivate(arguments: Deactivate, session: &Session) -> Result {
    let (dataset, link) = arguments.ends.find(session).await?;
    dataset.change_ontology().deactivate([link]).await?;
    arguments.ends.report("deactivated", session)
}

impl Ends {
    /// Returns the link, and the dataset at which it starts.
    async fn find(&self, session: &Session) -> Result<(Dataset, Link)> {
        let (from, to) = (self.from.resolve(session).await?, self.to.resolve(session).await?);
        let links = or_missing_dataset(from.dataset.links().await, &from.dataset).await?.items;
        let kind = self.kind.map(|kind| match kind {
            Kind::Exact => MatchType::ExactMatch,
            Kind::Geo => MatchType::GeoMatch,
        });
        let mut found = links.into_iter().filter(|link| {
            from.is_named_by(&link.origin)
                && to.is_named_by(&link.destination)
                && kind.as_ref().is_none_or(|kind| link.match_type == *kind)
        });
        let Some(link) = found.next() else {
            let what = format!("there is no link from {} to {}", self.from, self.to);
            return Err(Failure::new(Exit::NotFound, what)
                .next(format!("datalinks link list {}", full_name(&from.dataset)))
                .next(format!("datalinks link create {} {}", self.from, self.to)));
        };
        if found.next().is_some() {
            let what = format!("{} and {} have several links", self.from, self.to);
            return Err(Failure::usage(what).next("choose one by --match exact or --match geo"));
        }
        Ok((from.dataset, link))
    }

    fn report(&self, change: &str, session: &Session) -> Result {
        let (from, to) = (self.from.to_string(), self.to.to_string());
        session.output.change(
            &format!("{change} the link from {from} to {to}"),
            &Changed { from: &from, to: &to, change },
        )
    }
}
