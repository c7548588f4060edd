//! What is shared: a dataset, or a whole namespace.

use clap::Args;
use datalinks::{Dataset, Error, Namespace};

use crate::failure::{Failure, Result};
use crate::session::{
    Session, explain_missing_dataset, explain_missing_namespace, full_name, namespace_name,
};
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

    /// Adds what was probably meant to a failure about a name that was not found.
    pub(super) async fn explain(&self, error: Error) -> Failure {
        match self {
            Self::Dataset(dataset) => explain_missing_dataset(Failure::from(error), dataset).await,
            Self::Namespace(namespace) => explain_missing_namespace(Failure::from(error), namespace).await,
        }
    }
}
