//! What can go wrong with a model.

use std::io;
use std::path::PathBuf;

use http::StatusCode;

use crate::response::Problem;

/// Why a model gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModelError {
    #[error("the model at {url} gave no answer for `{purpose}`: {what}")]
    Failed { url: String, purpose: &'static str, what: String, transient: bool },
    #[error(
        "none of the model's {answers} answers for `{purpose}` can be used; the last one: {why}; try again, or \
         start the emulator with another model"
    )]
    Unusable { purpose: &'static str, answers: usize, why: String },
    #[error(
        "no cassette holds an answer for `{purpose}` to the question {hash}: {} does not exist; record it with the \
         model, or ask what was recorded",
        .file.display()
    )]
    Missing { purpose: &'static str, hash: String, file: PathBuf },
    #[error("the cassette {} cannot be {what}: {why}; mend it, or record it anew", .file.display())]
    Cassette { file: PathBuf, what: &'static str, why: String },
    #[error("a question for `{purpose}` cannot be written as JSON: {source}; report this as a defect")]
    Unwritable { purpose: &'static str, source: serde_json::Error },
}

impl ModelError {
    /// Whether the same question may succeed later: the network, a rate limit or the model's server failed.
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

/// Why an emulator cannot be given this model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelSetupError {
    /// The URL is none that a model could be asked at.
    #[error(
        "{0:?} is no URL of a model; give the one that `/chat/completions` is appended to, such as \
         http://127.0.0.1:11434/v1, without user, query or fragment"
    )]
    InvalidUrl(String),
    /// The key cannot stand in a header.
    #[error("the model's key must be visible ASCII; choose another one")]
    InvalidKey,
    /// There is nothing to record.
    #[error("cassettes are to be recorded, but there is no model; give a model URL, or replay them")]
    NothingToRecord,
    /// The folder of the cassettes cannot be had.
    #[error("the folder of cassettes {} cannot be used; name one that can be read and written", .dir.display())]
    Folder {
        /// The folder asked for.
        dir: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// No HTTP client could be made.
    #[error("no client can be made to ask the model with")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}
