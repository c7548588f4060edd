//! `datalinks dataset list`.

use clap::Args;
use serde::Serialize;

use crate::failure::Result;
use crate::session::{Session, or_missing_namespace};
use crate::settings::{NamespaceName, Origin};

/// List the datasets that you may read
#[derive(Args)]
#[command(after_help = "Examples:\n  datalinks dataset list\n  datalinks dataset list cinema --output json")]
pub(super) struct Arguments {
    /// Namespace of the datasets, as NAMESPACE or USER/NAMESPACE [default: all]
    namespace: Option<NamespaceName>,
}

/// A dataset in the list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dataset {
    owner: String,
    namespace: String,
    name: String,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    // A namespace that was not given to this command is a default for names, and no filter.
    let given = session.settings.namespace.as_ref();
    let given = given
        .filter(|setting| matches!(setting.origin, Origin::Flag(_)))
        .map(|setting| setting.value.clone());
    let given = given.map(|name| NamespaceName { owner: None, name });
    let listing = match arguments.namespace.as_ref().or(given.as_ref()) {
        None => session.client().await?.schema_datasets().await?,
        Some(name) => {
            let namespace = session.owned_namespace(Some(name)).await?;
            or_missing_namespace(namespace.schema_datasets().await, &namespace).await?
        }
    };
    session.warn_of_rejected(&listing.rejected);
    let datasets: Vec<Dataset> = listing
        .items
        .into_iter()
        .map(|item| Dataset { owner: item.owner, namespace: item.namespace, name: item.name })
        .collect();
    session.output.list(&datasets, &["owner", "namespace", "name"])
}
