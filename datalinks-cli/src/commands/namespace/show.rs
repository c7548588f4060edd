//! `datalinks namespace show`.

use clap::Args;
use serde::Serialize;

use crate::failure::Result;
use crate::session::{Session, or_missing_namespace};
use crate::settings::NamespaceName;

/// Show the owner of a namespace and its datasets
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks namespace show cinema")]
pub(super) struct Arguments {
    /// Namespace, as NAMESPACE or USER/NAMESPACE [default: that of the settings]
    namespace: Option<NamespaceName>,
}

/// A namespace.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Namespace<'a> {
    /// User name of the owner. `self` if the namespace has no dataset, because only datasets name their owner.
    owner: &'a str,
    name: &'a str,
    dataset_count: usize,
    datasets: Vec<&'a str>,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let namespace = session.owned_namespace(arguments.namespace.as_ref()).await?;
    let listing = or_missing_namespace(namespace.schema_datasets().await, &namespace).await?;
    session.warn_of_rejected(&listing.rejected);
    session.output.object(&Namespace {
        owner: listing.items.first().map_or(namespace.owner(), |item| &item.owner),
        name: namespace.name(),
        dataset_count: listing.items.len(),
        datasets: listing.items.iter().map(|item| item.name.as_str()).collect(),
    })
}
