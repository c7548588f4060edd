//! `datalinks infer`: what a model makes of sample rows.

mod describe;
mod preview;

use clap::{Args, Subcommand};
use datalinks::Model;

use super::rows::Input;
use crate::failure::Result;
use crate::session::Session;

/// Let a model describe sample rows, or try inference steps on them
///
/// Nothing is stored. Each call costs model tokens.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Preview(preview::Arguments),
    Describe(describe::Describe),
    Schema(describe::Schema),
}

/// The rows that a model reads.
#[derive(Args, Clone, Debug)]
struct Sample {
    #[command(flatten)]
    input: Input,

    /// Number of rows from the begin of the input
    #[arg(long, value_name = "ROWS", default_value_t = 10)]
    sample: usize,
}

/// The model to use.
#[derive(Args, Clone, Debug)]
struct ModelChoice {
    /// Model [default: chosen by the service]
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Provider of the model
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
}

impl ModelChoice {
    fn model(&self) -> Model {
        let model = self.model.as_ref().map_or_else(Model::default, Model::named);
        match &self.provider {
            Some(provider) => model.provider(provider),
            None => model,
        }
    }
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::Preview(arguments) => preview::run(&arguments, session).await,
        Command::Describe(arguments) => describe::describe(&arguments, session).await,
        Command::Schema(arguments) => describe::schema(&arguments, session).await,
    }
}
