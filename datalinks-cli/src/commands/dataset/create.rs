//! `datalinks dataset create`.

use clap::Args;
use datalinks::datasets::CreateOutcome;

use super::change::Changed;
use crate::commands::field;
use crate::failure::Result;
use crate::session::{Session, full_name};
use crate::set::set;
use crate::settings::DatasetName;

/// Create a dataset, and its namespace if it is the first dataset there
///
/// A dataset that exists already is not changed, and is no error.
#[derive(Args)]
#[command(
    after_help = "Example:\n  datalinks dataset create cinema/films --description 'Feature films' --field 'title=Title as released'"
)]
pub(super) struct Arguments {
    /// Dataset, as NAMESPACE/DATASET [default: that of the settings]
    dataset: Option<DatasetName>,

    /// Description of the rows, which inference steps read
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    /// Description of a field, which inference steps read (repeatable)
    #[arg(long = "field", value_name = "NAME=TEXT", value_parser = field)]
    fields: Vec<(String, String)>,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let dataset = session.dataset(arguments.dataset.as_ref()).await?;
    let schema = (!arguments.fields.is_empty()).then(|| arguments.fields.into_iter().collect());
    let create = set!(dataset.create(), description: arguments.description, schema: schema);
    let name = full_name(&dataset);
    let (sentence, change) = match create.await? {
        CreateOutcome::Created => (format!("created {name}"), "created"),
        CreateOutcome::AlreadyExists => (format!("{name} exists already and is unchanged"), "alreadyExists"),
    };
    session.output.change(&sentence, &Changed { dataset: &name, change })
}
