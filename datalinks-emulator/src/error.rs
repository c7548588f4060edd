//! Errors of starting and running an emulator.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::models::ModelSetupError;
use crate::persistence::DataDirError;
use crate::response::debug_error::debug_as_sentence;

/// The error of an emulator that did not start.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// An API key is empty or contains a character that a header cannot contain.
    #[error("the API key must be visible ASCII and not empty; choose another one")]
    InvalidApiKey,
    /// The size of parts is 0 bytes.
    #[error("the part size is 0; choose at least 1 byte")]
    InvalidPartSize,
    /// The user name is reserved or contains a character that identifiers do not allow.
    #[error("{0:?} cannot be a username; choose one that is not empty, not `self` and has no `/` or `.`")]
    InvalidUsername(String),
    /// Two users have the same name or the same key.
    #[error("the user {0:?} has the name or the key of another user; give each user a unique name and key")]
    DuplicateUser(String),
    /// Other hosts can reach the address, and this was not allowed.
    #[error(
        "{0} can be reached from other hosts; use a loopback address, or allow it with `allow_other_hosts` (--allow-other-hosts)"
    )]
    NotLoopback(SocketAddr),
    /// Other hosts can reach the address and could use the published default key.
    #[error(
        "{0} can be reached from other hosts, and the default key is published; choose another key with `api_key` \
         (--api-key)"
    )]
    PublicKey(SocketAddr),
    /// A host name is allowed that other hosts may use together with the published default key.
    #[error(
        "requests to the allowed host {0:?} may come from other hosts, and the default key is published; choose another key \
         with `api_key` (--api-key)"
    )]
    PublicKeyByHost(String),
    /// The allowed host is neither a valid host name nor an IP address.
    #[error(
        "{0:?} cannot be a host; use a name or an IP address, with or without a port, such as `box.example`"
    )]
    InvalidHost(String),
    /// The address cannot be bound.
    #[error("cannot listen on {address}; use port 0 for any free one")]
    #[non_exhaustive]
    Bind {
        /// The requested address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The model or the cassettes cannot be used.
    #[error(transparent)]
    Model(#[from] ModelSetupError),
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The thread or the runtime of the server cannot be created.
    #[error("cannot start the server's thread")]
    Start(#[source] io::Error),
}

/// The error of an emulator whose server failed. [`Emulator::stopped`](crate::Emulator::stopped) returns it.
#[derive(Clone, Eq, PartialEq, thiserror::Error)]
#[error("the emulator stopped serving: {reason}; start it again, and report this as a defect")]
pub struct Stopped {
    reason: String,
}

impl Stopped {
    pub(crate) fn new(reason: impl fmt::Display) -> Self {
        Self { reason: reason.to_string() }
    }
}

debug_as_sentence!(EmulatorError, Stopped);

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn debug_is_a_sentence_with_the_causes() {
        let cause = || io::Error::other("permission denied");
        let address = SocketAddr::from(([127, 0, 0, 1], 7));
        let bind = EmulatorError::Bind { address, source: cause() };
        let expected = "cannot listen on 127.0.0.1:7; use port 0 for any free one: permission denied";
        assert_eq!(format!("{bind:?}"), expected);
        let dir = PathBuf::from("cassettes");
        let model = EmulatorError::from(ModelSetupError::Directory { dir, source: cause() });
        let expected = "the cassette directory cassettes cannot be used; use a directory that can be read and written: \
                        permission denied";
        assert_eq!(format!("{model:?}"), expected);
        for error in [EmulatorError::InvalidPartSize, DataDirError::InUse("state".into()).into()] {
            assert_eq!(format!("{error:?}"), error.to_string());
        }
        let stopped = Stopped::new("a panic");
        assert_eq!(format!("{stopped:?}"), stopped.to_string());
    }
}
