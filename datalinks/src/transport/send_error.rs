//! Failures of a single request, by an HTTP client or by a script.

use std::{error::Error as StdError, fmt};

use super::script::ScriptError;

/// The error of a request without a response, or of a response without its next chunk.
#[derive(Debug)]
pub(crate) enum SendError {
    Http(reqwest::Error),
    Script(ScriptError),
}

impl SendError {
    /// Returns `true` if no connection was made.
    pub(crate) fn is_connect(&self) -> bool {
        match self {
            Self::Http(error) => error.is_connect(),
            Self::Script(error) => matches!(error, ScriptError::NoConnection),
        }
    }

    /// Returns `true` if no connection was made because the certificate of the server was rejected, by rustls or by OpenSSL:
    /// its authority is unknown, it has expired, or it is for another host.
    pub(crate) fn is_untrusted_server(&self) -> bool {
        const REJECTED: [&str; 2] = ["invalid peer certificate", "certificate verify failed"];
        let mut cause: Option<&(dyn StdError + 'static)> = Some(self);
        while let Some(error) = cause.filter(|_| self.is_connect()) {
            let text = error.to_string();
            if REJECTED.iter().any(|rejected| text.contains(rejected)) {
                return true;
            }
            cause = error.source();
        }
        false
    }

    /// Returns `true` if the request cannot be built.
    pub(crate) fn is_builder(&self) -> bool {
        matches!(self, Self::Http(error) if error.is_builder())
    }

    /// Returns the message of a script about a request that it does not expect, or `None` for other errors.
    pub(crate) fn unexpected(&self) -> Option<&str> {
        match self {
            Self::Script(ScriptError::Unexpected(what)) => Some(what),
            _ => None,
        }
    }

    /// Returns the inner error, as a cause.
    pub(crate) fn into_cause(self) -> Box<dyn StdError + Send + Sync> {
        match self {
            Self::Http(error) => error.into(),
            Self::Script(error) => error.into(),
        }
    }

    /// Removes the URL, which the context of the call adds without its query.
    pub(crate) fn without_url(self) -> Self {
        match self {
            Self::Http(error) => Self::Http(error.without_url()),
            error @ Self::Script(_) => error,
        }
    }
}

impl From<reqwest::Error> for SendError {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error)
    }
}

// Displays the inner error, and has its source, so that the chain of causes contains it once.
impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(error) => error.fmt(f),
            Self::Script(error) => error.fmt(f),
        }
    }
}

impl StdError for SendError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Http(error) => error.source(),
            Self::Script(error) => error.source(),
        }
    }
}
