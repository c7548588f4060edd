//! What was chosen when the emulator was started.

use std::time::Duration;

use crate::request::Hosts;

/// What was chosen when the emulator was started.
pub(crate) struct Settings {
    /// Names and keys; the first is the one that the emulator tells of.
    pub(crate) users: Vec<(String, String)>,
    /// The names by which the emulator may be reached.
    pub(crate) hosts: Hosts,
    pub(crate) event_delay: Duration,
    /// Whether the agent writes checkpoints, from which its runs can be resumed.
    pub(crate) checkpoints: bool,
    pub(crate) body_limit: usize,
    /// The largest document to be imported, in bytes.
    pub(crate) import_limit: usize,
    pub(crate) part_size: u64,
    /// How long presigned URLs of parts are valid.
    pub(crate) part_url_lifetime: Duration,
    pub(crate) strict: Strict,
}

impl Settings {
    /// The user whom the emulator tells of, and their key.
    pub(crate) fn first(&self) -> (&str, &str) {
        self.users.first().map_or(("", ""), |(name, key)| (name, key))
    }
}

/// What is refused though it could be answered somehow.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Strict {
    /// Scripts in the place of models.
    pub(crate) responses: bool,
    /// Fields that the document does not have.
    pub(crate) fields: bool,
}
