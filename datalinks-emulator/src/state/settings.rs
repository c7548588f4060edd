//! Settings that the emulator was started with.

use std::time::Duration;

use crate::request::Hosts;

/// The settings that the emulator was started with.
pub(crate) struct Settings {
    /// Names and keys of users. The first user is the one that the handle of the emulator returns.
    pub(crate) users: Vec<(String, String)>,
    /// The hosts that requests may name.
    pub(crate) hosts: Hosts,
    /// Delay between two events of a stream.
    pub(crate) event_delay: Duration,
    /// `true` if the agent writes checkpoints, from which its runs can be resumed.
    pub(crate) checkpoints: bool,
    /// Maximum size of a body, in bytes.
    pub(crate) body_limit: usize,
    /// Maximum size of an imported document, in bytes.
    pub(crate) import_limit: usize,
    /// Size of a part of an upload, in bytes.
    pub(crate) part_size: u64,
    /// Validity of the presigned URLs of parts.
    pub(crate) part_url_lifetime: Duration,
    pub(crate) strict: Strict,
}

impl Settings {
    /// Returns the name and the key of the first user.
    pub(crate) fn first(&self) -> (&str, &str) {
        self.users.first().map_or(("", ""), |(name, key)| (name, key))
    }
}

/// The kinds of requests that strict mode rejects.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Strict {
    /// Requests whose response would be rule-based.
    pub(crate) responses: bool,
    /// Requests with fields or content types that the OpenAPI document does not declare.
    pub(crate) fields: bool,
}
