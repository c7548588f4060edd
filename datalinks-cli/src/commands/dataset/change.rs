//! `datalinks dataset clear` and `delete`.

use clap::Args;
use datalinks::Dataset;
use serde::Serialize;

use crate::commands::counted;
use crate::failure::Result;
use crate::session::{Confirmation, Session, full_name, or_missing_dataset};
use crate::settings::DatasetName;

/// Remove all rows and links of a dataset permanently
///
/// The dataset and its definition remain. The name of the dataset has to be typed, or given with --yes.
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks dataset clear cinema/films --yes cinema/films")]
pub(super) struct Clear {
    /// Dataset, as NAMESPACE/DATASET
    dataset: DatasetName,

    #[command(flatten)]
    confirmation: Confirmation,
}

/// Delete a dataset with its rows, links and definition permanently
///
/// Deleting the last dataset of a namespace deletes the namespace. The name of the dataset has to be typed, or given with
/// --yes.
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks dataset delete cinema/films --yes cinema/films")]
pub(super) struct Delete {
    /// Dataset, as NAMESPACE/DATASET
    dataset: DatasetName,

    #[command(flatten)]
    confirmation: Confirmation,
}

/// A dataset that was changed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Changed<'a> {
    pub(super) dataset: &'a str,
    /// `created`, `alreadyExists`, `renamed`, `defined`, `ordered`, `cleared` or `deleted`.
    pub(super) change: &'a str,
}

pub(super) async fn clear(arguments: Clear, session: &Session) -> Result {
    let dataset = session.dataset(Some(&arguments.dataset)).await?;
    let (name, rows) = confirmed(&dataset, "clear", &arguments.confirmation, session).await?;
    dataset.clear().await?;
    session
        .output
        .change(&format!("cleared {name}, which had {rows}"), &Changed { dataset: &name, change: "cleared" })
}

pub(super) async fn delete(arguments: Delete, session: &Session) -> Result {
    let dataset = session.dataset(Some(&arguments.dataset)).await?;
    let (name, rows) = confirmed(&dataset, "delete", &arguments.confirmation, session).await?;
    dataset.delete().await?;
    session
        .output
        .change(&format!("deleted {name}, which had {rows}"), &Changed { dataset: &name, change: "deleted" })
}

/// Asks for confirmation, and returns the name of the dataset and its number of rows in words.
async fn confirmed(
    dataset: &Dataset,
    verb: &str,
    confirmation: &Confirmation,
    session: &Session,
) -> Result<(String, String)> {
    let info = or_missing_dataset(dataset.info().await, dataset).await?;
    let rows = counted(info.metadata.row_count, "row");
    let name = full_name(dataset);
    session.confirm(confirmation, &format!("{verb} the dataset {name}, which has {rows}"), &name).await?;
    Ok((name, rows))
}
