//! What is shared: a dataset, or a whole namespace.

use clap::Args;
use datalinks::{Dataset, Error, Namespace};

use crate::failure::Result;
use crate::session::{Session, full_name, namespace_name, or_missing_dataset, or_missing_namespace};
use crate::settings::{DatasetName, NamespaceName};

/// The arguments that say what is shared.
#[derive(Args)]
pub(super) struct TargetArguments {
    /// Dataset, as NAMESPACE/DATASET [default: that of the settings]
    dataset: Option<DatasetName>,

    /// All datasets of this namespace, also those that are created later
    #[arg(long, value_name = "NAMESPACE", conflicts_with = "dataset")]
    all_of: Option<NamespaceName>,
}

/// What is shared.
pub(super) enum Target {
    Dataset(Dataset),
    Namespace(Namespace),
}

impl Target {
    pub(super) async fn of(arguments: &TargetArguments, session: &Session) -> Result<Self> {
        match &arguments.all_of {
            Some(name) => Ok(Self::Namespace(session.owned_namespace(Some(name)).await?)),
            None => Ok(Self::Dataset(session.dataset(arguments.dataset.as_ref()).await?)),
        }
    }

    /// Returns the name as commands accept it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Dataset(dataset) => full_name(dataset),
            Self::Namespace(namespace) => namespace_name(namespace),
        }
    }

    /// Adds what was probably meant to an error about a name that was not found.
    pub(super) async fn or_missing<T>(&self, result: std::result::Result<T, Error>) -> Result<T> {
        match self {
            Self::Dataset(dataset) => or_missing_dataset(result, dataset).await,
            Self::Namespace(namespace) => or_missing_namespace(result, namespace).await,
        }
    }
}
