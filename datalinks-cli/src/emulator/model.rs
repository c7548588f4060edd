//! The model that the emulator may have.

use std::path::PathBuf;

use clap::Args;
use datalinks_emulator::{Cassettes, EmulatorBuilder};

/// Where the key of the model's server may be. Nobody else has a use for it.
pub(super) const KEY: &str = "DATALINKS_MODEL_KEY";

/// Without any of these, labeled rules stand in the place of a model.
#[derive(Args)]
#[command(next_help_heading = "Model")]
pub(super) struct Model {
    /// Where a model is asked: any server that speaks the chat completions API, e.g. http://127.0.0.1:11434/v1.
    #[arg(long, value_name = "URL")]
    model_url: Option<String>,

    /// The key that the model's server wants. Better in the environment, where other users do not see it.
    #[arg(long, value_name = "KEY", env = KEY, hide_env_values = true)]
    model_key: Option<String>,

    /// The model to ask for, whatever requests name.
    #[arg(long, value_name = "NAME")]
    model_name: Option<String>,

    /// The folder of the model's answers, to be recorded or replayed.
    #[arg(long, value_name = "DIR", requires = "mode")]
    cassettes: Option<PathBuf>,

    #[command(flatten)]
    mode: Mode,
}

#[derive(Args)]
#[group(id = "mode", multiple = false, requires = "cassettes")]
struct Mode {
    /// Ask the model, and keep what it answers as cassettes.
    #[arg(long, requires = "model_url")]
    record: bool,

    /// Answer what the cassettes hold, and fail loudly where they hold nothing.
    #[arg(long)]
    replay: bool,
}

impl Model {
    /// Gives the model to an emulator.
    pub(super) fn give(&self, mut builder: EmulatorBuilder) -> EmulatorBuilder {
        if let Some(url) = &self.model_url {
            builder = builder.model_url(url);
        }
        if let Some(key) = &self.model_key {
            builder = builder.model_key(key);
        }
        if let Some(name) = &self.model_name {
            builder = builder.model_name(name);
        }
        if let Some(folder) = &self.cassettes {
            let mode = if self.mode.record { Cassettes::Record } else { Cassettes::Replay };
            builder = builder.cassettes(folder, mode);
        }
        builder
    }
}
