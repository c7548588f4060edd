//! `datalinks namespace create`.

use clap::Args;
use datalinks::datasets::CreateOutcome;

use super::change::Changed;
use crate::failure::Result;
use crate::session::{Session, namespace_name};
use crate::set::set;

/// Create a namespace with its first dataset
///
/// A namespace exists as long as it has a dataset, so the service creates it with its first one. A dataset that exists
/// already is not changed, and is no error.
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks namespace create cinema films --description 'Feature films'")]
pub(super) struct Arguments {
    /// Name of the namespace
    namespace: String,

    /// Name of its first dataset
    dataset: String,

    /// Description of the rows of the dataset, which inference steps read
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let namespace = session.namespace(Some(&arguments.namespace)).await?;
    let dataset = namespace.dataset(&arguments.dataset)?;
    let create = set!(dataset.create(), description: arguments.description);
    let name = namespace_name(&namespace);
    let (sentence, change) = match create.await? {
        CreateOutcome::Created => (format!("created {name} with the dataset {}", dataset.name()), "created"),
        CreateOutcome::AlreadyExists => (
            format!("{name} exists already, and its dataset {} is unchanged", dataset.name()),
            "alreadyExists",
        ),
    };
    session.output.change(&sentence, &Changed { namespace: &name, change })
}
