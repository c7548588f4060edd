//! The configuration of the model.

use std::path::PathBuf;
use std::time::Duration;

use super::cassette::{CassetteDir, Cassettes};
use super::client::Client;
use super::error::ModelSetupError;
use super::{Models, Source};

/// The configuration of the model. Has no `Debug` implementation, because it contains a key.
#[derive(Clone)]
pub(crate) struct ModelSettings {
    pub(crate) url: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) patience: Duration,
    pub(crate) cassettes: Option<(PathBuf, Cassettes)>,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self { url: None, key: None, name: None, patience: Duration::from_secs(300), cassettes: None }
    }
}

impl ModelSettings {
    /// Creates the configured source of replies. Returns `None` if neither a model nor cassettes are configured.
    pub(crate) fn open(self) -> Result<Option<Models>, ModelSetupError> {
        let Self { url, key, name, patience, cassettes } = self;
        let client = |url: String| Client::new(&url, key, patience);
        let source = match (cassettes, url) {
            (None, None) => return Ok(None),
            (None, Some(url)) => Source::Live(client(url)?),
            (Some((dir, Cassettes::Replay)), _) => Source::Replaying(CassetteDir::to_replay(dir)?),
            (Some((dir, Cassettes::Record)), Some(url)) => {
                Source::Recording(client(url)?, CassetteDir::to_record(dir)?)
            }
            (Some((_, Cassettes::Record)), None) => return Err(ModelSetupError::NothingToRecord),
        };
        Ok(Some(Models { source, name }))
    }
}
