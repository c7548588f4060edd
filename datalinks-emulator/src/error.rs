//! Why an emulator does not start, or does not go on.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::models::ModelSetupError;
use crate::persistence::DataDirError;

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// The key cannot stand in a header.
    #[error("the API key must be visible ASCII and not empty; choose another one")]
    InvalidApiKey,
    /// A file cannot be cut into parts without size.
    #[error("the part size is 0; choose at least 1 byte")]
    InvalidPartSize,
    /// The name means something else or cannot stand in an identifier.
    #[error("{0:?} cannot be a username; choose one that is not empty, not `self` and has no `/` or `.`")]
    InvalidUsername(String),
    /// Two users have the same name or the same key.
    #[error(
        "the user {0:?} has the name or the key of another one; give each user names and keys of their own"
    )]
    DuplicateUser(String),
    /// Other hosts could reach the address.
    #[error(
        "{0} can be reached from other hosts; use a loopback address, or allow it with `allow_other_hosts` (--allow-other-hosts)"
    )]
    NotLoopback(SocketAddr),
    /// Other hosts could use the published default key.
    #[error(
        "{0} can be reached from other hosts, and the default key is published; choose another key with `api_key` \
         (--api-key)"
    )]
    PublicKey(SocketAddr),
    /// Others could use the published default key by a host name that was allowed.
    #[error(
        "requests by the allowed host {0:?} may come from other hosts, and the default key is published; choose another key \
         with `api_key` (--api-key)"
    )]
    PublicKeyByHost(String),
    /// The name cannot be that of a host.
    #[error(
        "{0:?} cannot be a host; write a name or an IP address, with a port or without, such as `box.example`"
    )]
    InvalidHost(String),
    /// The address cannot be had.
    #[error("cannot listen on {address}; use port 0 for any free one")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The model or its cassettes cannot be used.
    #[error(transparent)]
    Model(#[from] ModelSetupError),
    /// The folder of the state cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The operating system gave no thread or no runtime.
    #[error("cannot start the server's thread")]
    Start(#[source] io::Error),
}

/// The error of an emulator that stopped serving although nobody asked it to.
///
/// [`Emulator::stopped`](crate::Emulator::stopped) returns it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the emulator stopped serving: {reason}; start it again, and report this as a defect")]
pub struct Stopped {
    reason: String,
}

impl Stopped {
    pub(crate) fn new(reason: impl fmt::Display) -> Self {
        Self { reason: reason.to_string() }
    }
}
