//! Which model an emulator is given.

use std::path::PathBuf;
use std::time::Duration;

use super::cassette::Shelf;
use super::client::Client;
use super::{Cassettes, ModelSetupError, Models, Source};
use crate::builder::EmulatorBuilder;

/// What was chosen about the model. Not to be printed: it holds a key.
#[derive(Clone)]
pub(crate) struct ModelSettings {
    url: Option<String>,
    key: Option<String>,
    name: Option<String>,
    patience: Duration,
    cassettes: Option<(PathBuf, Cassettes)>,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self { url: None, key: None, name: None, patience: Duration::from_secs(300), cassettes: None }
    }
}

impl ModelSettings {
    /// What answers, if anything does.
    pub(crate) fn open(self) -> Result<Option<Models>, ModelSetupError> {
        let Self { url, key, name, patience, cassettes } = self;
        let client = |url: String| Client::new(&url, key, patience);
        let source = match (cassettes, url) {
            (None, None) => return Ok(None),
            (None, Some(url)) => Source::Live(client(url)?),
            (Some((dir, Cassettes::Replay)), _) => Source::Replaying(Shelf::to_replay(dir)?),
            (Some((dir, Cassettes::Record)), Some(url)) => {
                Source::Recording(client(url)?, Shelf::to_record(dir)?)
            }
            (Some((_, Cassettes::Record)), None) => return Err(ModelSetupError::NothingToRecord),
        };
        Ok(Some(Models { source, name }))
    }
}

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
    pub fn model_patience(mut self, patience: Duration) -> Self {
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
