//! `datalinks dataset rename`, `define` and `order`.

use clap::Args;

use super::change::Changed;
use crate::commands::field;
use crate::failure::Result;
use crate::session::{Session, full_name, or_missing_dataset};
use crate::set::set;
use crate::settings::DatasetName;

/// Rename a dataset
///
/// The service does not document whether queries and links follow the new name.
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks dataset rename cinema/films movies")]
pub(super) struct Rename {
    /// Dataset, as NAMESPACE/DATASET
    dataset: DatasetName,

    /// New name, without the namespace
    name: String,
}

/// Change the description of a dataset and of its fields
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks dataset define cinema/films --field 'title=Title as released'")]
pub(super) struct Define {
    /// Dataset, as NAMESPACE/DATASET
    dataset: DatasetName,

    /// Description of the rows, which inference steps read
    #[arg(long, value_name = "TEXT", required_unless_present = "fields")]
    description: Option<String>,

    /// Description of a field; all fields are replaced by those that are given (repeatable)
    #[arg(long = "field", value_name = "NAME=TEXT", value_parser = field)]
    fields: Vec<(String, String)>,
}

/// Set the order in which the columns of a dataset are shown
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks dataset order cinema/films title year director")]
pub(super) struct Order {
    /// Dataset, as NAMESPACE/DATASET
    dataset: DatasetName,

    /// Columns, first one first
    #[arg(required = true)]
    columns: Vec<String>,
}

pub(super) async fn rename(arguments: Rename, session: &Session) -> Result {
    let dataset = session.dataset(Some(&arguments.dataset)).await?;
    let renamed = or_missing_dataset(dataset.rename(&arguments.name).await, &dataset).await?;
    let (old, new) = (full_name(&dataset), full_name(&renamed));
    session.output.change(&format!("renamed {old} to {new}"), &Changed { dataset: &new, change: "renamed" })
}

pub(super) async fn define(arguments: Define, session: &Session) -> Result {
    let dataset = session.dataset(Some(&arguments.dataset)).await?;
    let schema = (!arguments.fields.is_empty()).then(|| arguments.fields.into_iter().collect());
    let update = set!(dataset.update_definition(), description: arguments.description, schema: schema);
    or_missing_dataset(update.await, &dataset).await?;
    let name = full_name(&dataset);
    session.output.change(&format!("defined {name}"), &Changed { dataset: &name, change: "defined" })
}

pub(super) async fn order(arguments: Order, session: &Session) -> Result {
    let dataset = session.dataset(Some(&arguments.dataset)).await?;
    or_missing_dataset(dataset.order_columns(arguments.columns).await, &dataset).await?;
    let name = full_name(&dataset);
    session
        .output
        .change(&format!("ordered the columns of {name}"), &Changed { dataset: &name, change: "ordered" })
}
