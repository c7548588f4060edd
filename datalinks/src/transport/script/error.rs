//! Errors of a script in place of a connection.

use std::fmt;

/// The reason for a missing response.
#[derive(Debug)]
pub(crate) enum ScriptError {
    /// The reply is a failed connection.
    NoConnection,
    /// The reply is a connection that closes before the response.
    Closed,
    /// The script has no reply for the request. Contains the message.
    Unexpected(String),
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoConnection => "the script makes no connection",
            Self::Closed => "the script closes the connection",
            Self::Unexpected(what) => what,
        })
    }
}

impl std::error::Error for ScriptError {}
