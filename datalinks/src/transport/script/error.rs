//! Failures of a connection by a script.

use std::fmt;

/// Why a script brings no response.
#[derive(Debug)]
pub(crate) enum ScriptError {
    /// A reply stands for a connection that is not made.
    NoConnection,
    /// A reply stands for a connection that closes before the response.
    Closed,
    /// No reply is left for a request.
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
