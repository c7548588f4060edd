//! `datalinks namespace rename` and `delete`.

use clap::Args;
use datalinks::{ErrorKind, Namespace};
use serde::Serialize;

use crate::commands::counted;
use crate::failure::{Failure, Result};
use crate::session::{Confirmation, Session, namespace_name, or_missing_namespace};
use crate::settings::NamespaceName;

/// Rename a namespace
///
/// The service does not document whether queries and links follow the new name.
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks namespace rename cinema movies")]
pub(super) struct Rename {
    /// Namespace, as NAMESPACE or USER/NAMESPACE
    namespace: NamespaceName,

    /// New name
    name: String,
}

/// Delete a namespace with all its datasets permanently
///
/// The name of the namespace has to be typed, or given with --yes.
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks namespace delete cinema --yes cinema")]
pub(super) struct Delete {
    /// Namespace, as NAMESPACE or USER/NAMESPACE
    namespace: NamespaceName,

    /// Fail if the namespace has datasets
    #[arg(long)]
    if_empty: bool,

    #[command(flatten)]
    confirmation: Confirmation,
}

/// A namespace that was changed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Changed<'a> {
    pub(super) namespace: &'a str,
    /// `created`, `alreadyExists`, `renamed` or `deleted`.
    pub(super) change: &'a str,
}

pub(super) async fn rename(arguments: Rename, session: &Session) -> Result {
    let namespace = session.owned_namespace(Some(&arguments.namespace)).await?;
    let renamed = or_missing_namespace(namespace.rename(&arguments.name).await, &namespace).await?;
    let (old, new) = (namespace_name(&namespace), namespace_name(&renamed));
    session.output.change(&format!("renamed {old} to {new}"), &Changed { namespace: &new, change: "renamed" })
}

pub(super) async fn delete(arguments: Delete, session: &Session) -> Result {
    let namespace = session.owned_namespace(Some(&arguments.namespace)).await?;
    let name = namespace_name(&namespace);
    let datasets = count_datasets(&namespace).await?;
    let what = format!("delete the namespace {name}, which has {datasets}");
    session.confirm(&arguments.confirmation, &what, &name).await?;
    if arguments.if_empty {
        namespace.delete().await.map_err(|error| {
            let is_conflict = error.kind() == ErrorKind::Conflict;
            let failure = Failure::from(error);
            if is_conflict { failure.next("delete the datasets, or leave --if-empty out") } else { failure }
        })?;
    } else {
        namespace.delete_with_datasets().await?;
    }
    session.output.change(
        &format!("deleted {name}, which had {datasets}"),
        &Changed { namespace: &name, change: "deleted" },
    )
}

/// Returns the number of datasets of a namespace in words.
async fn count_datasets(namespace: &Namespace) -> Result<String> {
    let listing = or_missing_namespace(namespace.schema_datasets().await, namespace).await?;
    // An item that could not be decoded is a dataset, too.
    Ok(counted(listing.items.len() + listing.rejected.len(), "dataset"))
}
