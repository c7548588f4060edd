//! Settings of the model.

use std::path::PathBuf;
use std::time::Duration;

use super::EmulatorBuilder;
use crate::models::Cassettes;

impl EmulatorBuilder {
    /// Sets the base URL of a model server with a chat completions API, for example `http://127.0.0.1:11434/v1`.
    ///
    /// The emulator appends `/chat/completions` and contacts no other server. By default, no model is configured, and
    /// responses that would need one are rule-based and labeled so.
    ///
    /// A URL that begins with `https` requires the feature `rustls` of this crate, or another TLS feature of `reqwest`.
    pub fn model_url(mut self, url: impl Into<String>) -> Self {
        self.models.url = Some(url.into());
        self
    }

    /// Sets the key of the model server, sent as a bearer token. Neither `Debug` output nor error messages contain it.
    /// Defaults to no key.
    pub fn model_key(mut self, key: impl Into<String>) -> Self {
        self.models.key = Some(key.into());
        self
    }

    /// Sets the name of the model to use, which overrides names in requests. By default, the name in the request is used,
    /// if there is one.
    pub fn model_name(mut self, name: impl Into<String>) -> Self {
        self.models.name = Some(name.into());
        self
    }

    /// Sets the longest time to wait for data from the model server before the call fails. Defaults to 5 minutes.
    pub fn model_idle_timeout(mut self, timeout: Duration) -> Self {
        self.models.patience = timeout;
        self
    }

    /// Records the completions of the model in a directory, or replays recorded ones.
    ///
    /// The name of each file consists of the purpose of the prompt and a hash of its messages, model and parameters. A
    /// request fails with status 500 if a completion is to be replayed that was not recorded. The emulator does not start
    /// if a `.json` entry of the directory is not a regular file. Defaults to no cassettes.
    pub fn cassettes(mut self, dir: impl Into<PathBuf>, mode: Cassettes) -> Self {
        self.models.cassettes = Some((dir.into(), mode));
        self
    }
}
