//! The right to work on a run.

use crate::persistence::next_version;

/// The right to work on one run. A run has at most one lease: a later one replaces an earlier one, whose holder stops
/// at its next checkpoint.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Lease(u64);

impl Lease {
    /// Creates a lease that differs from all earlier leases.
    pub(crate) fn new() -> Self {
        Self(next_version())
    }
}

/// The reason why a lease no longer holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Lost {
    /// The run was deleted.
    Deleted,
    /// Another lease replaced the lease, or the state of the emulator was replaced.
    Superseded,
}
