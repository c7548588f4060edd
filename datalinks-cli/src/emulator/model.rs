//! The options of the emulator's model.

use std::path::PathBuf;

use clap::Args;
use datalinks_emulator::{Cassettes, EmulatorBuilder};

/// The variable with the API key of the model's server. It is withheld from the command of `exec`.
pub(super) const KEY: &str = "DATALINKS_MODEL_KEY";

/// The options of the model. Without them, rules with a label replace the model.
#[derive(Args)]
#[command(next_help_heading = "Model")]
pub(super) struct Model {
    /// URL of a chat completions API, e.g. http://127.0.0.1:11434/v1
    #[arg(long, value_name = "URL")]
    model_url: Option<String>,

    /// API key of the model's server
    ///
    /// Prefer the environment variable, which other users of this machine cannot see.
    #[arg(long, value_name = "KEY", env = KEY, hide_env_values = true)]
    model_key: Option<String>,

    /// Name of the model, whatever the requests name
    #[arg(long, value_name = "NAME")]
    model_name: Option<String>,

    /// Directory of recorded model responses
    #[arg(long, value_name = "DIR", requires = "mode")]
    cassettes: Option<PathBuf>,

    #[command(flatten)]
    mode: Mode,
}

#[derive(Args)]
#[group(id = "mode", multiple = false, requires = "cassettes")]
struct Mode {
    /// Recording of the model's responses as cassettes
    #[arg(long, requires = "model_url")]
    record: bool,

    /// Replay of the cassettes without the model
    ///
    /// A request without a cassette is an error.
    #[arg(long)]
    replay: bool,
}

impl Model {
    /// Adds the model to an emulator.
    pub(super) fn add_to(&self, mut builder: EmulatorBuilder) -> EmulatorBuilder {
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
