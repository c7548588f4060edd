//! Errors of a model and of its configuration.

use std::io;
use std::path::PathBuf;

use http::StatusCode;

use crate::response::{Problem, debug_error::debug_as_sentence};

/// The reason why a model returned no usable reply.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModelError {
    #[error("the model at {url} returned no reply for `{purpose}`: {what}")]
    Failed { url: String, purpose: &'static str, what: String, transient: bool },
    #[error(
        "none of the model's {answers} replies for `{purpose}` can be used; the last one: {why}; try again, or \
         start the emulator with another model"
    )]
    Unusable { purpose: &'static str, answers: usize, why: String },
    #[error(
        "no cassette contains a reply for `{purpose}` to the request {hash}: {} does not exist; record it with the \
         model, or send a recorded request",
        .file.display()
    )]
    Missing { purpose: &'static str, hash: String, file: PathBuf },
    #[error("the cassette {} cannot be {what}: {why}; repair it, or record it again", .file.display())]
    Cassette { file: PathBuf, what: &'static str, why: String },
    #[error("a request for `{purpose}` cannot be serialized as JSON: {source}; report this as a defect")]
    Unwritable { purpose: &'static str, source: serde_json::Error },
}

impl ModelError {
    /// Returns `true` if a retry may succeed, because the network, a rate limit or the model's server caused the
    /// failure.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Failed { transient: true, .. })
    }
}

impl From<ModelError> for Problem {
    fn from(error: ModelError) -> Self {
        let (status, code) = match error {
            ModelError::Failed { .. } | ModelError::Unusable { .. } => {
                (StatusCode::BAD_GATEWAY, "MODEL_FAILED")
            }
            ModelError::Missing { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "CASSETTE_MISSING"),
            ModelError::Cassette { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "CASSETTE_BROKEN"),
            ModelError::Unwritable { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
        };
        Self::new(status, code, error.to_string())
    }
}

/// The error of an invalid or unusable model configuration.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ModelSetupError {
    /// The URL is not a valid base URL of a model's API.
    #[error(
        "{0:?} is not a valid model URL; use the URL that `/chat/completions` is appended to, such as \
         http://127.0.0.1:11434/v1, without user, query or fragment"
    )]
    InvalidUrl(String),
    /// The key contains characters that a header value must not contain.
    #[error("the model's key must be visible ASCII; use another key")]
    InvalidKey,
    /// Cassettes are to be recorded, but no model is configured.
    #[error("cassettes are to be recorded, but no model is configured; set a model URL, or replay cassettes")]
    NothingToRecord,
    /// The directory of the cassettes cannot be used.
    #[error("the cassette directory {} cannot be used; use a directory that can be read and written", .dir.display())]
    #[non_exhaustive]
    Directory {
        /// The configured directory.
        dir: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A cassette is a named pipe, a directory or another entry that is not a regular file.
    #[error(
        "the cassette {} is not a regular file; remove it from the directory, or put a file with a recorded reply in its \
         place",
        .file.display()
    )]
    #[non_exhaustive]
    NotAFile {
        /// The path of the entry.
        file: PathBuf,
    },
    /// The HTTP client cannot be created.
    #[error("the HTTP client for the model cannot be created")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

debug_as_sentence!(ModelSetupError);
