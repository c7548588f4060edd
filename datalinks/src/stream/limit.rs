//! Limits for the size of lines and events.

/// Default of the maximum size of a line or an event in bytes: 16 MiB, this crate's choice.
pub(super) const DEFAULT: usize = 16 * 1024 * 1024;

/// Default of the maximum size of an event in bytes, for clients: this crate's choice.
pub(crate) const EVENT_LIMIT: usize = 16 * 1024 * 1024;

/// A line or an event exceeds the limit. The decoder yields no data after it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{what} is longer than {limit} bytes")]
#[non_exhaustive]
pub struct LimitExceeded {
    /// The subject of the limit: `a line` or `an event`.
    pub what: &'static str,
    /// The limit in bytes.
    pub limit: usize,
}
