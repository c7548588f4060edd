//! Limits for the size of lines and events.

use std::fmt;

/// Default of the maximum size of a line or an event in bytes: 16 MiB, this crate's choice.
pub(super) const DEFAULT: usize = 16 * 1024 * 1024;

/// Default of the maximum size of an event in bytes, for clients: this crate's choice.
pub(crate) const EVENT_LIMIT: usize = 16 * 1024 * 1024;

/// A line or an event exceeds the limit. The decoder yields no data after it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct LimitExceeded {
    /// The subject of the limit: `a line` or `an event`.
    pub what: &'static str,
    /// The limit in bytes.
    pub limit: usize,
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is longer than {} bytes", self.what, self.limit)
    }
}

impl std::error::Error for LimitExceeded {}
