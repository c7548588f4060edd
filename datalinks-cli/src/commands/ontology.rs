//! `datalinks ontology`: the active links of datasets.

use std::collections::{BTreeMap, HashSet};

use clap::{Args, Subcommand};
use datalinks::{Dataset, datasets};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::counted;
use super::link::{Link, column_of};
use crate::failure::Result;
use crate::output::Format;
use crate::session::{Session, or_missing_dataset, or_missing_namespace};
use crate::settings::{DatasetName, NamespaceName};
use crate::terminal;

/// Show how datasets are linked
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Show(Show),
}

/// Show the active links of a dataset or a namespace, as a tree
///
/// Queries and questions follow these links. Other formats than the table have one object per link.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks ontology show cinema/films\n  \
    datalinks ontology show --all-of cinema\n  \
    datalinks ontology show --all-of cinema --flat")]
struct Show {
    /// Dataset, as NAMESPACE/DATASET [default: that of the settings]
    dataset: Option<DatasetName>,

    /// All datasets of this namespace
    #[arg(long, value_name = "NAMESPACE", conflicts_with = "dataset")]
    all_of: Option<NamespaceName>,

    /// Show a table instead of a tree
    #[arg(long)]
    flat: bool,
}

/// Number of datasets whose links are read at the same time.
const AT_ONCE: usize = 4;

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    let Command::Show(arguments) = arguments.command;
    let links = links(&arguments, session).await?;
    if session.output.format() != Format::Table || arguments.flat || links.is_empty() {
        let items: Vec<Link> = links.iter().map(Link::of).collect();
        return session.output.list(&items, &["origin", "destination", "matchType", "hits"]);
    }
    Ok(terminal::line(&terminal::escape_lines(&tree(&links)))?)
}

/// Returns the active links, each once.
async fn links(arguments: &Show, session: &Session) -> Result<Vec<datasets::Link>> {
    let of: Vec<Dataset> = match &arguments.all_of {
        None => vec![session.dataset(arguments.dataset.as_ref()).await?],
        Some(name) => {
            let namespace = session.owned_namespace(Some(name)).await?;
            let listing = or_missing_namespace(namespace.schema_datasets().await, &namespace).await?;
            session.warn_of_rejected(&listing.rejected);
            let handles = listing.items.iter().map(|item| namespace.dataset(&item.name));
            handles.collect::<std::result::Result<_, _>>()?
        }
    };
    let read = stream::iter(of.into_iter().map(|dataset| read(dataset, session))).buffered(AT_ONCE);
    let found: Vec<Vec<datasets::Link>> = read.try_collect().await?;
    // A link is listed by the datasets at both ends.
    let mut seen = HashSet::new();
    let links = found.into_iter().flatten();
    let once = links.filter(|link| {
        seen.insert((link.origin.clone(), link.destination.clone(), link.match_type.to_string()))
    });
    Ok(once.collect())
}

async fn read(dataset: Dataset, session: &Session) -> Result<Vec<datasets::Link>> {
    let listing = or_missing_dataset(dataset.ontology().await, &dataset).await?;
    session.warn_of_rejected(&listing.rejected);
    Ok(listing.items)
}

/// Returns the links by the dataset at which they start.
fn tree(links: &[datasets::Link]) -> String {
    let mut by_dataset: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for link in links {
        // Identifiers that cannot be divided stand for themselves.
        let (dataset, column) = column_of(&link.origin).unwrap_or_else(|| (link.origin.clone(), ""));
        let to = Link::of(link).destination;
        let hits = counted(link.hits, "hit");
        let before = if column.is_empty() { "" } else { " " };
        let line = format!("{column}{before}→ {to}  {}, {hits}", link.match_type);
        by_dataset.entry(dataset).or_default().push(line);
    }
    let mut lines = Vec::new();
    for (dataset, mut below) in by_dataset {
        lines.push(dataset);
        below.sort_unstable();
        let last = below.len() - 1;
        let branches = below.into_iter().enumerate();
        lines.extend(
            branches.map(|(index, line)| format!("{} {line}", if index == last { "└─" } else { "├─" })),
        );
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use datalinks::datasets::MatchType;

    use super::*;

    #[test]
    fn tree_has_a_branch_per_link() {
        let link = |from: &str, to: &str, hits| datasets::Link::new(from, to, MatchType::ExactMatch, hits);
        let links = [
            link("ri.ana.cinema.films.director", "ri.ana.cinema.people.name", 12),
            link("ri.ana.cinema.people.name", "ri.ana.cinema.films.director", 12),
            link("ri.ana.cinema.films.cast", "ri.ana.cinema.people.name", 1),
            link("ri.ana.a.b.c.d", "ri.ana.cinema.people.name", 0),
        ];
        assert_eq!(
            tree(&links),
            "ana/cinema/films\n\
             ├─ cast → ana/cinema/people:name  ExactMatch, 1 hit\n\
             └─ director → ana/cinema/people:name  ExactMatch, 12 hits\n\
             ana/cinema/people\n\
             └─ name → ana/cinema/films:director  ExactMatch, 12 hits\n\
             ri.ana.a.b.c.d\n\
             └─ → ana/cinema/people:name  ExactMatch, 0 hits"
        );
    }
}
