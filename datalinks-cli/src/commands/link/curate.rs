//! `datalinks link curate`.

use clap::Args;
use serde::Serialize;

use super::shown::{self, Link};
use crate::commands::{counted, model};
use crate::failure::Result;
use crate::session::Session;
use crate::set::set;

/// Let a model choose among the suggested links of a namespace, which costs tokens
///
/// The chosen links are listed, and activated with --activate.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks link curate cinema\n  \
    datalinks link curate cinema --only films --activate")]
pub(super) struct Arguments {
    /// Namespace, which must be your own [default: that of the settings]
    #[arg(value_name = "NAMESPACE")]
    name: Option<String>,

    /// Choose among the links of this dataset only
    #[arg(long, value_name = "NAME")]
    only: Option<String>,

    /// Activate the chosen links
    #[arg(long)]
    activate: bool,

    /// Model that chooses
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Provider of the model
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
}

/// Links that were activated.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Activated<'a> {
    namespace: &'a str,
    /// Number of links that were chosen and activated.
    total_selected: i64,
    datasets_processed: i64,
    /// `activated`.
    change: &'a str,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let namespace = session.namespace(arguments.name.as_deref()).await?;
    let curate = namespace.curate_links().model(model(arguments.model, arguments.provider));
    let mut curate = set!(curate, dataset: arguments.only);
    if arguments.activate {
        curate = curate.activate(true);
    }
    let chosen = curate.await?;
    let links = counted(chosen.total_selected, "link");
    if arguments.activate {
        return session.output.change(
            &format!("activated {links} of {}", namespace.name()),
            &Activated {
                namespace: namespace.name(),
                total_selected: chosen.total_selected,
                datasets_processed: chosen.datasets_processed,
                change: "activated",
            },
        );
    }
    let items: Vec<Link> = chosen.links.iter().map(Link::of).collect();
    session.output.list(&items, shown::COLUMNS)
}
