//! The end of patience with a hostile stream.

/// Bytes of one line or event that are read, unless set otherwise: 16 MiB, this crate's choice.
pub(super) const DEFAULT: usize = 16 * 1024 * 1024;

/// The longest event that is read, in bytes, unless set: this crate's choice.
pub(crate) const EVENT_LIMIT: usize = 16 * 1024 * 1024;

/// A line or an event is longer than the limit. The decoder gives nothing after it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{what} is longer than {limit} bytes")]
#[non_exhaustive]
pub struct LimitExceeded {
    /// What is too long.
    pub what: &'static str,
    /// The limit, in bytes.
    pub limit: usize,
}
