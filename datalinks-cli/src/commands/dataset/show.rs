//! `datalinks dataset show`.

use clap::Args;
use serde::Serialize;

use crate::failure::Result;
use crate::session::{Session, or_missing_dataset};
use crate::settings::DatasetName;

/// Show the columns, the number of rows and the definition of a dataset
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks dataset show cinema/films")]
pub(super) struct Arguments {
    /// Dataset, as NAMESPACE/DATASET [default: that of the settings]
    dataset: Option<DatasetName>,
}

/// A dataset.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dataset<'a, D, S> {
    owner: &'a str,
    namespace: &'a str,
    name: &'a str,
    row_count: i64,
    columns: &'a [String],
    /// Description of the rows, or `null`.
    description: Option<&'a D>,
    /// Descriptions of the fields by name, or `null`.
    schema: Option<&'a S>,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let dataset = session.dataset(arguments.dataset.as_ref()).await?;
    let info = or_missing_dataset(dataset.info().await, &dataset).await?;
    session.output.object(&Dataset {
        owner: &info.dataset.owner,
        namespace: &info.dataset.namespace,
        name: &info.dataset.name,
        row_count: info.metadata.row_count,
        columns: &info.metadata.column_names,
        description: info.metadata.data_description.as_ref(),
        schema: info.metadata.schema_definition.as_ref(),
    })
}
