//! The settings of the model.

use std::path::PathBuf;
use std::time::Duration;

use super::EmulatorBuilder;
use crate::models::Cassettes;

impl EmulatorBuilder {
    /// Where a model is asked: the URL of any server that speaks the chat completions API, to which
    /// `/chat/completions` is appended, such as `http://127.0.0.1:11434/v1`. The emulator contacts nothing else.
    /// Default: no model; labeled rules stand in its place.
    ///
    /// A URL that begins with `https` needs the feature `rustls` of this crate, or one like it of `reqwest`.
    pub fn model_url(mut self, url: impl Into<String>) -> Self {
        self.models.url = Some(url.into());
        self
    }

    /// The key that the model's server wants, sent as a bearer token and never shown. Default: none.
    pub fn model_key(mut self, key: impl Into<String>) -> Self {
        self.models.key = Some(key.into());
        self
    }

    /// The model to ask for, whatever requests name. Default: what the request names, if anything.
    pub fn model_name(mut self, name: impl Into<String>) -> Self {
        self.models.name = Some(name.into());
        self
    }

    /// How long the model's server may be silent before it counts as failed. Default: 5 minutes.
    pub fn model_idle_timeout(mut self, patience: Duration) -> Self {
        self.models.patience = patience;
        self
    }

    /// Keeps the model's answers in a folder, or answers what was kept there. Each file is named by the purpose
    /// and the hash of its question: messages, model and parameters. A question that was not recorded is
    /// answered 500. Default: no cassettes.
    pub fn cassettes(mut self, dir: impl Into<PathBuf>, mode: Cassettes) -> Self {
        self.models.cassettes = Some((dir.into(), mode));
        self
    }
}
