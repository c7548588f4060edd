//! The rows that a model reads, and the model.

use clap::Args;
use datalinks::Model;

use crate::commands::model;
use crate::commands::rows::Input;

/// The rows that a model reads.
#[derive(Args, Clone, Debug)]
pub(super) struct Sample {
    #[command(flatten)]
    pub(super) input: Input,

    /// Number of rows from the begin of the input
    #[arg(long, value_name = "ROWS", default_value_t = 10)]
    pub(super) sample: usize,
}

/// The model to use.
#[derive(Args, Clone, Debug)]
pub(super) struct ModelChoice {
    /// Model [default: chosen by the service]
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Provider of the model
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
}

impl ModelChoice {
    pub(super) fn model(self) -> Model {
        model(self.model, self.provider)
    }
}
